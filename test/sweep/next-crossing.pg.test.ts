/** What a look says of the next crossing, to the millisecond, by a clock that the test sets. */
import { afterEach, expect, test } from 'vitest';
import { Registry } from '../../src/followed/registry.ts';
import { Prober } from '../../src/sweep/prober.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: SweepWorld;
afterEach(() => world.end());

/** Milliseconds until the next crossing, as far as a look ahead knows. */
async function next(
  ahead: number,
): Promise<{ readonly crossing: number; readonly next: number | undefined; readonly overrides: boolean }> {
  const { edges } = await new Registry(world.catalogue).current(world.pool);
  const client = await world.pool.connect();
  try {
    const probed = await new Prober(world.catalogue, edges.byId, 't', undefined, () => 0).probe(client, ahead);
    return { crossing: probed.crossing.length, next: probed.next, overrides: probed.overrides };
  } finally {
    client.release(true);
  }
}

const NOTHING = { crossing: 0, next: undefined, overrides: false };

test('the first of the rows to come, within what was asked, and no row that crossed before', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.create('seen', { in_last: [{ var: 'seen_at' }, 1, 'minute'] });
  await world.query(
    `insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:58:59Z'), (2, '2024-05-15T11:59:00.25Z'), (3, '2024-05-15T11:59:07Z'), (4, '2024-05-15T12:30:00Z')`,
  );
  await world.settle();
  expect(await next(249)).toEqual(NOTHING);
  expect(await next(250)).toEqual({ ...NOTHING, next: 250 });
  expect(await next(HOUR)).toEqual({ ...NOTHING, next: 250 });
  await world.at('2024-05-15T12:00:00.25Z');
  // The row that has crossed stands before those to come.
  expect(await next(HOUR)).toEqual({ ...NOTHING, crossing: 1, next: 30 * MINUTE - 250 });
  await world.settle();
  expect(await next(HOUR)).toEqual({ ...NOTHING, next: 6_750 });
  await world.at('2024-05-15T12:10:00Z');
  await world.settle();
  // The other end of the window: a row of the future becomes present.
  expect(await next(HOUR)).toEqual({ ...NOTHING, next: 20 * MINUTE });
  await world.exact();
});

test('wall clocks, in their zone', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.create('local', { in_last: [{ var: 'local_at' }, 1, 'hour'] });
  // Havana is four hours behind in May.
  await world.query(`insert into public.contacts (id, local_at) values (1, '2024-05-15T07:00:20')`);
  await world.settle();
  expect(await next(MINUTE)).toEqual({ ...NOTHING, next: 20_000 });
  await world.at('2024-05-15T12:00:20Z');
  expect(await next(MINUTE)).toMatchObject({ crossing: 1 });
});

test('the minute before a zone sets its clock back says nothing false', async () => {
  world = await sweepWorld();
  // Havana: 2024-11-03 01:00 comes twice, first at 05:00Z as summer time.
  await world.at('2024-11-03T04:59:30Z');
  await world.create('local', { in_last: [{ var: 'local_at' }, 1, 'minute'] });
  await world.query(
    `insert into public.contacts (id, local_at) values (1, '2024-11-03T00:30:00'), (2, '2024-11-02T22:30:00')`,
  );
  await world.settle();
  // The row at 00:30 is in the window again once the clock was set back.
  expect(await next(MINUTE)).toMatchObject({ crossing: 0, overrides: false });
  await world.at('2024-11-03T05:30:30Z');
  await world.settle();
  await world.exact();
});

test('days: the zone’s next midnight', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T21:59:30Z');
  await world.create('renews', { in_last: [{ var: 'renews_on' }, 3, 'day'] });
  await world.create('born', { '>=': [{ age: [{ var: 'born' }] }, 18] });
  await world.settle();
  expect(await next(29_999)).toEqual(NOTHING);
  // Midnight of Madrid; no row is read for it.
  expect(await next(MINUTE)).toEqual({ ...NOTHING, next: 30_000 });
  await world.at('2024-05-15T22:00:00Z');
  expect((await next(MINUTE)).crossing).toBeGreaterThan(0);
  await world.settle();
  expect(await next(HOUR)).toEqual(NOTHING);
});

test('an override that ends', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.create('seen', { in_last: [{ var: 'seen_at' }, 1, 'minute'] });
  await world.query('insert into public.contacts (id) values (1)');
  await world.settle();
  await world.query(
    `insert into segmentd.override (segment_id, contact_id, kind, expires_at) select s.id, 1, 'include', '2024-05-15T12:00:40Z' from segmentd.segment s`,
  );
  await world.settle();
  expect(await next(MINUTE)).toEqual({ ...NOTHING, next: 40_000 });
  await world.at('2024-05-15T12:00:40Z');
  expect(await next(MINUTE)).toEqual({ ...NOTHING, overrides: true });
});

test('while a clock that was set back stands still, the next crossing is as far away as the clock says', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.create('seen', { in_last: [{ var: 'seen_at' }, 1, 'minute'] });
  await world.query(
    `insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:58:00Z'), (2, '2024-05-15T11:59:00.001Z')`,
  );
  await world.settle();
  // A sweep raises the highest instant that was used.
  await world.query(`update public.contacts set seen_at = '2024-05-15T11:59:00Z' where id = 1`);
  await world.at('2024-05-15T12:00:00.0005Z');
  await world.settle();
  await world.at('2024-05-15T11:00:00Z');
  expect(await next(2 * HOUR)).toMatchObject({ crossing: 0, next: HOUR + 1 });
});

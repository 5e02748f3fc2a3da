import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

let world: SweepWorld;
beforeAll(async () => {
  world = await sweepWorld();
});
afterAll(() => world.end());

test('a contact leaves a window at its edge, to the microsecond, though no row changed', async () => {
  await world.at('2024-05-15T12:00:00Z');
  await world.query(
    `insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:59:30.000001Z'), (2, '2024-05-15T12:00:30Z'), (3, null), (4, 'infinity'), (5, '-infinity')`,
  );
  await world.create('recent', { in_last: [{ var: 'seen_at' }, 1, 'minute'] });
  await world.settle();
  expect(await world.members('recent')).toEqual(['1']);
  await world.at('2024-05-15T12:00:30Z');
  await world.settle();
  expect(await world.members('recent')).toEqual(['1', '2']);
  await world.at('2024-05-15T12:00:30.000001Z');
  await world.settle();
  expect(await world.members('recent')).toEqual(['2']);
  await world.at('2024-05-15T12:01:29.999999Z');
  await world.settle();
  expect(await world.members('recent')).toEqual(['2']);
  await world.at('2024-05-15T12:01:30Z');
  await world.settle();
  expect(await world.members('recent')).toEqual([]);
  const events = await world.query(
    `select contact_id::text as c, kind, reason from segmentd.membership_event order by id`,
  );
  expect(events).toEqual([
    { c: '1', kind: 'entered', reason: 'edit' },
    { c: '2', kind: 'entered', reason: 'time' },
    { c: '1', kind: 'left', reason: 'time' },
    { c: '2', kind: 'left', reason: 'time' },
  ]);
  await world.exact();
});

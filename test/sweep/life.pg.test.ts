/** Edges over the life of segments: downtime, pauses, edits, deletes, builds side by side, clocks that go back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { planVersion, type VersionPlan } from '../../src/followed/plan.ts';
import { openBuild } from '../../src/rebuild/barrier.ts';
import { Registry } from '../../src/followed/registry.ts';
import { acceptClock } from '../../src/sweep/accept-clock.ts';
import { prune } from '../../src/sweep/prune-edges.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { acceptVersions } from '../../src/lifecycle/accept.ts';
import type { Client } from '../../src/postgres/pool.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const NOON = '2024-05-15T12:00:00Z';
const seen = { in_last: [{ var: 'seen_at' }, 1, 'hour'] };
const quiet = { before_last: [{ var: 'seen_at' }, 1, 'hour'] };

let world: SweepWorld;
let clients: Client[] = [];
beforeEach(async () => {
  world = await sweepWorld();
  await world.at(NOON);
});
afterEach(async () => {
  for (const client of clients) client.release(true);
  clients = [];
  await world.end();
});

async function client(): Promise<Client> {
  const made = await world.pool.connect();
  clients.push(made);
  return made;
}

async function edges(): Promise<{ seconds: number; watermark: string }[]> {
  return world.query(
    `select (e.definition -> 'boundary' ->> 'seconds')::int as seconds, to_char(e.watermark at time zone 'UTC', 'MM-DD HH24:MI:SS') as watermark from segmentd_internal.edge e order by 1`,
  );
}

test('crossings of a time without sweeps come in batches, and rows at one instant are never split', async () => {
  await world.query(
    `insert into public.contacts (id, seen_at) select n, '2024-05-15T13:00:00Z'::timestamptz + (n / 10) * interval '1 second' from generate_series(0, 999) n`,
  );
  await world.create('seen', seen);
  await world.settle();
  await world.at('2025-06-15T12:00:00Z');
  const registry = new Registry(world.catalogue);
  const own = await client();
  const batches: number[] = [];
  for (;;) {
    const { edges: followed } = await registry.current(own);
    const swept = await sweep(
      own,
      world.catalogue,
      [...followed.byId].map(([id, edge]) => ({ id, edge })),
      { batchSize: 250 },
    );
    if (swept.queued === 0) break;
    batches.push(swept.queued);
    // Both edges take their share: 125 rows, and those at the same instant as the last.
    expect(swept.queued).toBeLessThanOrEqual(2 * 130);
    expect(swept.queued % 10).toBe(0);
  }
  expect(batches.reduce((sum, one) => sum + one, 0)).toBe(2_000);
  expect(batches.length).toBeGreaterThan(6);
  await world.settle();
  expect(await world.members('seen')).toEqual([]);
  await world.exact();
});

test('more rows at one instant than a batch are swept together', async () => {
  await world.query(
    `insert into public.contacts (id, seen_at) select n, '2024-05-15T12:30:00Z' from generate_series(1, 500) n`,
  );
  await world.create('seen', seen);
  await world.settle();
  await world.at('2024-05-15T12:30:00Z');
  const own = await client();
  const { edges: followed } = await new Registry(world.catalogue).current(own);
  const swept = await sweep(
    own,
    world.catalogue,
    [...followed.byId].map(([id, edge]) => ({ id, edge })),
    { batchSize: 10 },
  );
  expect(swept.queued).toBe(500);
  await world.settle();
  expect((await world.members('seen')).length).toBe(500);
});

test('when a wall clock runs back, contacts that an hour let in leave again, though they were evaluated in between', async () => {
  // 2024-11-03 05:00Z: Havana goes from 01:00 back to 00:00.
  await world.at('2024-11-03T04:10:00Z');
  await world.query(
    `insert into public.contacts (id, local_at) values (1, '2024-11-03 00:30'), (2, '2024-11-03 00:05'), (3, '2024-11-03 00:59:59.999999')`,
  );
  await world.create('past', { before_last: [{ var: 'local_at' }, 1, 'minute'] });
  await world.settle();
  expect(await world.members('past')).toEqual(['2']);
  // Only a drain looks before the clock goes back: nothing is swept.
  await world.at('2024-11-03T04:59:59Z');
  await world.query(`update public.contacts set country = 'CU', local_at = '2024-11-03 00:30:00.000001' where id = 1`);
  await world.settle();
  expect(await world.members('past')).toEqual(['1', '2']);
  await world.query(`update segmentd_internal.edge set watermark = '2024-11-03T04:10:00Z'`);
  await world.at('2024-11-03T05:11:00Z');
  await world.settle();
  expect(await world.members('past')).toEqual(['2']);
  await world.at('2024-11-03T05:31:00.000001Z');
  await world.settle();
  expect(await world.members('past')).toEqual(['1', '2']);
});

test('days are swept at the local midnight, and after a month of silence rebuilt', async () => {
  await world.query(
    `insert into public.contacts (id, renews_on) select n, date '2024-05-01' + n from generate_series(0, 99) n`,
  );
  await world.create('soon', { in_period: [{ var: 'renews_on' }, 'day', 1] });
  await world.settle();
  expect(await world.members('soon')).toEqual(['15']);
  await world.at('2024-05-15T21:59:59.999999Z');
  await world.settle();
  expect(await world.members('soon')).toEqual(['15']);
  await world.at('2024-05-15T22:00:00Z');
  await world.settle();
  expect(await world.members('soon')).toEqual(['16']);
  await world.at('2024-05-20T12:00:00Z');
  await world.settle();
  expect(await world.members('soon')).toEqual(['20']);
  const builds = async (): Promise<unknown> => world.query(`select epoch, reason from segmentd_internal.build`);
  expect(await builds()).toEqual([{ epoch: 1, reason: 'edit' }]);
  await world.at('2024-07-20T12:00:00Z');
  await world.settle();
  expect(await world.members('soon')).toEqual(['81']);
  expect(await builds()).toEqual([{ epoch: 2, reason: 'time' }]);
  await world.exact();
});

test('a segment that was paused while rows crossed is right when it is resumed', async () => {
  await world.query(
    `insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:30:00Z'), (2, '2024-05-15T12:30:00Z')`,
  );
  await world.create('seen', seen);
  await world.settle();
  await world.query(`update segmentd.segment set wanted_state = 'paused'`);
  await world.settle();
  await world.at('2024-05-15T12:45:00Z');
  await world.settle();
  expect(await world.members('seen')).toEqual(['1']);
  await world.query(`update segmentd.segment set wanted_state = 'live'`);
  await world.settle();
  expect(await world.members('seen')).toEqual(['2']);
  await world.at('2024-05-15T13:30:00Z');
  await world.settle();
  expect(await world.members('seen')).toEqual([]);
  await world.exact();
});

test('an edit creates its edges and removes the old ones with the flip; a delete leaves none', async () => {
  await world.query(`insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:30:00Z')`);
  await world.create('one', seen);
  await world.settle();
  expect(await edges()).toEqual([
    { seconds: -3600, watermark: '05-15 12:00:00' },
    { seconds: 0, watermark: '05-15 12:00:00' },
  ]);
  await world.edit('one', { before_last: [{ var: 'seen_at' }, 2, 'hour'] });
  await world.at('2024-05-15T12:10:00Z');
  await world.settle();
  expect(
    (await world.query('select version from segmentd_internal.segment_edge')).map((row) => row['version']),
  ).toEqual([2]);
  const own = await client();
  expect(await prune(own)).toMatchObject({ removed: 2 });
  expect(await edges()).toEqual([{ seconds: -7200, watermark: '05-15 12:10:00' }]);
  await world.query(`delete from segmentd.segment where key = 'one'`);
  await world.settle();
  expect(await prune(own)).toEqual({ removed: 1, moved: 0 });
});

test('an edge that only a paused segment uses moves on without sweeping', async () => {
  await world.query(`insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:30:00Z')`);
  await world.create('one', seen);
  await world.settle();
  await world.query(`update segmentd.segment set wanted_state = 'paused'`);
  await world.settle();
  await world.at('2024-05-16T12:00:00Z');
  const own = await client();
  expect(await prune(own)).toEqual({ removed: 0, moved: 2 });
  expect((await edges()).map((edge) => edge.watermark)).toEqual(['05-16 12:00:00', '05-16 12:00:00']);
  expect(await world.query('select from segmentd_internal.change')).toEqual([]);
});

test('two barriers that create the same edges do not deadlock, and a barrier does not wait for the pruner', async () => {
  for (let round = 0; round < 10; round += 1) {
    const plans: VersionPlan[] = [];
    for (const name of ['a', 'b']) {
      const condition = {
        or: [
          seen,
          { in_next: [{ var: 'seen_at' }, round + 2, 'hour'] },
          { in_last: [{ var: 'seen_at' }, round + 2, 'hour'] },
        ],
      };
      await world.create(`${name}-${round}`, condition);
    }
    await acceptVersions(world.pool, world.catalogue);
    const rows = await world.query<{ id: number; condition: unknown }>(
      `select s.id, s.condition from segmentd.segment s where s.key like '%-${round}' order by s.id desc`,
    );
    for (const { id, condition } of rows) {
      const planned = planVersion(world.catalogue, { segmentId: id, version: 1, condition, timezone: null });
      if (planned.ok) plans.push(planned.plan);
    }
    const [one, two] = [await client(), await client()];
    const open = (own: Client, plan: VersionPlan | undefined) =>
      plan &&
      openBuild(own, { id: plan.id, key: '', liveVersion: null, reason: 'edit', catalogue: world.catalogue, plan }, 1);
    const builds = await Promise.all([open(one, plans[0]), open(two, plans[1]), prune(await client())]);
    expect(builds.slice(0, 2).map((build) => build !== undefined)).toEqual([true, true]);
    for (const own of clients) own.release(true);
    clients = [];
    const linked = await world.query(
      `select segment_id, count(*)::int as edges from segmentd_internal.segment_edge where segment_id = any ($1) group by 1`,
      [rows.map((row) => row.id)],
    );
    expect(linked.map((row) => row['edges'])).toEqual([4, 4]);
  }
});

test('a segment from before edges were kept is rebuilt and gets its edges', async () => {
  await world.query(`insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:30:00Z')`);
  await world.create('seen', seen);
  await world.settle();
  await world.query('delete from segmentd_internal.segment_edge');
  await world.query('delete from segmentd_internal.edge');
  await world.query('update segmentd_internal.installation set generation = generation + 1');
  await world.at('2024-05-15T12:40:00Z');
  await world.settle();
  expect(await world.members('seen')).toEqual([]);
  expect((await edges()).length).toBe(2);
});

test('doctor names a clock that went back, time stands still, and the clock can be accepted', async () => {
  await world.query(
    `insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:30:00Z'), (2, '2024-05-15T10:45:00Z')`,
  );
  await world.create('seen', seen);
  await world.create('quiet', quiet);
  await world.settle();
  await world.at('2024-05-15T14:00:00Z');
  await world.settle();
  expect(await world.members('quiet')).toEqual(['1', '2']);
  await world.at('2024-05-15T11:40:00Z');
  await world.settle();
  expect(await world.members('quiet')).toEqual(['1', '2']);
  expect(
    (await doctor(world.pool, world.catalogue))
      .filter((finding) => finding.fix === 'segmentd doctor --accept-clock')
      .map((finding) => finding.sentence),
  ).toEqual([expect.stringContaining('is 2 hours behind')]);
  expect(await acceptClock(world.pool)).toBe(2);
  await world.settle();
  expect(await world.members('seen')).toEqual(['1', '2']);
  expect(await world.members('quiet')).toEqual([]);
  await world.exact();
  await world.at('2024-05-15T11:45:00Z');
  await world.settle();
  expect(await world.members('seen')).toEqual(['1']);
  expect(await acceptClock(world.pool)).toBe(0);
});

test('a link that no key can equal stops no other contact', async () => {
  const narrow = await sweepWorld({
    tables: `create table public.contacts (id integer primary key);
      create table public.orders (id bigint primary key, contact_id bigint, placed_at timestamptz); create index on public.orders (contact_id); create index on public.orders (placed_at);`,
    config: `
contacts: { table: public.contacts, key: id }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
timezone: UTC
`,
    keyType: 'integer',
  });
  try {
    await narrow.at(NOON);
    await narrow.query(`insert into public.contacts values (1); alter table public.orders disable trigger user;
      insert into public.orders values (1, 1, '2024-05-15T12:30:00Z'), (2, 3000000000, '2024-05-15T12:30:00Z'), (3, null, '2024-05-15T12:30:00Z')`);
    await narrow.create('placed', { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 1, 'hour'] }] });
    await narrow.settle();
    await narrow.at('2024-05-15T12:30:00Z');
    await narrow.settle();
    expect(await narrow.members('placed')).toEqual(['1']);
  } finally {
    await narrow.end();
  }
});

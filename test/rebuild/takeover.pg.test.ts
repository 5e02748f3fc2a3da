/** Two builders of one segment: a stalled job that runs twice is normal. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { play } from '../race/schedule.ts';
import { until } from '../support/until.ts';
import { castOf, type Cast } from '../support/world-actor.ts';
import { adult, spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let cast: Cast;

beforeAll(async () => {
  world = await createWorld();
  cast = castOf(world);
});
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10), (4, 'FR', 5)`;

test('clearing up after a build leaves the next build of the same segment its stage', async () => {
  await world.begin(PEOPLE, { one: spanish });
  await world.want({ one: adult });
  await world.code.acceptVersions(world.pool, world.catalogue);
  const B1 = await cast.rebuild('B1', { steps: ['flipped'] });
  const E = await cast.write(
    'E',
    `update segmentd.segment set condition = '{"==":[{"var":"country"},"FR"]}' where key = 'one'`,
  );
  const A = await cast.accept('A');
  const B2 = await cast.rebuild('B2', { steps: ['chunk'] });
  await play(world.pool, [B1, E, A, B2], ['B1', 'E', 'E', 'A', 'B2', 'B1', 'B2']);
  await world.settle();
  await world.exact();
});

test('a chunk is tried again when the row of its build is held for longer than a lock is waited for', async () => {
  await world.begin(PEOPLE, { one: spanish });
  await world.want({ one: adult });
  await world.code.acceptVersions(world.pool, world.catalogue);
  const pool = await world.workerPool('chunks');
  const holder = await world.pool.connect();
  try {
    const rebuilt = world.code.rebuildOwed(pool, new world.code.Registry(world.catalogue), {
      connections: 2,
      wait: async () => {},
      at: async (step) => {
        if (step === 'barrier') await holder.query('begin; select from segmentd_internal.build for update');
      },
    });
    const tries = new Set<string>();
    await until(async () => {
      const { rows } = await world.pool.query<{ began: string }>(
        `select a.xact_start::text as began from pg_stat_activity a where a.datname = current_database() and a.wait_event_type = 'Lock' and a.query like '%update segmentd_internal.build b%'`,
      );
      for (const { began } of rows) tries.add(began);
      return tries.size > 1;
    });
    await holder.query('commit');
    expect(await rebuilt).toBe(1);
  } finally {
    await holder.query('rollback').catch(() => {});
    holder.release();
  }
  await world.settle();
  await world.exact();
});

test('a rebuild that died is taken over at once, for the reason it was asked for', async () => {
  await world.begin(PEOPLE, { one: spanish });
  await world.pool.query(
    `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
  );
  const pool = await world.workerPool('dying');
  const dying = world.code.rebuildOwed(pool, new world.code.Registry(world.catalogue), {
    connections: 2,
    wait: async () => {},
    at: async (step) => {
      if (step === 'chunk') throw new Error('died');
    },
  });
  await expect(dying).rejects.toThrow('died');
  // Past capture, so that only the rebuild can find it.
  await world.pool.query(
    `begin; set local session_replication_role = replica; update contacts set country = 'ES' where id = 2; commit`,
  );
  await until(async () => {
    await world.settle();
    return (await world.state('one')).state === 'live';
  });
  await world.exact();
  const events = await world.database.query(`select kind, reason from segmentd.membership_event where contact_id = 2`);
  expect(events).toEqual([{ kind: 'entered', reason: 'repair' }]);
});

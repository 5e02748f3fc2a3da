/** Rebuild requests: one for each segment, none for a segment that is away, and the same count in status and metrics. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readBacklog } from '../../src/membership/backlog.ts';
import { statement } from '../../src/postgres/sql-file.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { Registry } from '../../src/followed/registry.ts';
import { askRebuild } from '../../src/segment/ask-rebuild.ts';
import { spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());
beforeEach(() =>
  world.begin(`insert into contacts (id, country) values (1, 'ES')`, { kept: spanish, broken: spanish, away: spanish }),
);

const invalid = (key: string): Promise<unknown> =>
  world.pool.query(
    `with worker as (select set_config('segmentd.worker', 'on', false)) update segmentd.segment set state = 'invalid', error = '{"code": "drift", "issues": []}' from worker where key = $1`,
    [key],
  );
const paused = (key: string): Promise<unknown> =>
  world.pool.query(
    `with worker as (select set_config('segmentd.worker', 'on', false)) update segmentd.segment set state = 'paused', wanted_state = 'paused' from worker where key = $1`,
    [key],
  );
const requests = async (): Promise<unknown[]> =>
  (
    await world.pool.query(
      `select s.key, r.reason from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id order by r.id`,
    )
  ).rows.map(({ key, reason }) => `${key} ${reason}`);
const scraped = async (): Promise<unknown> =>
  (await world.pool.query<{ owed: number }>({ ...statement('metric'), values: [null] })).rows[0]?.owed;

test('a second request adds nothing; for an invalid segment a request means a validation, for a paused one nothing', async () => {
  await invalid('broken');
  await paused('away');
  for (let time = 0; time < 3; time += 1) expect(await askRebuild(world.pool, 'all')).toEqual(['broken', 'kept']);
  expect(await askRebuild(world.pool, 'broken')).toEqual(['broken']);
  await expect(askRebuild(world.pool, 'away')).rejects.toMatchObject({
    code: 'conflict',
    message: 'away is paused; it rebuilds when it is resumed.',
  });
  expect((await requests()).toSorted()).toEqual(['broken repair', 'kept repair']);
});

test('a request inside a transaction is always written: a build that begins meanwhile misses what the transaction wrote before', async () => {
  await askRebuild(world.pool, 'kept');
  await inTransaction(world.pool, {}, (client) => askRebuild(client, 'kept', { inside: true }));
  expect(await requests()).toEqual(['kept repair', 'kept repair']);
});

test('status and metrics count the same segments that will be rebuilt', async () => {
  await paused('away');
  await askRebuild(world.pool, 'all');
  await inTransaction(world.pool, {}, (client) => askRebuild(client, 'all', { inside: true }));
  await invalid('broken');
  expect((await requests()).length).toBe(4);
  expect([(await readBacklog(world.pool)).rebuilds, await scraped()]).toEqual([1, 1]);
});

test('requests of a segment that is away are deleted, and its return requests a rebuild', async () => {
  await askRebuild(world.pool, 'all');
  await paused('away');
  await world.code.carryOutRequests(world.pool, new Registry(world.catalogue));
  expect((await requests()).toSorted()).toEqual(['broken repair', 'kept repair']);
});

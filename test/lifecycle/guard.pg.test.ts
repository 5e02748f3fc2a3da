/** The guard holds edits that move too many members until they are confirmed, and membership follows the live version meanwhile. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Held } from '../../src/rebuild/rebuild-option.ts';
import { exceeds, movementText } from '../../src/lifecycle/guard.ts';
import { untilLive } from '../../src/lifecycle/until-live.ts';
import { adult, everybody, french, none, spanish, within } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

/** Four from Spain, four from France. */
const PEOPLE = `insert into contacts (id, country, age) select i, case when i <= 4 then 'ES' else 'FR' end, i * 10 from generate_series(1, 8) i`;
const GUARD = { percent: 30, members: 2 };

let held: Held[] = [];

/** Validates and builds under the guard, until nothing is owed. */
async function build(at?: (step: string) => Promise<void>): Promise<void> {
  const registry = new world.code.Registry(world.catalogue);
  await world.code.acceptVersions(world.pool, world.catalogue);
  await world.code.carryOutRequests(world.pool, registry);
  await world.code.rebuildOwed(world.pool, registry, {
    wait: async () => {},
    guard: GUARD,
    connections: 2,
    report: { held: (one) => void held.push(one) },
    ...(at ? { at } : {}),
  });
}
const edit = (key: string, condition: unknown) =>
  world.pool.query('update segmentd.segment set condition = $2 where key = $1', [key, JSON.stringify(condition)]);
const confirm = (key: string) =>
  world.pool.query('update segmentd.segment set confirmed_version = version where key = $1', [key]);
const versions = async () =>
  (
    await world.database.query<{ state: string }>(
      'select v.state from segmentd.segment_version v order by v.segment_id, v.version',
    )
  ).map(({ state }) => state);

beforeEach(() => {
  held = [];
});

describe('the limits of the guard', () => {
  test.each([
    [{ entering: 0, leaving: 1_000, members: 1_000 }, false],
    [{ entering: 1, leaving: 1_000, members: 1_000 }, true],
    [{ entering: 600, leaving: 601, members: 4_004 }, false],
    [{ entering: 600, leaving: 601, members: 4_003 }, true],
    [{ entering: 1_001, leaving: 0, members: 0 }, true],
    [{ entering: 1_000, leaving: 0, members: 0 }, false],
  ])('%o exceeds them: %s', (movement, expected) => {
    expect(exceeds(movement, { percent: 30, members: 1_000 })).toBe(expected);
  });

  test('a movement in words', () =>
    expect(movementText({ entering: 1_200, leaving: 30, members: 2_000 })).toBe(
      '1,200 would enter and 30 leave, of 2,000 members now',
    ));
});

test('an edit by plain SQL that moves too many members is held with its numbers, and the live version goes on', async () => {
  await world.begin(PEOPLE, { fresh: spanish, inside: within('fresh') });
  await edit('fresh', french.condition);
  await build();
  expect(held).toMatchObject([{ key: 'fresh', version: 2, entering: 4, leaving: 4, members: 4 }]);
  const error = {
    code: 'held',
    version: 2,
    entering: 4,
    leaving: 4,
    members: 4,
    message: '4 would enter and 4 leave, of 4 members now; it waits to be confirmed.',
  };
  expect(await world.state('fresh')).toMatchObject({ state: 'held', version: 2, live_version: 1, error });
  expect(await world.members('fresh')).toEqual(['1', '2', '3', '4']);

  // contacts go on entering and leaving by the live version, readers of the segment follow
  await world.pool.query(
    `update contacts set country = 'ES' where id = 8; update contacts set country = null where id = 1`,
  );
  await world.settle();
  await world.exact();
  expect(await world.members('fresh')).toEqual(['2', '3', '4', '8']);
  expect(await world.members('inside')).toEqual(['2', '3', '4', '8']);
  await build();
  expect(held, 'it is not built again and again').toHaveLength(1);

  await expect(untilLive(world.pool, 'fresh')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(
      /^fresh version 2 is held: 4 would enter .* segmentd edit fresh --yes lets it through\.$/,
    ),
  });
  await confirm('fresh');
  await build();
  await world.settle();
  await untilLive(world.pool, 'fresh', { timeout: 1_000 });
  expect(await world.state('fresh')).toMatchObject({ state: 'live', version: 2, live_version: 2, error: null });
  expect(await world.members('fresh')).toEqual(['5', '6', '7']);
  await world.exact();
});

test('a version goes live when it is confirmed beforehand, moves few members, or is the first', async () => {
  await world.begin(PEOPLE, { fresh: spanish, small: spanish });
  await world.pool.query(`update segmentd.segment set condition = $1, confirmed_version = 2 where key = 'fresh'`, [
    JSON.stringify(french.condition),
  ]);
  expect(
    (await world.database.query(`select confirmed_version from segmentd.segment where key = 'fresh'`))[0],
    'by the same statement',
  ).toEqual({ confirmed_version: 2 });
  await edit('small', { and: [spanish.condition, { '>=': [{ var: 'age' }, 30] }] });
  await world.want({ first: everybody });
  await build();
  expect(held).toEqual([]);
  expect(await Promise.all(['fresh', 'small', 'first'].map(async (key) => (await world.members(key)).length))).toEqual([
    4, 2, 8,
  ]);
});

test('a confirmation does not count for versions that come later', async () => {
  await world.begin(PEOPLE, { fresh: spanish });
  await world.pool.query(`update segmentd.segment set confirmed_version = 99 where key = 'fresh'`);
  await edit('fresh', french.condition);
  await build();
  expect(await world.state('fresh')).toMatchObject({ state: 'held', version: 2 });
});

test('a rebuild or a pause of a held segment leaves it held', async () => {
  await world.begin(PEOPLE, { fresh: spanish });
  await edit('fresh', none.condition);
  await build();
  await world.pool.query(
    `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
  );
  await build();
  expect(await world.state('fresh')).toMatchObject({
    state: 'held',
    live_version: 1,
    error: { code: 'held', leaving: 4 },
  });
  expect(await world.members('fresh')).toEqual(['1', '2', '3', '4']);

  const want = (state: string) =>
    world.pool.query(`update segmentd.segment set wanted_state = '${state}' where key = 'fresh'`);
  await want('paused');
  await build();
  expect(await world.state('fresh')).toMatchObject({ state: 'paused' });
  await world.pool.query(`update contacts set country = 'ES' where id = 7`);
  await world.settle();
  await want('live');
  await build();
  expect(await world.state('fresh')).toMatchObject({ state: 'held', error: { code: 'held' } });
  expect(await world.members('fresh')).toEqual(['1', '2', '3', '4', '7']);
  await world.settle();
  await world.exact();
});

test('another edit replaces a held one: a valid one, an invalid one, and one back to the live condition', async () => {
  await world.begin(PEOPLE, { fresh: spanish });
  await edit('fresh', none.condition);
  await build();
  await edit('fresh', { '==': [{ var: 'contry' }, 'ES'] });
  await build();
  expect(await world.state('fresh')).toMatchObject({
    state: 'live',
    version: 3,
    live_version: 1,
    error: { version: 3, issues: [{ code: 'unknown-field' }] },
  });
  await edit('fresh', french.condition);
  await build();
  expect(await world.state('fresh')).toMatchObject({ state: 'held', version: 4, error: { version: 4 } });
  await edit('fresh', spanish.condition);
  await build();
  expect(await world.state('fresh')).toMatchObject({ state: 'live', version: 5, live_version: 5, error: null });
  expect(await versions()).toEqual(['accepted', 'superseded', 'invalid', 'superseded', 'accepted']);
  await world.settle();
  await world.exact();
});

test('a version that is confirmed, or replaced, while it is built', async () => {
  await world.begin(PEOPLE, { fresh: spanish });
  await edit('fresh', french.condition);
  await build(async (step) => {
    if (step === 'parked') await confirm('fresh');
  });
  expect(await world.members('fresh')).toEqual(['5', '6', '7', '8']);

  await edit('fresh', spanish.condition);
  await build(async (step) => {
    if (step === 'parked') await edit('fresh', adult.condition);
  });
  expect(held).toMatchObject([{ version: 3 }]);
  expect(await world.state('fresh'), 'what was held is no longer wanted').toMatchObject({
    state: 'live',
    version: 4,
    live_version: 2,
    error: null,
  });
  expect(await versions()).toEqual(['accepted', 'accepted', 'superseded', 'proposed']);
  await world.settle();
  await world.exact();
});

test('the numbers of a held version count changes during the build, and only contacts that would move', async () => {
  await world.begin(PEOPLE, { fresh: spanish });
  await edit('fresh', french.condition);
  const drainer = await world.pool.connect();
  const session = new world.code.DrainSession(drainer, 'bigint');
  await session.prepare();
  const registry = new world.code.Registry(world.catalogue);
  await build(async (step) => {
    if (step !== 'parked') return;
    await world.pool.query(
      `update contacts set country = 'ES' where id in (5, 6); update contacts set country = null where id = 1; update contacts set age = 1 where id = 2`,
    );
    await world.code.drain(session, registry, { batchSize: 100 });
  });
  drainer.release(true);
  expect(held).toMatchObject([{ entering: 2, leaving: 5, members: 5 }]);
  expect(await world.members('fresh')).toEqual(['2', '3', '4', '5', '6']);
  expect(await world.database.query('select from segmentd_internal.recheck')).toEqual([]);
  await world.settle();
  await world.exact();
});

test('a live version that froze during the build of a held edit is rebuilt before it goes on', async () => {
  await world.begin(PEOPLE, { fresh: spanish });
  await edit('fresh', french.condition);
  const { id } = await world.state('fresh');
  await build(async (step) => {
    if (step !== 'parked') return;
    await world.code.freezeSegment(
      world.pool,
      id,
      { state: 'failed', error: { code: 'failed', sqlstate: '22012', message: 'no' } },
      'live',
    );
    await world.pool.query(`update contacts set country = 'ES' where id = 8`);
  });
  expect(held).toHaveLength(1);
  await build();
  await world.settle();
  expect(await world.state('fresh')).toMatchObject({ state: 'held', live_version: 1, error: { code: 'held' } });
  expect(await world.members('fresh')).toEqual(['1', '2', '3', '4', '8']);
  await world.exact();
});

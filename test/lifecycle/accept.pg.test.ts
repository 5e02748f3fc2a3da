/** Versions that are validated while builds, drains and writers run. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { play } from '../race/schedule.ts';
import { castOf, type Cast } from '../support/world-actor.ts';
import { spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let cast: Cast;

beforeAll(async () => {
  world = await createWorld();
  cast = castOf(world);
});
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30)`;
const EDIT_INVALID = `update segmentd.segment set condition = '{"==":[{"var":"contry"},"FR"]}' where key = 'fresh'`;

test('an invalid edit during the first build ends that build, and no change is missed', async () => {
  const B = await cast.rebuild('B', { steps: ['chunk'] });
  const E = await cast.write('E', EDIT_INVALID);
  const A = await cast.accept('A');
  const W = await cast.write('W', `update contacts set country = 'ES' where id = 2`);
  const D = await cast.drain('D', { steps: [] });
  await world.begin(PEOPLE);
  await world.want({ fresh: spanish });
  await world.code.acceptVersions(world.pool, world.catalogue);
  await play(world.pool, [B, E, A, W, D], ['B', 'E', 'E', 'A', 'W', 'W', 'D', 'B']);
  await world.settle();
  await world.exact();
  expect(await world.state('fresh')).toMatchObject({
    state: 'invalid',
    live_version: null,
    error: { issues: [{ code: 'unknown-field' }] },
  });
});

test('the JSON null as a condition is rejected, and other versions do not wait for it', async () => {
  await world.begin(PEOPLE);
  await world.pool.query(`insert into segmentd.segment (key, condition) values ('nothing', 'null')`);
  await world.pool.query(`insert into segmentd.segment (key, kind, condition) values ('shot', 'snapshot', 'null')`);
  await world.want({ fresh: spanish });
  await world.settle();
  await world.exact();
  for (const key of ['nothing', 'shot']) {
    expect(await world.state(key)).toMatchObject({
      state: 'invalid',
      live_version: null,
      error: { issues: [{ pointer: '' }] },
    });
  }
  expect(await world.members('fresh')).toEqual(['1']);
});

/** Two builders of one segment: a stalled job that runs twice is normal. */
import { afterAll, beforeAll, test, vi } from 'vitest';
import { play } from '../race/schedule.ts';
import { castOf, type Cast } from '../support/world-actor.ts';
import { adult, spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 60_000 });

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
  const E = await cast.write('E', `update segmentd.segment set condition = '{"==":[{"var":"country"},"FR"]}' where key = 'one'`);
  const A = await cast.accept('A');
  const B2 = await cast.rebuild('B2', { steps: ['chunk'] });
  await play(world.pool, [B1, E, A, B2], ['B1', 'E', 'E', 'A', 'B2', 'B1', 'B2']);
  await world.settle();
  await world.exact();
});

/** Rebuilds against writers, drains and each other. */
import { afterAll, beforeAll, test, vi } from 'vitest';
import { castOf, sequence, type Cast } from '../support/world-actor.ts';
import { adult, spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { interleavings, play } from './schedule.ts';

vi.setConfig({ testTimeout: 240_000 });

let world: World;
let cast: Cast;

beforeAll(async () => {
  world = await createWorld();
  cast = castOf(world);
});
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10), (4, 'FR', 5)`;

test('a change is drained anywhere in a rebuild', async () => {
  const B = await cast.rebuild('B', { steps: ['barrier', 'chunk', 'flipping'] });
  const W = await cast.write('W', `update contacts set country = 'FR', age = 5 where id = 1; update contacts set country = 'ES', age = 40 where id = 4`);
  const D = await cast.drain('D', { steps: ['granted', 'written'] });
  const WD = sequence('WD', [W, D], 'D');
  for (const order of interleavings({ B: 4, WD: 5 })) {
    await world.begin(PEOPLE, { one: spanish }, { again: 'one' });
    await world.want({ one: adult });
    await world.code.acceptVersions(world.pool, world.catalogue);
    await play(world.pool, [B, WD], order);
    await world.settle();
    await world.exact();
  }
});

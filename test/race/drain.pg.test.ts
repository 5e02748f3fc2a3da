/** Drains against writers and against each other. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { castOf, type Cast } from '../support/world-actor.ts';
import { spanish, spanishAdult } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { interleavings, play, sampled, SCALE } from './schedule.ts';

vi.setConfig({ testTimeout: 240_000 });

let world: World;
let cast: Cast;

beforeAll(async () => {
  world = await createWorld();
  cast = castOf(world);
});
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10)`;

test('a drain and a write, every order', async () => {
  const D = await cast.drain('D');
  const W = await cast.write('W', `update contacts set country = 'FR' where id = 1; update contacts set country = 'ES' where id = 2`);
  for (const order of interleavings({ D: 7, W: 2 })) {
    await world.begin(PEOPLE, { spanish, spanishAdult }, { again: 'pair' });
    await world.pool.query(`update contacts set country = 'PT' where id = 1`);
    const { waited } = await play(world.pool, [D, W], order);
    expect(waited.has('W')).toBe(false);
    await world.settle();
    await world.exact();
  }
});

test('two drains and two changes of one contact: the stale write never wins', async () => {
  const D1 = await cast.drain('D1', { steps: ['consumed', 'timed'] });
  const D2 = await cast.drain('D2', { steps: ['consumed', 'timed'] });
  const W = await cast.write('W', `update contacts set country = 'FR' where id = 1`);
  for (const order of sampled({ D1: 3, D2: 3, W: 2 }, 120 * SCALE, 1)) {
    await world.begin(PEOPLE, { spanish }, { again: 'two' });
    await world.pool.query(`update contacts set country = 'PT' where id = 1`);
    await world.pool.query(`update contacts set country = 'ES' where id = 1`);
    await play(world.pool, [D1, D2, W], order);
    await world.settle();
    await world.exact();
  }
});

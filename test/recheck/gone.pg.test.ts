/** Contacts that go while a drain looks at them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { play } from '../race/schedule.ts';
import { castOf } from '../support/world-actor.ts';
import { spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

test('deleted between the re-check that let it in and the look for those who are gone: the next drain says so', async () => {
  await world.begin('', { one: spanish });
  await world.pool.query(`insert into contacts (id, country) values (1, 'ES')`);
  const cast = castOf(world);
  const W = await cast.write('W', 'delete from contacts where id = 1');
  await play(world.pool, [await cast.drain('D', { steps: ['rechecked'] }), W], ['D', 'W', 'W', 'D']);
  expect((await world.pool.query('select contact_id from segmentd.membership')).rows).toHaveLength(1);
  await world.settle();
  expect((await world.pool.query('select contact_id from segmentd.membership')).rows).toEqual([]);
  // Not two events of one transaction.
  await world.exact();
});

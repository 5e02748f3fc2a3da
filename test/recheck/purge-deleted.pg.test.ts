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

test('a contact deleted between the recheck that admits it and the purge leaves with the next drain', async () => {
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

test('TRUNCATE of the contacts deletes each contact that does not come back, with its overrides', async () => {
  await world.begin(`insert into contacts (id, country) values (1, 'ES'), (2, 'ES'), (3, 'ES')`, { one: spanish });
  await world.pool.query(
    `insert into segmentd.override (segment_id, contact_id, kind) select s.id, c, 'include' from segmentd.segment s, unnest(array[1, 2]) c where s.key = 'one'`,
  );
  await world.settle();
  await world.pool.query(
    `begin; truncate contacts, orders, order_items; insert into contacts (id, country) values (2, 'FR'), (3, 'FR'), (4, 'ES'); commit`,
  );
  await world.settle();
  const { rows } = await world.pool.query<{ said: string }>(
    `select concat_ws(' ', e.contact_id, e.kind, e.reason) as said from segmentd.membership_event e where e.reason <> 'edit' order by e.contact_id`,
  );
  expect(rows.map(({ said }) => said)).toEqual(['1 left delete', '3 left contact', '4 entered contact']);
  expect(
    (await world.pool.query<{ contact: string }>('select w.contact_id::text as contact from segmentd.override w')).rows,
  ).toEqual([{ contact: '2' }]);
});

/** Links of second-hop tables on their way up to contacts. */
import { afterEach, expect, test } from 'vitest';
import { sweepWorld, type SweepWorld } from '../sweep/sweep-world.ts';

let world: SweepWorld;
afterEach(() => world.end());

test('a link that no key can equal causes no rebuild', async () => {
  world = await sweepWorld({
    tables: `create table public.contacts (id integer primary key);
      create table public.orders (id bigint primary key, contact_id bigint); create index on public.orders (contact_id);
      create table public.items (id bigint primary key, order_id bigint, sku text); create index on public.items (order_id);
      insert into public.contacts values (1), (2);
      insert into public.orders values (1, 1), (2, 3000000000), (3, -3000000000), (4, null), (5, 2);`,
    config: `
contacts: { table: public.contacts, key: id }
relations:
  orders: { table: public.orders, contact: contact_id }
  items: { table: public.items, through: orders, on: { order_id: id } }
timezone: UTC
`,
    keyType: 'integer',
  });
  await world.create('buyers', { some: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'a'] }] });
  await world.settle();
  await world.query(`insert into public.items select n, n, 'a' from generate_series(1, 4) n`);
  // Fails on any error of the worker: a batch that could not be resolved would end in rebuilds.
  await world.settle();
  expect(await world.members('buyers')).toEqual(['1']);
  expect(await world.query('select epoch, reason from segmentd_internal.build')).toEqual([
    { epoch: 1, reason: 'edit' },
  ]);
  await world.exact();
});

/** The proof of capture passes on columns that accept little: short keys, domains that refuse null, of domains, with quoted names. */
import { afterEach, expect, test } from 'vitest';
import { createWorld, type World } from '../cli/cli-world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.end();
  world = undefined;
});

test.each([
  ['a key of one character', 'id varchar(1) primary key', 'contact_id varchar(1)'],
  ['a key of five', 'id varchar(5) primary key, name varchar(40) not null', 'contact_id varchar(5)'],
  [
    'domains that refuse null',
    'id int primary key, flag public.flag, code public."Code", flags public.flag[]',
    'contact_id int, flag public.flag not null, code public."Code", amount public.positive',
  ],
])('%s', async (_, contacts, orders) => {
  world = await createWorld({
    tables: `
      create domain public.flag as boolean not null;
      create domain public.short as varchar(3) check (value <> '');
      create domain public."Code" as public.short not null;
      create domain public.positive as numeric(10, 2) default 1 not null check (value > 0);
      create table public.contacts (${contacts});
      create table public.orders (id int primary key, ${orders});
      create index on public.orders (contact_id)`,
    config: `
contacts: { table: public.contacts, key: id }
relations: { orders: { table: public.orders, contact: contact_id } }`,
  });
  await world.ok('migrate');
  expect(await world.ok('install')).toContain('installed capture on public.orders (contact_id)');
});

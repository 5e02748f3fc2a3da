/**
 * What a contact reaches beside rows of its own: rows that it refers to, fields of the one row, several ways to one table, links over any
 * of its columns. Stored members stay those of plain SQL while each side changes.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Segmentd } from '../../src/index.ts';
import type { World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';
import { createSqlWorld, type SqlCases, type SqlWorld } from './sql-world.ts';

const TABLES = `
  create table public.regions (id integer primary key, name text);
  create table public.companies (id integer primary key, name text, plan text, region_id integer, founded date);
  create table public.contacts (id bigint primary key, email text, age integer, company_id bigint, referrer_id bigint);
  create table public.profiles (contact_id bigint primary key, bio text, vip boolean);
  create table public.deals (id bigint primary key, company_id integer, amount numeric, stage text);
  create table public.orders (id bigint primary key, contact_id bigint, email text);
  create table public.items (id bigint primary key, order_id bigint, product_id bigint, quantity integer);
  create table public.favourites (id bigint primary key, contact_id bigint, product_id bigint);
  create table public.products (id bigint primary key, category text, price numeric, launched_at timestamptz);
  create index on public.contacts (company_id);
  create index on public.contacts (referrer_id);
  create index on public.contacts (email);
  create index on public.companies (region_id);
  create index on public.deals (company_id);
  create index on public.orders (contact_id);
  create index on public.orders (email);
  create index on public.items (order_id);
  create index on public.items (product_id);
  create index on public.favourites (contact_id);
  create index on public.favourites (product_id);
  insert into public.regions values (1, 'north'), (2, 'south');
  insert into public.companies values (1, 'Acme', 'pro', 1, '2001-01-01'), (2, 'Bolt', 'free', 2, null), (3, 'Core', null, null, '2020-05-05');
  insert into public.contacts values (10, 'a@x', 30, 1, null), (11, 'b@x', 40, 1, 10), (12, 'c@x', 20, 2, 11), (13, null, null, null, 13), (14, 'd@x', 5, 9, 10);
  insert into public.profiles values (10, 'hello', true), (12, null, false);
  insert into public.deals values (100, 1, 50, 'won'), (101, 1, 70, 'lost'), (102, 2, 500, 'won');
  insert into public.products values (1, 'book', 10, '2020-01-01'), (2, 'toy', 20, null), (3, 'book', 30, '2021-01-01');
  insert into public.orders values (1, 10, 'a@x'), (2, 11, 'c@x'), (3, 12, 'c@x'), (4, null, 'd@x');
  insert into public.items values (1, 1, 1, 2), (2, 1, 2, 1), (3, 2, 3, 5), (4, 3, 9, 1);
  insert into public.favourites values (1, 10, 3), (2, 12, 1), (3, 13, 2);`;
const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
  company: { table: public.companies, on: { id: company_id } }
  region: { table: public.regions, through: company, on: { id: region_id } }
  deals: { table: public.deals, through: company, on: { company_id: id } }
  referrer: { table: public.contacts, on: { id: referrer_id } }
  referred: { table: public.contacts, contact: referrer_id }
  colleagues: { table: public.contacts, through: company, on: { company_id: id } }
  profile: { table: public.profiles, contact: contact_id }
  orders: { table: public.orders, contact: contact_id }
  guest_orders: { table: public.orders, on: { email: email } }
  items: { table: public.items, through: orders, on: { order_id: id } }
  product: { table: public.products, through: items, on: { id: product_id } }
  favourites: { table: public.favourites, contact: contact_id }
  liked: { table: public.products, through: favourites, on: { id: product_id } }
  referrer_orders: { table: public.orders, through: referrer, on: { contact_id: id } }
`;

const v = (name: string) => ({ var: name });
const sum = (rows: unknown, of: string) => ({ sum: [{ map: [rows, v(of)] }] });

/** Condition, and the same as SQL over contact `c`, without our compiler. */
const cases: SqlCases = {
  company_name: [
    { '==': [v('company.name'), 'Acme'] },
    `exists (select from companies k where k.id = c.company_id and k.name = 'Acme')`,
  ],
  not_pro: [
    { '!=': [v('company.plan'), 'pro'] },
    `not exists (select from companies k where k.id = c.company_id and k.plan = 'pro')`,
  ],
  no_plan: [
    { '==': [v('company.plan'), null] },
    `not exists (select from companies k where k.id = c.company_id and k.plan is not null)`,
  ],
  plan_in: [
    { in: [v('company.plan'), ['free', 'pro']] },
    `exists (select from companies k where k.id = c.company_id and k.plan in ('free', 'pro'))`,
  ],
  empty: [
    { is_empty: [v('company.name')] },
    `coalesce((select k.name from companies k where k.id = c.company_id), '') = ''`,
  ],
  region: [
    { icontains: [v('region.name'), 'NOR'] },
    `exists (select from companies k join regions r on r.id = k.region_id where k.id = c.company_id and r.name ilike '%nor%')`,
  ],
  founded: [
    { '<': [v('company.founded'), '2010-01-01'] },
    `(select k.founded from companies k where k.id = c.company_id) < '2010-01-01'`,
  ],
  bio: [
    { '==': [v('profile.bio'), 'hello'] },
    `exists (select from profiles p where p.contact_id = c.id and p.bio = 'hello')`,
  ],
  vip: [{ '!': [v('profile.vip')] }, `not exists (select from profiles p where p.contact_id = c.id and p.vip)`],
  referrer_age: [
    { '>=': [v('referrer.age'), 30] },
    `exists (select from contacts r where r.id = c.referrer_id and r.age >= 30)`,
  ],
  older: [{ '<': [v('age'), v('referrer.age')] }, `c.age < (select r.age from contacts r where r.id = c.referrer_id)`],
  referred: [
    { '==': [{ count: [v('referred')] }, 2] },
    `(select count(*) from contacts r where r.referrer_id = c.id) = 2`,
  ],
  colleagues: [
    { '>': [{ count: [{ filter: [v('colleagues'), { '>': [v('age'), 10] }] }] }, 1] },
    `(select count(*) from contacts o where o.company_id = (select id from companies k where k.id = c.company_id) and o.age > 10) > 1`,
  ],
  won: [
    { '>': [sum({ filter: [v('deals'), { '==': [v('stage'), 'won'] }] }, 'amount'), 40] },
    `(select sum(d.amount) from deals d join companies k on k.id = d.company_id where k.id = c.company_id and d.stage = 'won') > 40`,
  ],
  guest: [{ '==': [{ count: [v('guest_orders')] }, 2] }, `(select count(*) from orders o where o.email = c.email) = 2`],
  book: [
    { some: [v('items'), { and: [{ '==': [v('product.category'), 'book'] }, { '>': [v('quantity'), 1] }] }] },
    `exists (select from orders o join items i on i.order_id = o.id join products p on p.id = i.product_id where o.contact_id = c.id and p.category = 'book' and i.quantity > 1)`,
  ],
  no_product: [
    { some: [v('items'), { '==': [v('product.category'), null] }] },
    `exists (select from orders o join items i on i.order_id = o.id left join products p on p.id = i.product_id where o.contact_id = c.id and p.category is null)`,
  ],
  worth: [
    { '>=': [sum({ filter: [v('items'), { '>': [v('product.price'), 10] }] }, 'quantity'), 1] },
    `(select sum(i.quantity) from orders o join items i on i.order_id = o.id join products p on p.id = i.product_id where o.contact_id = c.id and p.price > 10) >= 1`,
  ],
  bought_book: [
    { some: [v('product'), { '==': [v('category'), 'book'] }] },
    `exists (select from orders o join items i on i.order_id = o.id join products p on p.id = i.product_id where o.contact_id = c.id and p.category = 'book')`,
  ],
  liked_book: [
    { some: [v('liked'), { '==': [v('category'), 'book'] }] },
    `exists (select from favourites w join products p on p.id = w.product_id where w.contact_id = c.id and p.category = 'book')`,
  ],
  launched: [
    { some: [v('items'), { before_last: [v('product.launched_at'), 1, 'week'] }] },
    `exists (select from orders o join items i on i.order_id = o.id join products p on p.id = i.product_id where o.contact_id = c.id and p.launched_at < now() - interval '7 days')`,
  ],
  referrer_bought: [
    { some: [v('referrer_orders'), true] },
    `exists (select from contacts r join orders o on o.contact_id = r.id where r.id = c.referrer_id)`,
  ],
  bought_launched: [
    { some: [v('product'), { is_past: [v('launched_at')] }] },
    `exists (select from orders o join items i on i.order_id = o.id join products p on p.id = i.product_id where o.contact_id = c.id and p.launched_at <= now())`,
  ],
  liked_launched: [
    { some: [v('liked'), { is_past: [v('launched_at')] }] },
    `exists (select from favourites w join products p on p.id = w.product_id where w.contact_id = c.id and p.launched_at <= now())`,
  ],
  own_age: [
    { some: [v('company'), { '>': [v('contact.age'), 25] }] },
    `exists (select from companies k where k.id = c.company_id and c.age > 25)`,
  ],
};

let sql: SqlWorld;
let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  sql = await createSqlWorld(TABLES, cases, CONFIG);
  ({ world, segmentd } = sql);
});
afterAll(() => sql.end());

test('the first build is that of plain SQL', () => sql.exact());

test('when the time of a row comes, contacts move on every way on which the row leads to them', async () => {
  const both = async () => [await sql.members('bought_launched'), await sql.members('liked_launched')];
  // Of these products the first was bought by one contact and is liked by another.
  await world.database.query(`update public.products set launched_at = null`);
  await sql.settle();
  expect(await both()).toEqual([[], []]);
  await world.database.query(
    `update public.products set launched_at = clock_timestamp() + interval '1 second' where id = 1`,
  );
  await sql.settle();
  await until(async () => {
    await sql.settle();
    const [row] = await world.database.query<{ over: boolean }>(
      `select launched_at < clock_timestamp() - interval '1 second' as over from public.products where id = 1`,
    );
    return row?.over === true;
  });
  await sql.settle();
  expect(await both()).toEqual([['10'], ['12']]);
  await sql.exact();
});

test.each([
  `update public.companies set name = 'Acme', plan = 'pro' where id = 2`,
  `update public.companies set region_id = 1 where id = 3`,
  `update public.regions set name = 'far north' where id = 2`,
  `update public.contacts set company_id = 3 where id in (10, 13)`,
  `insert into public.companies values (9, 'Acme', 'pro', 1, '2009-09-09')`,
  `delete from public.companies where id = 1`,
  `insert into public.companies values (1, 'Back', 'free', 2, '2001-01-01')`,
  `update public.companies set id = 4 where id = 9; update public.contacts set company_id = 4 where id = 14`,
  `update public.contacts set age = 50 where id = 10`,
  `update public.contacts set referrer_id = 12 where id = 11; update public.contacts set referrer_id = null where id = 13`,
  `delete from public.contacts where id = 11`,
  `insert into public.contacts values (15, 'c@x', 44, 2, 12), (16, 'a@x', 3, 2, 15)`,
  `update public.contacts set email = 'd@x' where id = 10`,
  `update public.orders set email = 'a@x' where id = 4`,
  `insert into public.profiles values (15, 'hello', true); update public.profiles set bio = 'bye' where contact_id = 10`,
  `update public.products set category = 'book' where id = 2`,
  `update public.products set price = 1, launched_at = null where id = 1`,
  `insert into public.products values (9, 'toy', 99, '2022-02-02')`,
  `update public.items set product_id = 2 where id = 4; update public.favourites set product_id = 9`,
  `delete from public.products where id = 3`,
  `update public.deals set amount = amount * 10, company_id = 4 where id = 101`,
  `update public.contacts set id = 100 where id = 10; update public.orders set contact_id = 100 where contact_id = 10`,
  `truncate public.companies`,
])('after %s', async (change) => {
  await world.database.pool.query(change);
  await sql.settle();
  await sql.exact();
});

test('a change of a row that contacts refer to reaches those that read it, and says which column changed', async () => {
  await world.database.pool.query(`update public.contacts set company_id = 3 where id = 12`);
  const rows = await world.database.query<{ mask: string | null; key: string }>(
    `select c.mask::text as mask, s.key from segmentd_internal.change c
       join segmentd_internal.source s on s.id = c.source where c.contact_id::text = '12'`,
  );
  // The contact's own row says which column changed, so that not every segment is asked.
  expect(rows.filter(({ key }) => key === 'public.contacts(id)')).toEqual([
    { key: 'public.contacts(id)', mask: expect.any(String) },
  ]);
  await sql.settle();
  await sql.exact();
});

test('sentences name the one row by its relation', async () => {
  expect(await segmentd.segments.describe({ condition: cases['company_name']?.[0] })).toBe('company.Name is Acme');
  expect(await segmentd.segments.describe({ condition: cases['book']?.[0] })).toContain('product.Category is book');
});

test('an export writes fields of the one row, and `fields` says which relations have one', async () => {
  const file = `${world.folder}/referrers.csv`;
  await segmentd.exports.write('not_pro', { to: { file }, columns: ['contact_id', 'referrer.age', 'profile.bio'] });
  const rows = await world.database.query<{ line: string }>(
    `select concat_ws(',', c.id, coalesce(r.age::text, ''), coalesce(p.bio, '')) as line from public.contacts c
       left join public.contacts r on r.id = c.referrer_id left join public.profiles p on p.contact_id = c.id
     where ${cases['not_pro']?.[1]} order by c.id`,
  );
  expect(rows.filter(({ line }) => /,\d+,/.test(line)).length).toBeGreaterThan(0);
  const written = (await readFile(file, 'utf8')).trim().split(/\r?\n/);
  expect(written).toEqual(['contact_id,referrer.age,profile.bio', ...rows.map(({ line }) => line)]);
  const listed = JSON.parse(await world.ok('fields', '--json')) as {
    readonly relations: readonly { readonly name: string; readonly toOne: boolean }[];
  };
  expect(
    listed.relations
      .filter(({ toOne }) => toOne)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['company', 'profile', 'referrer', 'region']);
});

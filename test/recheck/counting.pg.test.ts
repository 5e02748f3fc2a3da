/**
 * Relations of which not every row counts (`where`): soft deletes, polymorphic links, rows that expire. Stored members stay those of plain
 * SQL while rows begin and cease to count, by a change and by time alone.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Segmentd } from '../../src/index.ts';
import type { World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';
import { createSqlWorld, type SqlCases, type SqlWorld } from './sql-world.ts';

const TABLES = `
  create table public.regions (id integer primary key, name text, closed boolean);
  create table public.companies (id integer primary key, name text, region_id integer, deleted_at timestamptz);
  create table public.contacts (id bigint primary key, company_id integer, age integer);
  create table public.tags (id bigint primary key, taggable_type text, taggable_id bigint, tag text);
  create table public.orders (id bigint primary key, contact_id bigint, total numeric, placed_at timestamptz, deleted_at timestamptz);
  create table public.items (id bigint primary key, order_id bigint, product_id bigint, quantity integer, expires_at timestamptz);
  create table public.products (id bigint primary key, name text, price numeric, hidden boolean);
  create index on public.contacts (company_id);
  create index on public.companies (region_id);
  create index on public.tags (taggable_id);
  create index on public.orders (contact_id);
  create index on public.items (order_id);
  create index on public.items (product_id);
  insert into public.regions values (1, 'north', false), (2, 'south', true);
  insert into public.companies values (1, 'Acme', 1, null), (2, 'Bolt', 2, null), (3, 'Core', 1, '2020-01-01');
  insert into public.contacts values (10, 1, 30), (11, 2, 40), (12, 3, 50), (13, null, 20);
  insert into public.tags values (1, 'Contact', 10, 'vip'), (2, 'Order', 11, 'vip'), (3, 'Contact', 12, 'press');
  insert into public.products values (1, 'pen', 5, false), (2, 'ink', 50, true);
  insert into public.orders values (1, 10, 10, '2024-01-01', null), (2, 10, 90, '2024-02-01', '2024-03-01'), (3, 11, 40, '2024-01-01', null), (4, 12, 70, '2024-01-01', null);
  insert into public.items values (1, 1, 1, 2, null), (2, 2, 2, 9, null), (3, 3, 2, 4, 'infinity'), (4, 4, 1, 7, '2020-01-01');`;

const NOT_DELETED = '{"==": [{"var": "deleted_at"}, null]}';
const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
  company: { table: public.companies, on: { id: company_id }, where: ${NOT_DELETED} }
  region: { table: public.regions, through: company, on: { id: region_id }, where: {"!": [{"var": "closed"}]} }
  tags: { table: public.tags, contact: taggable_id, where: {"==": [{"var": "taggable_type"}, "Contact"]} }
  orders: { table: public.orders, contact: contact_id, time: placed_at, where: ${NOT_DELETED} }
  all_orders: { table: public.orders, contact: contact_id, time: placed_at }
  items: { table: public.items, through: orders, on: { order_id: id }, time: expires_at, where: {"!": [{"is_past": [{"var": "expires_at"}]}]} }
  product: { table: public.products, through: items, on: { id: product_id }, where: {"!=": [{"var": "hidden"}, true]} }
`;

const v = (name: string) => ({ var: name });
const sum = (rows: unknown, of: string) => ({ sum: [{ map: [rows, v(of)] }] });
const ORDERS = 'select * from orders o where o.contact_id = c.id and o.deleted_at is null';
const ITEMS = `select i.* from items i join orders o on o.id = i.order_id where o.contact_id = c.id and o.deleted_at is null
  and (i.expires_at is null or i.expires_at > clock_timestamp())`;
const COMPANY = `select k.* from companies k where k.id = c.company_id and k.deleted_at is null`;
const REGION = `select r.* from regions r join (${COMPANY}) k on k.region_id = r.id where r.closed is not true`;

const cases: SqlCases = {
  some_order: [{ some: [v('orders'), true] }, `exists (${ORDERS})`],
  no_order: [{ none: [v('orders'), true] }, `not exists (${ORDERS})`],
  all_small: [
    { all: [v('orders'), { '<': [v('total'), 50] }] },
    `exists (${ORDERS}) and not exists (${ORDERS} and (o.total < 50) is not true)`,
  ],
  spent: [{ '>=': [sum(v('orders'), 'total'), 70] }, `(select sum(total) from (${ORDERS}) x) >= 70`],
  spent_ever: [
    { '>=': [sum(v('all_orders'), 'total'), 70] },
    `(select sum(total) from orders o where o.contact_id = c.id) >= 70`,
  ],
  last_order: [
    { '==': [{ last: [v('orders'), v('total')] }, 10] },
    `(select total from (${ORDERS}) x order by placed_at desc limit 1) = 10`,
  ],
  newest: [
    { '==': [sum({ newest: [1, v('orders')] }, 'total'), 10] },
    `(select total from (${ORDERS}) x order by placed_at desc limit 1) = 10`,
  ],
  vip: [
    { some: [v('tags'), { '==': [v('tag'), 'vip'] }] },
    `exists (select from tags t where t.taggable_id = c.id and t.taggable_type = 'Contact' and t.tag = 'vip')`,
  ],
  many_items: [{ '>=': [sum(v('items'), 'quantity'), 2] }, `(select sum(quantity) from (${ITEMS}) x) >= 2`],
  no_items: [{ '==': [{ count: [v('items')] }, 0] }, `not exists (${ITEMS})`],
  cheap: [
    { some: [v('items'), { '<': [v('product.price'), 10] }] },
    `exists (select from (${ITEMS}) i join products p on p.id = i.product_id where p.hidden is not true and p.price < 10)`,
  ],
  unknown_product: [
    { some: [v('items'), { '==': [v('product.name'), null] }] },
    `exists (select from (${ITEMS}) i left join products p on p.id = i.product_id and p.hidden is not true where p.name is null)`,
  ],
  pens: [
    { some: [v('product'), { '==': [v('name'), 'pen'] }] },
    `exists (select from (${ITEMS}) i join products p on p.id = i.product_id where p.hidden is not true and p.name = 'pen')`,
  ],
  acme: [{ '==': [v('company.name'), 'Acme'] }, `exists (select from (${COMPANY}) k where k.name = 'Acme')`],
  no_company: [{ '==': [v('company.name'), null] }, `not exists (select from (${COMPANY}) k where k.name is not null)`],
  not_acme: [{ '!=': [v('company.name'), 'Acme'] }, `not exists (select from (${COMPANY}) k where k.name = 'Acme')`],
  north: [{ starts_with: [v('region.name'), 'n'] }, `exists (select from (${REGION}) r where r.name like 'n%')`],
  no_region: [{ is_empty: [v('region.name')] }, `not exists (select from (${REGION}) r where r.name <> '')`],
  has_company: [{ some: [v('company'), { '>': [v('contact.age'), 25] }] }, `exists (${COMPANY}) and c.age > 25`],
  nested: [
    { some: [v('orders'), { none: [v('items'), { '>': [v('quantity'), v('outer.total')] }] }] },
    `exists (select from (${ORDERS}) x where not exists (select from (${ITEMS}) y where y.quantity > x.total))`,
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

test.each([
  `update public.orders set deleted_at = null where id = 2`,
  `update public.orders set deleted_at = '2024-05-05' where id in (1, 4)`,
  `update public.orders set deleted_at = null where id = 4; insert into public.items values (5, 4, 1, 3, null)`,
  `update public.companies set deleted_at = '2024-01-01' where id = 1`,
  `update public.companies set deleted_at = null where id in (1, 3)`,
  `update public.regions set closed = not closed`,
  `update public.regions set closed = null where id = 1`,
  `update public.tags set taggable_type = 'Contact' where id = 2; update public.tags set taggable_type = 'Order' where id = 1`,
  `update public.products set hidden = not hidden`,
  `update public.items set expires_at = '2021-01-01' where id = 1; update public.items set expires_at = null where id = 4`,
  `delete from public.items where id = 4`,
  `insert into public.orders values (5, 13, 10, '2024-06-01', null), (6, 13, 500, '2024-07-01', '2024-07-02')`,
  `insert into public.contacts values (14, 1, 60); insert into public.items values (6, 5, 1, 1, null)`,
])('after %s', async (change) => {
  await world.database.pool.query(change);
  await sql.settle();
  await sql.exact();
});

test('a row that ceases to count by time alone moves its contact', async () => {
  await world.database.query(`update public.items set expires_at = null, quantity = 0`);
  await world.database.query(
    `update public.items set quantity = 5, expires_at = clock_timestamp() + interval '1 second' where id = 3`,
  );
  await sql.settle();
  expect(await sql.members('many_items')).toEqual(['11']);
  await until(async () => {
    const [row] = await world.database.query<{ over: boolean }>(
      `select expires_at < clock_timestamp() as over from public.items where id = 3`,
    );
    return row?.over === true;
  });
  await sql.settle();
  expect(await sql.members('many_items')).toEqual([]);
  await sql.exact();
});

test('sentences do not repeat what the relation means', async () => {
  const said = async (condition: unknown) => segmentd.segments.describe({ condition });
  expect(await said(cases['all_small']?.[0])).toBe(
    'has orders and every one of orders, if any, satisfies (Total is less than 50)',
  );
  expect(await said(cases['many_items']?.[0])).toBe('the sum of Quantity across items is at least 2');
  expect(await said(cases['newest']?.[0])).toBe('the sum of Total across the 1 newest orders is 10');
});

test('`fields` says which rows count, and a wrong `where` is a mistake in the config', async () => {
  const listed = JSON.parse(await world.ok('fields', '--json')) as {
    readonly relations: readonly { readonly name: string; readonly only: string | null }[];
  };
  expect(Object.fromEntries(listed.relations.map(({ name, only }) => [name, only]))).toEqual({
    company: 'Deleted at has no value',
    region: 'Closed is not yes (or has no value)',
    tags: 'Taggable type is Contact',
    orders: 'Deleted at has no value',
    all_orders: null,
    items: 'Expires at is not in the past (or has no value)',
    product: 'Hidden is not yes (or has no value)',
  });
  expect(await world.ok('fields')).toContain('in order of placed_at, only rows where Deleted at has no value');
  const path = join(world.folder, 'wrong.yaml');
  await writeFile(path, CONFIG.replace('"closed"', '"company.name"'));
  const refused = await world.run('install', '--config', path);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('`relations.region.where`');
  expect(refused.stderr).toContain('give the relation `company` a `where` of its own');
});

test('columns of an export, and of a list of members, are those of the rows that count', async () => {
  const columns = [
    'contact_id',
    'company.name',
    'region.name',
    'orders.count',
    'orders.sum:total',
    'items.count',
    'orders.last:total',
  ];
  const file = join(world.folder, 'spent.csv');
  await segmentd.exports.write('spent_ever', { to: { file }, columns });
  const rows = await world.database.query<{ line: string }>(
    `select concat_ws(',', c.id, coalesce((select name from (${COMPANY}) k), ''), coalesce((select name from (${REGION}) r), ''),
       (select count(*) from (${ORDERS}) x), (select coalesce(sum(total), 0) from (${ORDERS}) x), (select count(*) from (${ITEMS}) x),
       coalesce((select total::text from (${ORDERS}) x order by placed_at desc limit 1), '')) as line
     from public.contacts c where ${cases['spent_ever']?.[1]} order by c.id`,
  );
  expect((await readFile(file, 'utf8')).trim().split(/\r?\n/)).toEqual([
    columns.join(','),
    ...rows.map(({ line }) => line),
  ]);
  const listed = await segmentd.members.list('spent_ever', { columns: ['company.name', 'items.count'] });
  expect(listed.map(({ contactId, columns: of }) => [contactId, String(of['items.count'])])).toEqual(
    rows.map(({ line }) => [line.split(',')[0], line.split(',')[5]]),
  );
});

test('a contact is explained by the rows that count', async () => {
  const [contact = ''] = await sql.members('spent');
  const explained = await segmentd.segments.explain('spent', contact);
  const [row] = await world.database.query<{ total: string }>(
    `select (select sum(total)::text from (${ORDERS}) x) as total from public.contacts c where c.id = $1`,
    [contact],
  );
  expect(JSON.stringify(explained)).toContain(`"actual":"${row?.total}"`);
});

test('another `where` rebuilds the segments that read the relation, and no others', async () => {
  const path = join(world.folder, 'segmentd.yaml');
  await writeFile(
    path,
    CONFIG.replace(
      `orders: { table: public.orders, contact: contact_id, time: placed_at, where: ${NOT_DELETED} }`,
      `orders: { table: public.orders, contact: contact_id, time: placed_at, where: {">": [{"var": "total"}, 20]} }`,
    ),
  );
  const printed = await world.ok('install', '--dry-run');
  expect(printed).toContain('relations.orders.where');
  const before = await versions();
  await world.ok('install');
  await sql.settle();
  const after = await versions();
  const rebuilt = Object.keys(cases).filter((key) => before.get(key) !== after.get(key));
  expect(rebuilt.toSorted()).toEqual(
    Object.entries(cases)
      .filter(([, [condition]]) => /"(orders|items|product)[".]/.test(JSON.stringify(condition)))
      .map(([key]) => key)
      .toSorted(),
  );
  const wanted = await world.database.query<{ id: string }>(
    `select distinct contact_id::text as id from public.orders where total > 20 and contact_id is not null order by 1`,
  );
  expect(await sql.members('some_order')).toEqual(wanted.map(({ id }) => id));
});

test('a column that decides is dropped: the segments that read the relation are frozen, and the others go on', async () => {
  const before = await sql.members('vip');
  await world.database.query(`alter table public.tags drop column taggable_type`);
  await world.database.query(`update public.companies set name = 'Acme', deleted_at = null where id = 2`);
  await sql.settle();
  const states = await world.database.query<{ key: string; error: string | null }>(
    `select s.key, s.error::text as error from segmentd.segment s where s.frozen_at is not null`,
  );
  expect(states.map(({ key }) => key)).toEqual(['vip']);
  expect(states[0]?.error).toContain('The `where` of the relation `tags` is refused');
  expect(await sql.members('vip')).toEqual(before);
  const said = '`relations.tags.where`: There is no field "taggable_type"';
  expect(await world.ok('fields')).toContain(said);
  expect((await world.run('doctor')).stdout).toContain(said);
  const wanted = await world.database.query<{ id: string }>(
    `select c.id::text as id from public.contacts c where ${cases['acme']?.[1]} order by c.id`,
  );
  expect(await sql.members('acme')).toEqual(wanted.map(({ id }) => id));
});

/** What each live version was built under. */
async function versions(): Promise<ReadonlyMap<string, string>> {
  const rows = await world.database.query<{ key: string; print: string }>(
    `select s.key, v.fingerprint::text as print from segmentd.segment s
       join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version`,
  );
  return new Map(rows.map(({ key, print }) => [key, print]));
}

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { operators } from '../../src/condition/operator.ts';
import { loadShop, shopState } from '../../src/dev/shop/load-shop.ts';
import { SHOP_CONFIG } from '../../src/dev/shop/shop-table.ts';
import { SAMPLE_SEGMENTS } from '../../src/dev/shop/sample-segments.ts';
import { everyChange, startTraffic } from '../../src/dev/shop/traffic.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let db: TestDatabase;
const progress: number[] = [];
const SIZE = { contacts: 2_000, orders: 6_000, pageViews: 3_000 };

beforeAll(async () => {
  db = await createDatabase();
  await loadShop(db.pool, { ...SIZE, onProgress: (done, all) => progress.push(done / all) });
});
afterAll(() => db.drop());

const FINGERPRINT = `
  select (select md5(string_agg(c.id || coalesce(c.email, '') || coalesce(c.tags::text, '') || coalesce(c.attributes::text, ''), ',' order by c.id)) from public.contacts c)
      || (select md5(string_agg(o.id || ':' || o.contact_id || coalesce(o.total::text, ''), ',' order by o.id)) from public.orders o) as print`;

test('sizes are as asked, progress ends at the whole, no row lies in the future', async () => {
  const [row] = await db.query(`
    select (select count(*)::int from public.contacts) as contacts, (select count(*)::int from public.orders) as orders,
           (select count(*)::int from public.page_views) as "pageViews",
           (select count(*)::int from public.orders where placed_at > now()) as future,
           (select count(*)::int from public.order_items) >= 6000 as items`);
  expect(row).toEqual({ ...SIZE, future: 0, items: true });
  expect(progress.at(-1)).toBe(1);
  expect(await shopState(db.pool)).toBe('shop');
});

test('every nullable column has missing values and present ones', async () => {
  const columns = await db.query<{ table_name: string; column_name: string }>(
    `select table_name, column_name from information_schema.columns
      where table_schema = 'public' and is_nullable = 'YES' and column_name not in ('contact_id', 'order_id', 'sku', 'path', 'quantity')
        and column_name not like '%\\_at' order by 1, 2`,
  );
  expect(columns.length).toBeGreaterThan(12);
  for (const { table_name, column_name } of columns) {
    const [row] = await db.query(
      `select count(*) filter (where "${column_name}" is null) > 0 as missing, count("${column_name}") > 0 as present from public."${table_name}"`,
    );
    expect({ column_name, ...row }).toEqual({ column_name, missing: true, present: true });
  }
});

test('orders follow a power law: many contacts without, few with very many', async () => {
  const [row] = await db.query<{ without: number; top: number }>(`
    select count(*) filter (where n = 0)::float8 / count(*) as without, max(n)::int as top
      from (select c.id, count(o.id) as n from public.contacts c left join public.orders o on o.contact_id = c.id group by c.id) x`);
  expect(row?.without).toBeGreaterThan(0.3);
  expect(row?.without).toBeLessThan(0.7);
  expect(row?.top).toBeGreaterThan(30);
});

test('new rows get fresh keys, and the same seed gives the same shop', async () => {
  await db.query(`begin; insert into public.contacts (email) values ('new@example.com'); insert into public.orders (total) values (1);
                  insert into public.page_views (path) values ('/'); rollback`);
  const twin = await createDatabase();
  try {
    await loadShop(twin.pool, SIZE);
    expect(await twin.query(FINGERPRINT)).toEqual(await db.query(FINGERPRINT));
  } finally {
    await twin.drop();
  }
});

test.each([
  'create table public.contacts (id int)',
  'create table public.contacts (id int) partition by range (id)',
  'create schema app; create view app.contacts as select 1 as id',
  'create materialized view public.contacts as select 1 as id',
  'create foreign data wrapper far; create server far foreign data wrapper far; create foreign table public.contacts (id int) server far',
])('a database with something of a team in it is not taken for empty: %s', async (statement) => {
  const other = await createDatabase();
  try {
    expect(await shopState(other.pool)).toBe('empty');
    await other.query(statement);
    expect(await shopState(other.pool)).toBe('other');
  } finally {
    await other.drop();
  }
});

test('what an extension made is not of a team', async () => {
  const other = await createDatabase();
  try {
    const [found] = await other.query<{ name: string }>(
      `select name from pg_available_extensions where name in ('pg_stat_statements', 'pg_buffercache') limit 1`,
    );
    expect(found).toBeDefined();
    await other.query(`create extension ${found?.name}`);
    expect(await shopState(other.pool)).toBe('empty');
  } finally {
    await other.drop();
  }
});

test('the config resolves, and every sample segment is accepted', async () => {
  const catalogue = await resolveCatalogue(db.pool, parseConfig(SHOP_CONFIG, 'segmentd.yaml'));
  const keys = new Set(SAMPLE_SEGMENTS.map((segment) => segment.key));
  expect(keys.size).toBe(SAMPLE_SEGMENTS.length);
  for (const { key, condition } of SAMPLE_SEGMENTS) {
    const checked = checkCondition(condition, { catalogue, segments: (name) => keys.has(name) });
    expect({ key, issues: checked.ok ? [] : checked.issues }).toEqual({ key, issues: [] });
  }
});

test('the samples use every operator of the language but synonyms and places', () => {
  const used = new Set<string>();
  JSON.stringify(
    SAMPLE_SEGMENTS.map((segment) => segment.condition),
    (key, value: unknown) => {
      used.add(key);
      return value;
    },
  );
  const synonyms = ['===', '!==', 'reduce'];
  const ofPlaces = ['within_km']; // the shop knows no coordinates
  const absent = new Set([...synonyms, ...ofPlaces]);
  expect(Object.keys(operators).filter((name) => !used.has(name) && !absent.has(name))).toEqual([]);
});

test('every change of the live traffic runs, and stopped traffic writes nothing more', async () => {
  let n = 0;
  const random = () => (n = (n + 0.37) % 1);
  for (let round = 0; round < 5; round += 1) await everyChange(db.pool, random);
  const errors: unknown[] = [];
  const traffic = startTraffic(db.pool, { perSecond: 2_000, random, onError: (error) => errors.push(error) });
  await until(() => traffic.done > 100);
  await traffic.stop();
  const { done } = traffic;
  const [before] = await db.query(
    'select pg_current_xact_id_if_assigned(), (select max(id) from public.page_views) as last',
  );
  expect(
    await db.query('select pg_current_xact_id_if_assigned(), (select max(id) from public.page_views) as last'),
  ).toEqual([before]);
  expect(traffic.done).toBe(done);
  expect(errors).toEqual([]);
});

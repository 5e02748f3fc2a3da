/**
 * Fills the shop. Rows are made inside Postgres from hashes of their numbers, so the same seed gives the same shop at
 * every size and a bench of millions of rows is not limited by what Node can send. One transaction: a load that was
 * interrupted leaves an empty database, never half a shop. Times are relative to the moment of loading.
 */
import type pg from 'pg';
import { SHOP_COMMENT, SHOP_INDEXES, SHOP_TABLES } from './shop-table.ts';

export interface ShopSize {
  /** Default 20,000. */
  readonly contacts?: number;
  /** Default three per contact, by a power law: about 40 % of the contacts have none, the best have hundreds. */
  readonly orders?: number;
  /** Default four per contact. */
  readonly pageViews?: number;
  /** False leaves the order lines out: on a busy machine 200,000 contacts took 26 s instead of 32 s. */
  readonly items?: boolean;
  readonly seed?: number;
  /** Rows written so far, of all (items of orders are not counted). */
  readonly onProgress?: (done: number, all: number) => void;
}

const CHUNK = 25_000;

/** What stands in a database: nothing, our shop, or tables and views of a team, which stay as they are. Extensions are of no team. */
export async function shopState(pool: pg.Pool): Promise<'empty' | 'shop' | 'other'> {
  const { rows } = await pool.query<{ shop: boolean; tables: boolean }>(
    `select coalesce(bool_or(pg_catalog.obj_description(c.oid, 'pg_class') = $1), false) as shop, count(*) > 0 as tables
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f')
        and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'segmentd', 'segmentd_internal', 'segmentd_queue')
        and not exists (select from pg_catalog.pg_depend d
                         where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`,
    [SHOP_COMMENT],
  );
  if (rows[0]?.shop) return 'shop';
  return rows[0]?.tables ? 'other' : 'empty';
}

/** Makes tables, rows and indexes in an empty database. Measured on two busy cores: about 2 s for 20,000
 * contacts and 60,000 orders, 32 s for ten times that. */
export async function loadShop(pool: pg.Pool, size: ShopSize = {}): Promise<void> {
  const contacts = size.contacts ?? 20_000;
  const orders = size.orders ?? contacts * 3;
  const views = size.pageViews ?? contacts * 4;
  const seed = (size.seed ?? 1) * 1_000;
  const all = contacts + orders + views;
  let done = 0;

  const client = await pool.connect();
  try {
    await client.query('begin isolation level read committed');
    await client.query(`set local timezone = 'UTC'`);
    await client.query(
      `set local synchronous_commit = off; set local maintenance_work_mem = '256MB'; set local work_mem = '64MB'`,
    );
    await client.query(SHOP_TABLES);
    await client.query(DRAW);
    for (const [statement, rows, values] of [
      [CONTACTS, contacts, [seed, FIRST_NAMES, LAST_NAMES]],
      [ORDERS, orders, [seed, contacts, size.items !== false]],
      [PAGE_VIEWS, views, [seed, contacts]],
    ] as const) {
      for (let low = 0; low < rows; low += CHUNK) {
        const high = Math.min(rows, low + CHUNK);
        await client.query(statement, [low + 1, high, ...values]);
        done += high - low;
        size.onProgress?.(done, all);
      }
    }
    for (const index of SHOP_INDEXES) await client.query(index);
    for (const table of ['contacts', 'orders', 'page_views']) {
      await client.query(
        `select pg_catalog.setval(pg_catalog.pg_get_serial_sequence($1, 'id'), greatest((select max(id) from public.${table}), 1))`,
        [`public.${table}`],
      );
    }
    await client.query('commit');
    await client.query('vacuum (analyze) public.contacts, public.orders, public.order_items, public.page_views');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** `draw(n, salt)`: a number in [0, 1) that depends on nothing else. `pick`: one of a list, the first ones more often. */
// Not strict: that would keep Postgres from inlining them.
const DRAW = `
create or replace function pg_temp.draw(n bigint, salt bigint) returns double precision immutable parallel safe language sql
  return ((pg_catalog.hashint8extended(n, salt) >> 11) & 9007199254740991)::double precision / 9007199254740992;
create or replace function pg_temp.pick(list text[], at double precision) returns text immutable parallel safe language sql
  return list[1 + floor(at * cardinality(list))::integer];
`;

const FIRST_NAMES = [
  'María',
  'José',
  'Ana',
  'Luis',
  'Zoë',
  'Noël',
  'Chloé',
  'François',
  'Jürgen',
  'Søren',
  'Åsa',
  'Łukasz',
  'Núria',
  'João',
  'Inês',
  'Elif',
  'İpek',
  'Șerban',
  'Žofie',
  'Ægir',
  'Ángel',
  'Renée',
  'Björn',
  'Siân',
  'Thảo',
  'Ωμέγα',
  'Иван',
  '美咲',
  'Anna',
  'Peter',
  'Lucía',
  'Hugo',
  'Martina',
  'Daniel',
  'Sofía',
  'Pablo',
  'Emma',
  'Liam',
  'Mia',
  'Noah',
] as const;
const LAST_NAMES = [
  'García',
  'Fernández',
  'López',
  'Muñoz',
  'Ibáñez',
  'Müller',
  'Groß',
  'Öztürk',
  'Dvořák',
  'Nowak',
  'Kowalczyk',
  'Sørensen',
  "O'Brien",
  'D’Angelo',
  'Lefèvre',
  'Gonçalves',
  'Ștefan',
  'Jansen',
  'van den Berg',
  'de la Cruz',
  'Åkesson',
  'Smith',
  'Jones',
  'Peña',
  'Núñez',
  'Rossi',
  'Bianchi',
  'Weiß',
  'Andersson',
  'Kovács',
] as const;

/** $1, $2 first and last number · $3 seed · $4, $5 names. */
const CONTACTS = `
insert into public.contacts (id, email, first_name, last_name, country, city, birth_date, vip, newsletter, points, balance, credit_limit,
                             tags, attributes, renewal_at, last_seen_at, created_at)
with person as (
  select n, $3::bigint as seed,
         pg_temp.pick($4::text[], power(pg_temp.draw(n, $3 + 1), 1.3)) as first_name,
         pg_temp.pick($5::text[], power(pg_temp.draw(n, $3 + 2), 1.3)) as last_name,
         clock.now - interval '1 hour' * (24 * 1400 * power(pg_temp.draw(n, $3 + 3), 1.5)) as created_at,
         clock.now
    from generate_series($1::bigint, $2::bigint) as n, (select pg_catalog.now() as now) as clock
)
select n,
       case when pg_temp.draw(n, seed + 4) > 0.04 then
         case when pg_temp.draw(n, seed + 5) < 0.1 then 'Shop' else 'shop' end || '.' || n || '@'
         || pg_temp.pick('{example.com,example.org,example.net,mail.test,test.example,Example.COM}', power(pg_temp.draw(n, seed + 6), 1.6)) end,
       case when pg_temp.draw(n, seed + 7) > 0.03 then first_name end,
       case when pg_temp.draw(n, seed + 8) > 0.03 then last_name end,
       case when pg_temp.draw(n, seed + 9) > 0.06 then pg_temp.pick('{ES,PT,FR,DE,IT,GB,PL,NL,SE,MX,AR,JP}', power(pg_temp.draw(n, seed + 10), 1.8)) end,
       case when pg_temp.draw(n, seed + 11) > 0.15
            then pg_temp.pick('{Madrid,Málaga,"A Coruña",Lisboa,København,Łódź,Zürich,"São Paulo",İzmir,Paris,""}', pg_temp.draw(n, seed + 12)) end,
       case when pg_temp.draw(n, seed + 13) > 0.25 then now::date - (5800 + 25000 * pg_temp.draw(n, seed + 14))::integer end,
       case when pg_temp.draw(n, seed + 15) > 0.1 then pg_temp.draw(n, seed + 16) < 0.05 end,
       case when pg_temp.draw(n, seed + 17) > 0.2 then pg_temp.draw(n, seed + 18) < 0.6 end,
       case when pg_temp.draw(n, seed + 19) > 0.1 then (power(pg_temp.draw(n, seed + 20), 6) * 20000)::integer end,
       case when pg_temp.draw(n, seed + 21) > 0.3 then round((pg_temp.draw(n, seed + 22) * 900 - 150)::numeric, 2) end,
       case when pg_temp.draw(n, seed + 23) > 0.4 then round((pg_temp.draw(n, seed + 24) * 5)::numeric) * 100 end,
       case when pg_temp.draw(n, seed + 25) < 0.2 then null
            when pg_temp.draw(n, seed + 25) < 0.4 then '{}'
            else (select array_agg(tag order by tag) from unnest('{vip,press,beta,partner,wholesale,blog,événement}'::text[]) with ordinality as t (tag, place)
                   where pg_temp.draw(n, seed + 30 + place) < 0.25) end,
       case when pg_temp.draw(n, seed + 40) > 0.1 then jsonb_strip_nulls(jsonb_build_object(
         'plan', case when pg_temp.draw(n, seed + 41) > 0.2 then pg_temp.pick('{free,pro,team,enterprise}', power(pg_temp.draw(n, seed + 42), 2)) end,
         'source', case when pg_temp.draw(n, seed + 43) > 0.3 then pg_temp.pick('{newsletter,"Google Ads",friend,50%_off,fair}', pg_temp.draw(n, seed + 44)) end,
         -- One in a hundred is text: data in jsonb is never as clean as its readers hope.
         'score', case when pg_temp.draw(n, seed + 45) < 0.01 then '"n/a"' when pg_temp.draw(n, seed + 45) > 0.3 then to_jsonb(round((pg_temp.draw(n, seed + 46) * 100)::numeric, 1)) end,
         'opted_in', case when pg_temp.draw(n, seed + 47) > 0.4 then pg_temp.draw(n, seed + 48) < 0.5 end,
         'company', case when pg_temp.draw(n, seed + 49) > 0.7 then jsonb_build_object('size', (power(pg_temp.draw(n, seed + 50), 4) * 5000)::integer) end)) end,
       case when pg_temp.draw(n, seed + 51) > 0.7 then now + interval '1 minute' * (60 * 24 * 90 * pg_temp.draw(n, seed + 52)) end,
       case when pg_temp.draw(n, seed + 53) > 0.15 then now - (now - created_at) * power(pg_temp.draw(n, seed + 54), 3) end,
       created_at
  from person
`;

/** Which contact row `n` belongs to ($4 contacts): a power law, spread over the table by a prime that divides no usual size. */
const OWNER = (share: string, salt: number) =>
  `1 + floor(power(pg_temp.draw(n, $3 + ${salt}), 1.7) * ${share} * $4::bigint)::bigint * 1000003 % $4::bigint`;

/** $1, $2 first and last number · $3 seed · $4 contacts · $5 with items. Each order with its items. */
const ORDERS = `
with drawn as (
  select n, $3::bigint as seed, ${OWNER('0.6', 100)} as contact_id from generate_series($1::bigint, $2::bigint) as n
), placed as (
  insert into public.orders (id, contact_id, status, channel, total, placed_at)
  select n, contact.id,
         case when pg_temp.draw(n, seed + 101) > 0.01 then
           (array['paid', 'pending', 'refunded', 'cancelled'])[1 + width_bucket(pg_temp.draw(n, seed + 102), array[0.78, 0.86, 0.93])] end,
         case when pg_temp.draw(n, seed + 103) > 0.05
              then pg_temp.pick('{web,app,store,phone}', power(pg_temp.draw(n, seed + 104), 1.7))::public.order_channel end,
         case when pg_temp.draw(n, seed + 105) > 0.01 then round((4 - 45 * ln(1 - pg_temp.draw(n, seed + 106)))::numeric, 2) end,
         contact.created_at + (pg_catalog.now() - contact.created_at) * power(pg_temp.draw(n, seed + 107), 0.6)
    from drawn join public.contacts contact on contact.id = drawn.contact_id
  returning id, total, placed_at
)
insert into public.order_items (order_id, sku, category, quantity, price, created_at)
select placed.id,
       'SKU-' || (1000 * power(pg_temp.draw(placed.id, $3 + 110 + item), 2))::integer,
       case when pg_temp.draw(placed.id, $3 + 120 + item) > 0.03
            then pg_temp.pick('{shoes,books,café,garden,toys,décor,electronics}', power(pg_temp.draw(placed.id, $3 + 130 + item), 1.4)) end,
       1 + (power(pg_temp.draw(placed.id, $3 + 140 + item), 3) * 5)::integer,
       round(placed.total / size.items, 2),
       placed.placed_at
  from (select placed.* from placed where $5::boolean) as placed
 cross join lateral (select 1 + floor(power(pg_temp.draw(placed.id, $3 + 150), 2) * 4)::integer as items) as size
 cross join lateral generate_series(1, size.items) as item
`;

/** $1, $2 first and last number · $3 seed · $4 contacts. */
const PAGE_VIEWS = `
insert into public.page_views (id, contact_id, path, campaign, seconds, viewed_at)
select n, contact.id,
       pg_temp.pick('{/,/pricing,/blog,/cart,/checkout,/café,/help/returns,/account}', power(pg_temp.draw(n, $3 + 201), 1.5)),
       case when pg_temp.draw(n, $3 + 202) > 0.6 then pg_temp.pick('{spring,rebajas,black-friday}', pg_temp.draw(n, $3 + 203)) end,
       case when pg_temp.draw(n, $3 + 204) > 0.1 then (power(pg_temp.draw(n, $3 + 205), 4) * 900)::integer end,
       pg_catalog.now() - (pg_catalog.now() - contact.created_at) * power(pg_temp.draw(n, $3 + 206), 3)
  from (select n, ${OWNER('0.8', 200)} as contact_id from generate_series($1::bigint, $2::bigint) as n) as drawn
  join public.contacts contact on contact.id = drawn.contact_id
`;

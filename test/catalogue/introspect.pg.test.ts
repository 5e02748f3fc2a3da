/** `init`: the config that a database gives away, which must then resolve. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { introspect } from '../../src/catalogue/introspect.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = await openPool(database.url, { max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('init says that a database is empty, or has no table like contacts', async () => {
  await expect(introspect(pool)).rejects.toThrow('This database has no tables.');
  await database.query('create table article (id int primary key)');
  await expect(introspect(pool)).rejects.toThrow(
    'No table looks like contacts (there are public.article): name it with --contacts.',
  );
  await expect(introspect(pool, { contacts: 'artcle' })).rejects.toThrow(
    'There is no table artcle (did you mean `public.article`?)',
  );
});

test('init makes relations of foreign keys, and second hops of the foreign keys of relations', async () => {
  await database.query(`
    create schema "Shop";
    create table "Shop"."User" ("Id" uuid primary key, name text, "createdAt" timestamptz, referrer uuid references "Shop"."User");
    create table "Shop".orders (id bigint primary key, "userId" uuid references "Shop"."User", placed_at timestamptz, created_at timestamptz) ;
    create table "Shop".items (id bigint primary key, order_id bigint references "Shop".orders, sku text);
    create table "Shop".message (id bigint primary key, sender uuid references "Shop"."User", recipient uuid references "Shop"."User", sent_at timestamptz);
    create table "Shop".name (id int primary key, u uuid references "Shop"."User");
    create table "Shop".log (at timestamptz, u uuid references "Shop"."User") partition by range (at);
    create table "Shop".log_1 partition of "Shop".log default;
    create view customers as select 1 as id`);
  const { yaml } = await introspect(pool);
  const config = parse(yaml) as { contacts: unknown; relations: Record<string, unknown> };
  expect(config.contacts).toEqual({
    table: '"Shop"."User"',
    key: 'Id',
    created: 'createdAt',
    display: [{ name: 'masked' }],
  });
  expect(config.relations).toEqual({
    User: { table: '"Shop"."User"', contact: 'referrer', time: 'createdAt' },
    items: { table: '"Shop".items', through: 'orders', on: { order_id: 'id' } },
    log: { table: '"Shop".log', contact: 'u', time: 'at' },
    message_by_recipient: { table: '"Shop".message', contact: 'recipient', time: 'sent_at' },
    message_by_sender: { table: '"Shop".message', contact: 'sender', time: 'sent_at' },
    name_by_u: { table: '"Shop".name', contact: 'u' },
    orders: { table: '"Shop".orders', contact: 'userId', time: 'placed_at' },
  });
  const catalogue = await resolveCatalogue(pool, parseConfig(yaml, 'c'));
  expect(catalogue.relations.size).toBe(7);
});

test.each([
  ['smallint', 'id smallint primary key', 'id'],
  [
    'a unique, not null column beside a primary key that cannot be one',
    'n numeric primary key, code char(4) not null unique, id uuid not null unique',
    'id',
  ],
  ['no primary key', 'maybe int unique, id bigint not null unique', 'id'],
  ['a composite primary key', 'a int, b int, id varchar(9) not null unique, primary key (a, b)', 'id'],
  [
    'the column that is pointed at',
    'n numeric primary key, other int not null unique, id int not null unique',
    'id',
    'create table points (id int primary key, c int references keyed (id))',
  ],
])('the key that init proposes is one that the config accepts: %s', async (_, columns, expected, more = '') => {
  await database.query(`create table keyed (${columns}, name text); ${more}`);
  try {
    const { yaml } = await introspect(pool, { contacts: 'keyed' });
    expect(parse(yaml)).toMatchObject({ contacts: { key: expected } });
    const { contacts } = await resolveCatalogue(pool, parseConfig(yaml, 'c'));
    expect(contacts.key.column).toBe(expected);
  } finally {
    await database.query('drop table if exists points; drop table keyed');
  }
});

test.each([
  [
    'numeric',
    'id numeric primary key',
    /"id",? is numeric; a key must be smallint, integer, bigint, uuid, text or varchar \(of numeric 1 and 1\.0/,
  ],
  ['numeric(10)', 'id numeric(10) primary key', /is numeric\(10,0\); a key must be/],
  ['char', 'id char(8) primary key', /is character\(8\); a key must be .*filled up with spaces/],
  ['date', 'id date primary key', /is date; a key must be/],
  ['nullable', 'id int unique', /has no primary key, and no other/],
])('what the config refuses init refuses with the same reason: %s', async (_, columns, reason) => {
  await database.query(`create table keyed (${columns}, name text)`);
  try {
    await expect(introspect(pool, { contacts: 'keyed' })).rejects.toThrow(reason);
    await expect(resolveCatalogue(pool, parseConfig('contacts: { table: keyed, key: id }', 'c'))).rejects.toThrow(
      columns.includes('unique') ? /may be null/ : reason,
    );
  } finally {
    await database.query('drop table keyed');
  }
});

test('init rejects a composite key; the table may be named', async () => {
  await database.query('create table member (a int, b int, primary key (a, b))');
  await expect(introspect(pool, { contacts: 'member' })).rejects.toThrow(
    'The primary key of public.member is composite (a, b)',
  );
  await expect(introspect(pool, { contacts: 'customers' })).rejects.toThrow('is a view');
  expect(parse((await introspect(pool, { contacts: 'article' })).yaml)).toMatchObject({
    contacts: { table: 'public.article', key: 'id' },
    relations: {},
  });
});

test('init takes no later time for the time of a row, and shows how to name a value inside jsonb', async () => {
  const own = await createDatabase();
  const other = await openPool(own.url, { max: 2 });
  try {
    await own.query(`
      create table customers (tenant int, id int, primary key (tenant, id));
      create table users (uid text primary key, attributes jsonb, deleted_at timestamptz, last_seen timestamptz);
      create table visits (id int primary key, who text references users, deleted_at timestamptz, day date);
      create table pings (id int primary key, who text references users, first timestamptz, second timestamptz)`);
    const { yaml } = await introspect(other);
    expect(yaml).toBe(`# What segments may be made of. \`segmentd init\` wrote this file; read it and correct it.
# Every column of a listed table becomes a field of conditions, except what stands under exclude.

contacts:
  table: public.users
  key: uid
  # where: {"is_empty": [{"var": "deleted_at"}]}   # leave deleted contacts out of every segment

relations:
  # rows that refer to the contact
  pings:  { table: public.pings, contact: who }              # needs an index
  visits: { table: public.visits, contact: who, time: day }  # to leave deleted rows out: where: {"is_empty": [{"var": "deleted_at"}]}; needs an index

timezone: UTC    # default zone of segments
timestamps: UTC  # zone in which columns without zone were written

# What stands inside attributes becomes a field by its path and type (text, number, integer, boolean, date, instant, uuid, json, text[], number[]):
# fields:
#   attributes.plan: { column: attributes, path: [plan], type: text }

# Left out:
# - no column that leads to another table:
#     public.customers
`);
    const example = yaml.slice(yaml.indexOf('# fields:'), yaml.indexOf('# Left out')).replaceAll(/^# /gm, '');
    expect(
      (await resolveCatalogue(other, parseConfig(`${yaml}\n${example}`, 'c'))).contacts.fields.has('attributes.plan'),
    ).toBe(true);
    await expect(introspect(other, { contacts: 'customers' })).rejects.toThrow(
      /composite \(tenant, id\); segmentd needs one column that identifies a contact\.$/,
    );
    await own.query('drop table users cascade');
    await expect(introspect(other)).rejects.toThrow('If the contacts are another table, name it with --contacts.');
  } finally {
    await other.end();
    await own.drop();
  }
});

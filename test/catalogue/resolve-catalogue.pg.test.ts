/** A config resolved against real tables: what each column becomes, and the sentence for each mistake. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import type { Catalogue, Field } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { ODD_CONFIG, ODD_SCHEMA } from './odd-schema.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = await openPool(database.url, { max: 2 });
  await database.query(ODD_SCHEMA);
  await database.query(`
    create table contacts (id bigint primary key, email text, at timestamptz, nullable int unique);
    create table orders (id bigint primary key, contact_id bigint, status text, other_id bigint);
    create table lines (id int, order_id bigint, label text);
    create table pair (a int, b int, primary key (a, b)); create table keyless (a int); create table floaty (id numeric primary key);
    create table blind (id text collate public.blind primary key);
    create table sorted (id text collate "en-x-icu" primary key);
    create table sorted_orders (id text collate "C" primary key, plain text, same text collate "en-x-icu", other text collate "C");
    create table sorted_lines (order_id text collate "en-x-icu", same text collate "C");
    create view glance as select * from contacts; create materialized view stored as select * from contacts;
    create table "Mixed" (id int primary key)`);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const resolve = (text: string): Promise<Catalogue> => resolveCatalogue(pool, parseConfig(text, 'c'));

function short(field: Field): string {
  const marks = [
    field.array ? '[]' : '',
    field.integer ? ' integer' : '',
    field.castText ? ' cast' : '',
    field.collate ? ' collate' : '',
  ];
  return `${field.family}${marks.join('')} | ${field.sqlType}`;
}

test('every type of column becomes a field of its family', async () => {
  const { contacts } = await resolve(ODD_CONFIG);
  expect(Object.fromEntries([...contacts.fields.values()].map((field) => [field.name, short(field)]))).toEqual({
    Id: 'uuid | uuid',
    order: 'text | text',
    'e-mail': 'text | character varying(200)',
    code: 'text cast | character(3)',
    mood: 'text cast | "C R M"."Mood"',
    moods: 'text[] cast | "C R M"."Mood"[]',
    tags: 'text[] | text[]',
    numbers: 'number[] integer | integer[]',
    ids: 'uuid[] | uuid[]',
    matrix: 'text[] cast | text[]',
    attributes: 'json | jsonb',
    raw: 'json | json',
    born: 'date | date',
    seen: 'instant | timestamp with time zone',
    local: 'instant | timestamp without time zone',
    score: 'number | numeric(8,2)',
    ratio: 'number | double precision',
    level: 'number integer | integer',
    nick: 'text cast | character varying(5)',
    vip: 'boolean | boolean',
    folded: 'text collate | text',
    place: 'other | point',
    doc: 'other | xml',
    twice: 'number integer | integer',
    'newsletter?': 'boolean | boolean',
    'attributes.plan': 'text | jsonb',
    'attributes.n': 'number integer | jsonb',
    optin: 'boolean | boolean',
  });
  expect(contacts.fields.get('mood')?.labels).toEqual(['so-so', 'Good']);
  expect(contacts.fields.get('attributes.n')).toMatchObject({ column: 'attributes', path: ['deep', '0'] });
  expect(contacts).toMatchObject({
    table: { schema: 'C R M', name: 'Per"son' },
    key: { column: 'Id', type: 'uuid', sqlType: 'uuid' },
    created: 'seen',
  });
});

test('text is read as another type, with the first format of the type where none is named', async () => {
  const { contacts } = await resolve(
    `contacts: { table: sorted, created: made }
fields:
  amount: { column: id, type: number }
  day: { column: id, type: date }
  day two: { column: id, type: date, format: DD.MM.YYYY }
  made: { column: id, type: instant }
  wall: { column: id, type: instant, format: MM/DD/YYYY HH:MI }`,
  );
  const read = ['id', 'amount', 'day', 'day two', 'made', 'wall'].map((name) => {
    const field = contacts.fields.get(name);
    return [field?.family, field?.reading, field?.sqlType, field?.about?.nullable];
  });
  expect(read).toEqual([
    ['text', undefined, 'text', false],
    ['number', 'number', 'text', true],
    ['date', 'YYYY-MM-DD', 'text', true],
    ['date', 'DD.MM.YYYY', 'text', true],
    ['instant', 'ISO 8601', 'text', true],
    ['instant', 'MM/DD/YYYY HH:MI', 'text', true],
  ]);
  expect(contacts.created).toBe('made');
  for (const type of ['number', 'date'])
    await expect(
      resolve(`contacts: { table: contacts }\nfields: { a: { column: at, type: ${type} } }`),
    ).rejects.toThrow(`\`fields.a\`: only a text column is read as ${type}, "at" is timestamp with time zone.`);
});

test('relations over one and several hops are resolved, and the zones', async () => {
  const catalogue = await resolve(ODD_CONFIG);
  expect(catalogue.relations.get('sales table')).toMatchObject({
    table: { schema: 'select', name: 'table' },
    link: { kind: 'contact', column: 'user', sqlType: 'uuid' },
    time: 'at',
  });
  expect(catalogue.relations.get('group')).toMatchObject({
    link: { kind: 'through', relation: 'sales table', column: 'table', target: 'from', sqlType: 'bigint' },
    time: 'when',
  });
  expect([catalogue.timezone, catalogue.timestamps, catalogue.foldCollation]).toEqual([
    'Europe/Madrid',
    'America/Havana',
    'und-x-icu',
  ]);
});

test('a bare name is found on the search path, the key is the primary key', async () => {
  const { contacts } = await resolve('contacts: { table: contacts }');
  expect(contacts).toMatchObject({
    table: { schema: 'public', name: 'contacts' },
    key: { column: 'id', type: 'bigint' },
  });
});

test('a text key keeps its collation, a varchar is text', async () => {
  await database.query('create table named (id varchar(40) collate "C" primary key)');
  const { contacts } = await resolve('contacts: { table: named }');
  expect(contacts.key).toEqual({
    column: 'id',
    type: 'text',
    sqlType: 'character varying',
    collation: { schema: 'pg_catalog', name: 'C' },
  });
});

describe('a config is rejected', () => {
  const relations = (text: string): string => `contacts: { table: contacts }\nrelations: { ${text} }`;
  const sorted = (text: string): string => `contacts: { table: sorted }\nrelations: { ${text} }`;
  test.each([
    ['contacts: { table: contcts }', 'there is no table contcts (did you mean `public.contacts`?).'],
    ['contacts: { table: mixed }', 'there is no table mixed (did you mean `public."Mixed"`?).'],
    ['contacts: { table: "a b" }', 'is not the name of a table'],
    ['contacts: { table: glance, key: id }', 'public.glance is a view'],
    ['contacts: { table: stored, key: id }', 'public.stored is a view'],
    ['contacts: { table: pg_catalog.pg_class, key: oid }', 'is not a table of yours'],
    ['contacts: { table: pair }', 'the primary key of public.pair is composite (a, b)'],
    ['contacts: { table: pair, key: a }', 'unique only by (a, b); composite keys are not supported'],
    ['contacts: { table: keyless }', 'public.keyless has no primary key to take'],
    ['contacts: { table: keyless, key: a }', '"a" does not identify a contact'],
    ['contacts: { table: contacts, key: nullable }', '"nullable" may be null'],
    ['contacts: { table: contacts, key: emial }', 'has no column "emial" (did you mean `email`?)'],
    ['contacts: { table: floaty }', '"id" is numeric; a key must be'],
    ['contacts: { table: blind }', 'nondeterministic collation blind'],
    ['contacts: { table: contacts, exclude: [emial] }', '`contacts.exclude`: public.contacts has no column "emial"'],
    ['contacts: { table: contacts, created: email }', '`contacts.created`: "email" is text, not a date or timestamp'],
    ['contacts: { table: contacts }\nfields: { x: { column: y } }', '`fields.x`: public.contacts has no column "y"'],
    [
      'contacts: { table: contacts }\nfields: { x: { column: email, path: [a], type: text } }',
      'a path needs a jsonb column, "email" is text',
    ],
    ['contacts: { table: contacts }\ntimezone: CEST', 'Postgres knows no time zone "CEST"'],
    ['contacts: { table: contacts }\ntimestamps: Mars/North', '`timestamps`: Postgres knows no time zone'],
    [relations('o: { table: orders, contact: contactid }'), 'has no column "contactid" (did you mean `contact_id`?)'],
    [relations('o: { table: orders, contact: status }'), '"status" is text, the key of the contacts is bigint'],
    [relations('o: { table: orders, contact: contact_id, time: status }'), '`relations.o.time`: "status" is text'],
    [relations('email: { table: orders, contact: contact_id }'), 'a field of the contact has the same name'],
    [
      relations('o: { table: orders, contact: contact_id }, l: { table: lines, through: oo, on: { order_id: id } }'),
      'there is no relation "oo"',
    ],
    [
      relations('o: { table: orders, contact: contact_id }, l: { table: lines, through: o, on: { label: id } }'),
      '"label" is text, "id" is bigint',
    ],
    [
      relations(
        'a: { table: orders, through: b, on: { id: id } }, b: { table: lines, through: a, on: { order_id: id } }',
      ),
      'it never reaches the contact (a → b → a)',
    ],
    [relations('o: { table: orders, on: { contact_id: nothing } }'), 'has no column "nothing"'],
    [relations('o: { table: orders, on: { status: id } }'), '"status" is text, the key of the contacts is bigint'],
    [
      sorted('o: { table: sorted_orders, contact: other }'),
      '`relations.o.contact`: "other" of public.sorted_orders has the collation C and "id" of public.sorted has en-x-icu, and Postgres compares no two columns whose own collations differ; give both the same.',
    ],
    [
      sorted(
        'o: { table: sorted_orders, contact: plain }, l: { table: sorted_lines, through: o, on: { order_id: id } }',
      ),
      '`relations.l.on`: "order_id" of public.sorted_lines has the collation en-x-icu and "id" of public.sorted_orders has C,',
    ],
  ])('%s', async (text, said) => {
    const error = await resolve(text).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).message).toContain(said);
    expect((error as Failure).exitCode).toBe(2);
  });

  test('not for one collation beside the default of the database, nor for the same one twice', async () => {
    for (const column of ['plain', 'same']) {
      const { relations: found } = await resolve(
        sorted(
          `o: { table: sorted_orders, contact: ${column} }, l: { table: sorted_lines, through: o, on: { same: id } }`,
        ),
      );
      expect([...found.keys()]).toEqual(['o', 'l']);
    }
  });

  test('for a table with a foreign partition, whose writes a transition table would make fail', async () => {
    await database.query(`create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;
      create table mostly_here (id int not null) partition by range (id);
      create foreign table elsewhere partition of mostly_here for values from (0) to (9) server nowhere;
      create foreign table remote (id int) server nowhere`);
    await expect(resolve(relations('r: { table: mostly_here, contact: id }'))).rejects.toThrow(
      'has the foreign table public.elsewhere among its partitions',
    );
    await expect(resolve('contacts: { table: remote, key: id }')).rejects.toThrow('is a foreign table');
  });

  test('for a column or table that the role may not read', async () => {
    const role = `reader_${database.name}`;
    await database.query(
      `create role ${role} login password 'r'; grant select on contacts to ${role}; grant select (id, contact_id) on orders to ${role}`,
    );
    const url = new URL(database.url);
    url.username = role;
    url.password = 'r';
    const weak = await openPool(url.href, { max: 1 });
    try {
      const resolveWeakly = (text: string): Promise<Catalogue> => resolveCatalogue(weak, parseConfig(text, 'c'));
      const { relations: found } = await resolveWeakly(relations('o: { table: orders, contact: contact_id }'));
      expect([...(found.get('o')?.fields.keys() ?? [])], 'the columns that were granted').toEqual(['id', 'contact_id']);
      await expect(resolveWeakly(relations('l: { table: lines, contact: id }'))).rejects.toMatchObject({
        code: 'permission',
        message: expect.stringContaining(`the role ${role} may not read public.lines`),
      });
      await expect(resolveWeakly(relations('o: { table: orders, contact: other_id }'))).rejects.toMatchObject({
        code: 'permission',
      });
    } finally {
      await weak.end();
      await database.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

/** The vocabulary of real tables: labels, what is displayed, and values that are known and may be listed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalogue, Field } from '../../src/catalogue/catalogue.ts';
import { listOfConstraint, readKnownValues, type KnownValues } from '../../src/catalogue/known-value.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { isMasked } from '../../src/catalogue/resolve-display.ts';
import { vocabularyOf } from '../../src/catalogue/vocabulary.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`
    create type mood as enum ('new', 'it''s');
    create table contacts (
      id bigint primary key, email text, first_name text, country text, rare text, mood mood, vip boolean, tags text[], points int,
      level int, state text check (state in ('open', 'won''t', 'a, b')), grade int check (grade in (1, 2, -3)), status int, note varchar(20) check (note in ('x', 'y')),
      born date, attributes jsonb, city text not null);
    comment on table contacts is 'People who bought or signed up.';
    comment on column contacts.country is 'Home country';
    comment on column contacts.points is 'Points of the loyalty programme, not yet spent.';
    create table orders (id bigint primary key, contact_id bigint, channel text, at timestamptz);
    create index on orders (contact_id);
    insert into contacts select n, 'same@example.com', 'Ana', case when n % 10 < 7 then 'ES' else 'PT' end, case when n < 3 then 'one person' else 'many' end,
      'new', n % 4 = 0, array['vip', 'press'], n, n % 3, 'open', 1, n % 3, 'x', date '2000-01-01', '{"plan": "pro"}', 'c' || n
      from generate_series(1, 1000) n;
    insert into orders select n, n, 'web', now() from generate_series(1, 1000) n;
    analyze contacts, orders`);
});
afterAll(() => database.drop());

const CONFIG = `
contacts: { table: contacts, display: [country, { first_name: masked }, email] }
fields:
  status: { label: State, labels: { 0: open, 1: won } }
  plan: { column: attributes, path: [plan], type: text }
relations: { orders: { table: orders, contact: contact_id, time: at, label: purchases } }`;

const resolve = (text: string): Promise<Catalogue> => resolveCatalogue(database.pool, parseConfig(text, 'c'));
const fieldOf = (catalogue: Catalogue, name: string): Field => {
  const found = catalogue.contacts.fields.get(name);
  if (!found) throw new Error(name);
  return found;
};

describe('known values', () => {
  let catalogue: Catalogue;
  let known: ReadonlyMap<Field, KnownValues>;
  beforeAll(async () => {
    catalogue = await resolve(CONFIG);
    known = await readKnownValues(database.pool, catalogue);
  });
  const of = (name: string): KnownValues | undefined => known.get(fieldOf(catalogue, name));
  const values = (name: string): readonly string[] | undefined => of(name)?.values.map(({ value }) => value);

  test('are the labels of an enum, the list of a check, yes and no, the keys of labels: all of them', () => {
    expect(of('mood')).toMatchObject({ complete: true, values: [{ value: 'new' }, { value: "it's", share: null }] });
    expect(of('state')).toMatchObject({ complete: true });
    expect(values('state')).toEqual(['open', "won't", 'a, b']);
    expect(values('grade')).toEqual(['1', '2', '-3']);
    expect(values('note')).toEqual(['x', 'y']);
    expect(values('vip')).toEqual(['true', 'false']);
    // A frequent value without words is offered beside those that have some.
    expect(values('status')).toEqual(['0', '1', '2']);
  });

  test('are frequent values with their shares', () => {
    const country = of('country');
    expect(country?.complete).toBe(false);
    expect(country?.values.map(({ value }) => value)).toEqual(['ES', 'PT']);
    expect(country?.values[0]?.share).toBeCloseTo(0.7, 1);
    expect(values('tags')?.toSorted()).toEqual(['press', 'vip']);
    expect(values('level')?.toSorted()).toEqual(['0', '1', '2']);
  });

  test('are never personal, secret, nearly unique or of few rows', () => {
    expect(values('rare')).toEqual(['many']);
    for (const name of ['email', 'first_name', 'points', 'id', 'city', 'born', 'plan', 'attributes'])
      expect(of(name), name).toBeUndefined();
  });

  test('are only those that the role may read', async () => {
    await database.query(`
      drop role if exists known_value_reader; create role known_value_reader;
      grant usage on schema public to known_value_reader; grant select (id, level) on contacts to known_value_reader`);
    const client = await database.pool.connect();
    try {
      await client.query('begin; set local role known_value_reader');
      const seen = await readKnownValues(client, catalogue);
      expect(seen.get(fieldOf(catalogue, 'level'))?.values).toHaveLength(3);
      expect(seen.get(fieldOf(catalogue, 'country'))).toBeUndefined();
    } finally {
      await client.query('rollback');
      client.release();
      await database.query('drop owned by known_value_reader; drop role known_value_reader');
    }
  });
});

describe('the vocabulary', () => {
  test('says what people read, with labels of the config, comments and names', async () => {
    const catalogue = await resolve(CONFIG);
    const masked = (field: Field): boolean => isMasked(catalogue.contacts.display, field);
    const { contacts, fields, relations } = vocabularyOf(
      catalogue,
      await readKnownValues(database.pool, catalogue),
      masked,
    );
    expect(contacts).toEqual({
      table: 'public.contacts',
      key: 'id',
      keyType: 'bigint',
      label: 'Contacts',
      description: 'People who bought or signed up.',
      display: [
        { field: 'country', label: 'Home country', masked: false },
        { field: 'first_name', label: 'First name', masked: true },
        { field: 'email', label: 'Email', masked: false },
      ],
    });
    const named = new Map(fields.map((field) => [field.name, field]));
    expect(named.get('country')).toMatchObject({ label: 'Home country', description: null, nullable: true });
    expect(named.get('points')).toMatchObject({ label: 'Points', type: 'integer', values: null });
    expect(named.get('points')?.description).toMatch(/^Points of the loyalty/);
    expect(named.get('city')).toMatchObject({ nullable: false });
    expect(named.get('status')).toMatchObject({
      label: 'State',
      values: [
        { value: '0', label: 'open' },
        { value: '1', label: 'won' },
        { value: '2', label: null },
      ],
    });
    // `state` would read the same as the label of `status`.
    expect(named.get('state')?.label).toBe('state (column)');
    expect(named.get('tags')?.type).toBe('text[]');
    expect(relations).toMatchObject([{ name: 'orders', label: 'purchases', through: null, eventsAt: 'at' }]);
  });

  test('masks what looks personal where the config says nothing', async () => {
    const { display } = (await resolve('contacts: { table: contacts }')).contacts;
    expect(display).toEqual([
      { field: 'email', masked: true },
      { field: 'first_name', masked: true },
      { field: 'city', masked: false },
      { field: 'country', masked: false },
    ]);
  });

  test('a displayed column that is no field is a mistake, and is left out where a worker goes on', async () => {
    const text = 'contacts: { table: contacts, display: [countri, city] }';
    await expect(resolve(text)).rejects.toThrow(
      '`contacts.display`: there is no field "countri" (did you mean `country`?).',
    );
    const config = parseConfig(text, 'c');
    const { contacts } = await resolveCatalogue(database.pool, config, { tolerant: true });
    expect(contacts.display).toEqual([{ field: 'city', masked: false }]);
  });
});

test.each([
  ["CHECK ((status = ANY (ARRAY['a'::text, 'it''s'::text])))", ['a', "it's"]],
  ["CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))", ['a', 'b']],
  [
    "CHECK (((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
    ['a', 'b'],
  ],
  ['CHECK ((grade = ANY (ARRAY[1, 2, 3])))', ['1', '2', '3']],
  ["CHECK (((a = ANY (ARRAY['a'::text])) OR (b > 0)))", undefined],
  ['CHECK ((n > 0))', undefined],
  ["CHECK ((status <> ALL (ARRAY['a'::text])))", undefined],
])('%s', (definition, list) => {
  expect(listOfConstraint(definition)).toEqual(list);
});

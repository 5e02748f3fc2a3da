/**
 * A contacts table of odd columns with related rows, its catalogue, and one question: who matches? Asked of all three
 * statements, of the condition and of its complement; they must agree.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Catalogue, Field, Relation } from '../../src/catalogue/catalogue.ts';
import { ident, integer, join, list, render, sql, type Fragment } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery, type CompiledSegment } from '../../src/compile/statement.ts';
import type { Condition } from '../../src/condition/ast.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import type { ContactDocument, DocumentRow } from '../../src/condition/evaluate/document.ts';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import { field, fields } from '../condition/catalogue.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const OPTIONS = { segmentId: (key: string) => (key === 'blocked' ? 900 : 901) };

const orders: Relation = {
  name: 'orders',
  table: { schema: 'public', name: 'Order' },
  link: { kind: 'contact', column: 'contact_id', sqlType: 'bigint' },
  time: 'placed_at',
  key: ['id'],
  fields: fields(
    field('orders', 'id', 'number', { sqlType: 'bigint', integer: true }),
    field('orders', 'status', 'text', { sqlType: 'public.status', castText: true }),
    field('orders', 'note', 'text'),
    field('orders', 'total', 'number'),
    field('orders', 'weight', 'number', { sqlType: 'double precision' }),
    field('orders', 'units', 'number', { sqlType: 'integer', integer: true }),
    field('orders', 'placed_at', 'instant'),
    field('orders', 'due_on', 'date'),
    field('orders', 'ref', 'text', { column: 'extra', path: ['ref'] }),
  ),
};

const items: Relation = {
  name: 'items',
  table: { schema: 'public', name: 'item' },
  link: { kind: 'through', relation: 'orders', column: 'order_id', sqlType: 'bigint', target: 'id' },
  time: 'made_at',
  key: ['id'],
  fields: fields(
    field('items', 'id', 'number', { sqlType: 'bigint', integer: true }),
    field('items', 'sku', 'text'),
    field('items', 'price', 'number'),
    field('items', 'made_at', 'instant', { sqlType: 'timestamp without time zone' }),
  ),
};

export const odd: Catalogue = {
  contacts: {
    table: { schema: 'public', name: 'contact' },
    key: { column: 'id', type: 'bigint', sqlType: 'bigint' },
    created: 'ts',
    fields: fields(
      field('contact', 'id', 'number', { sqlType: 'bigint', integer: true }),
      field('contact', 't', 'text'),
      field('contact', 'vc', 'text', { sqlType: 'character varying(10)' }),
      field('contact', 'ch', 'text', { sqlType: 'character(4)', castText: true }),
      field('contact', 'mood', 'text', { sqlType: 'public.mood', castText: true }),
      field('contact', 'vc day', 'date', { column: 'vc', sqlType: 'character varying(10)', reading: 'DD/MM/YYYY' }),
      field('contact', 't number', 'number', { column: 't', sqlType: 'text', reading: 'number' }),
      field('contact', 'nd', 'text', { collate: true }),
      field('contact', 'i2', 'number', { sqlType: 'smallint', integer: true }),
      field('contact', 'i8', 'number', { sqlType: 'bigint', integer: true }),
      field('contact', 'num', 'number'),
      field('contact', 'f4', 'number', { sqlType: 'real' }),
      field('contact', 'f8', 'number', { sqlType: 'double precision' }),
      field('contact', 'b', 'boolean'),
      field('contact', 'd', 'date'),
      field('contact', 'ts', 'instant'),
      field('contact', 'tl', 'instant', { sqlType: 'timestamp without time zone' }),
      field('contact', 'u', 'uuid'),
      field('contact', 'tags', 'text', { array: true }),
      field('contact', 'vtags', 'text', { array: true, sqlType: 'character varying(9)[]' }),
      field('contact', 'moods', 'text', { array: true, sqlType: 'public.mood[]', castText: true }),
      field('contact', 'ints', 'number', { array: true, integer: true, sqlType: 'smallint[]' }),
      field('contact', 'floats', 'number', { array: true, sqlType: 'double precision[]' }),
      field('contact', 'uuids', 'uuid', { array: true }),
      field('contact', 'clocks', 'instant', { array: true, sqlType: 'timestamp without time zone[]' }),
      field('contact', 'j', 'json'),
      field('contact', 'js', 'json', { sqlType: 'json' }),
      field('contact', 'p', 'other'),
      field('contact', 'j.text', 'text', { column: 'j', path: ['text'] }),
      field('contact', 'j.number', 'number', { column: 'j', path: ['deep', 'number'] }),
      field('contact', 'j.whole', 'number', { column: 'j', path: ['whole'], integer: true }),
      field('contact', 'j.flag', 'boolean', { column: 'j', path: ['flag'] }),
      field('contact', 'j.date', 'date', { column: 'j', path: ['date'] }),
      field('contact', 'j.at', 'instant', { column: 'j', path: ['at'] }),
      field('contact', 'j.uuid', 'uuid', { column: 'j', path: ['uuid'] }),
      field('contact', 'j.any', 'json', { column: 'j', path: ['any'] }),
      field('contact', 'j.list', 'text', { column: 'j', path: ['list'], array: true }),
      field('contact', 'j.numbers', 'number', { column: 'j', path: ['numbers'], array: true }),
    ),
  },
  relations: new Map([
    ['orders', orders],
    ['items', items],
  ]),
  timezone: 'Europe/Madrid',
  timestamps: 'UTC',
  foldCollation: 'und-x-icu',
};

const SCHEMA = `
  create schema segmentd;
  create domain segmentd.contact_key as bigint;
  create table segmentd.membership (segment_id int, contact_id segmentd.contact_key, primary key (segment_id, contact_id));
  create type public.mood as enum ('sad', 'ok', 'glad');
  create type public.status as enum ('new', 'paid', 'refunded');
  create collation public.nd (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create table public.contact (
    id bigint primary key, t text, vc varchar(10), ch char(4), mood public.mood, nd text collate public.nd,
    i2 smallint, i8 bigint, num numeric, f4 real, f8 double precision, b boolean, d date, ts timestamptz, tl timestamp, u uuid,
    tags text[], vtags varchar(9)[], moods public.mood[], ints smallint[], floats float8[], uuids uuid[], clocks timestamp[],
    j jsonb, js json, p point);
  create table public."Order" (
    id bigint primary key, contact_id bigint, status public.status, note text, total numeric, weight float8, units int,
    placed_at timestamptz, due_on date, extra jsonb);
  create table public.item (id bigint primary key, order_id bigint, sku text, price numeric, made_at timestamp);`;

export async function oddDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  await database.query(SCHEMA);
  for (const name of ['json-instant', 'text-value'])
    await database.query(readFileSync(new URL(`../../sql/object/${name}.sql`, import.meta.url), 'utf8'));
  return database;
}

export interface Ask {
  readonly now?: string;
  readonly zone?: string;
  readonly timestamps?: string;
  /** Zone of the session, which must not matter. */
  readonly session?: string;
}

export function conditionOf(json: unknown, catalogue: Catalogue = odd): Condition {
  const checked = checkCondition(json, { catalogue });
  if (!checked.ok) expect.fail(`refused: ${JSON.stringify(checked.issues)}`);
  return checked.condition;
}

async function rows<T>(
  database: TestDatabase,
  fragment: Fragment,
  slots: Record<string, unknown>,
  session = 'Asia/Kathmandu',
): Promise<T[]> {
  const statement = render(fragment);
  const client = await database.pool.connect();
  try {
    await client.query(`set time zone '${session}'; set intervalstyle = 'sql_standard'`);
    return (await client.query(statement.text, statement.bind(slots))).rows as T[];
  } finally {
    client.release();
  }
}

type Text = string | null | (string | null)[];

function textOf(of: Field): Fragment {
  const column = ident(of.owner, of.column);
  if (of.path) return sql`(${column} #> ${list(of.path, 'text')})::text as ${ident(of.name)}`;
  return of.array ? sql`${column}::text[] as ${ident(of.name)}` : sql`${column}::text as ${ident(of.name)}`;
}

function columnsOf(of: ReadonlyMap<string, Field>): Fragment {
  return join([...of.values()].map(textOf), sql`, `);
}

/** The document of every contact: each field's text as Postgres prints it, with its orders and their items. */
export async function documents(database: TestDatabase): Promise<Map<number, ContactDocument>> {
  type Row = Record<string, Text> & { owner: string; parent: string };
  const contacts = await rows<Row>(
    database,
    sql`select contact.id as owner, ${columnsOf(odd.contacts.fields)} from public.contact order by contact.id`,
    {},
  );
  const made = await rows<Row>(
    database,
    sql`select orders.contact_id as owner, ${columnsOf(orders.fields)} from public."Order" orders order by orders.id`,
    {},
  );
  const of = (owner: string): DocumentRow[] => made.filter((row) => row.owner === owner).map((fields) => ({ fields }));
  const bought = await rows<Row>(
    database,
    sql`select orders.contact_id as owner, orders.note as "orders.note", orders.total::text as "orders.total", ${columnsOf(items.fields)}
      from public.item items join public."Order" orders on orders.id = items.order_id order by items.id`,
    {},
  );
  const itemsOf = (owner: string): DocumentRow[] =>
    bought
      .filter((row) => row.owner === owner)
      .map((fields) => ({
        fields,
        middle: { orders: { note: fields['orders.note'] ?? null, total: fields['orders.total'] ?? null } },
      }));
  const members = await rows<{ contact_id: string; key: string }>(
    database,
    sql`select m.contact_id, case m.segment_id when 900 then 'blocked' else 'other' end as key from segmentd.membership m`,
    {},
  );
  return new Map(
    contacts.map((fields) => [
      Number(fields.owner),
      {
        key: fields.owner,
        fields,
        relations: { orders: of(fields.owner), items: itemsOf(fields.owner) },
        segments: members.filter((member) => member.contact_id === fields.owner).map((member) => member.key),
      },
    ]),
  );
}

/**
 * Many conditions, each with its complement, in one recheck, one range and a union of member statements, held against
 * the evaluator; returns how many verdicts were compared.
 */
export async function compareAll(database: TestDatabase, leaves: readonly unknown[], ask: Ask = {}): Promise<number> {
  const catalogue = { ...odd, timestamps: ask.timestamps ?? odd.timestamps };
  const timezone = ask.zone ?? catalogue.timezone;
  const now = ask.now ?? '2024-05-15T12:00:00Z';
  const conditions = leaves.map((leaf) => conditionOf(leaf, catalogue));
  const segments = conditions.flatMap((condition, index): CompiledSegment[] => [
    { id: 2 * index + 1, condition, timezone },
    { id: 2 * index + 2, condition: { kind: 'not', child: condition }, timezone },
  ]);
  const world = await documents(database);
  const validates = conditions.map((condition) =>
    evaluator({ condition, timezone }, now, { timestamps: catalogue.timestamps }),
  );
  const expected = new Map(
    [...world].map(([id, document]) => [
      id,
      validates.map((validate, index) => (validate(document) ? 2 * index + 1 : 2 * index + 2)),
    ]),
  );
  const slots = { now, contacts: [...world.keys()] };
  const open = { low: false, high: false };
  const own = segments.map(
    (segment) =>
      sql`select m.contact_id, ${integer(segment.id)} as id from (${memberQuery(catalogue, segment, open, OPTIONS)}) as m`,
  );
  const statements: [string, Fragment][] = [
    ['recheck', recheckQuery(catalogue, segments, OPTIONS)],
    ['range', rangeQuery(catalogue, segments, open, OPTIONS)],
    [
      'member',
      sql`select contact_id, array_agg(id order by id) as segments from (${join(own, sql` union all `)}) as u group by contact_id`,
    ],
  ];
  for (const [name, fragment] of statements) {
    const found = await rows<{ contact_id: string; segments: number[] }>(database, fragment, slots);
    expect(found.length).toBe(world.size);
    for (const row of found) {
      const wanted = expected.get(Number(row.contact_id)) ?? [];
      const wrong = wanted
        .filter((id) => !row.segments.includes(id))
        .map((id) => `${id % 2 === 1 ? '' : 'not '}${JSON.stringify(leaves[(id - 1) >> 1])}`);
      expect(wrong, `${name}, contact ${row.contact_id}`).toEqual([]);
      expect(row.segments, `${name}, contact ${row.contact_id}`).toEqual(wanted);
    }
  }
  return leaves.length * world.size;
}

/** Copies of a condition that spare more evaluations than a level for them costs. */
const MANY = 24;

/** Keys of the contacts that match, ascending; after all statements, and their complements, have agreed. */
export async function matching(database: TestDatabase, json: unknown, ask: Ask = {}): Promise<number[]> {
  const catalogue = { ...odd, timestamps: ask.timestamps ?? odd.timestamps };
  const condition = conditionOf(json, catalogue);
  const timezone = ask.zone ?? catalogue.timezone;
  const segment: CompiledSegment = { id: 1, condition, timezone };
  const inverse: CompiledSegment = { id: 2, condition: { kind: 'not', child: condition }, timezone };
  const everybody = (await database.query<{ id: string }>('select id from public.contact order by id')).map((row) =>
    Number(row.id),
  );
  const slots = {
    now: ask.now ?? '2024-05-15T12:00:00Z',
    contacts: everybody,
    low: '0',
    high: String(Number.MAX_SAFE_INTEGER),
  };
  const range = { low: true, high: true };

  const members = async (of: CompiledSegment): Promise<number[]> => {
    const found = await rows<{ contact_id: string }>(
      database,
      sql`${memberQuery(catalogue, of, range, OPTIONS)} order by 1`,
      slots,
      ask.session,
    );
    return found.map((row) => Number(row.contact_id));
  };
  const inside = await members(segment);
  expect(await members(inverse), 'the complement').toEqual(everybody.filter((id) => !inside.includes(id)));
  const expected = everybody.map((id) => ({ id, segments: inside.includes(id) ? [1] : [2] }));
  // Three copies: equal expressions are shared. So many: equal leaves too, in a level of their own.
  const copies = (most: number): readonly CompiledSegment[] =>
    Array.from({ length: most }, (_, n) => [
      { ...segment, id: 2 * n + 1 },
      { ...inverse, id: 2 * n + 2 },
    ]).flat();
  const stored = (most: number): typeof expected =>
    expected.map(({ id, segments }) => ({
      id,
      segments: Array.from({ length: most }, (_, n) => 2 * n + (segments[0] ?? 0)),
    }));
  const cases: [string, Fragment, typeof expected][] = [
    ['recheck', recheckQuery(catalogue, [segment, inverse], OPTIONS), expected],
    ['range', rangeQuery(catalogue, [segment, inverse], range, OPTIONS), expected],
    ['shared recheck', recheckQuery(catalogue, copies(3), OPTIONS), stored(3)],
    ['shared range', rangeQuery(catalogue, copies(3), { low: false, high: false }, OPTIONS), stored(3)],
    ['recheck of many', recheckQuery(catalogue, copies(MANY), OPTIONS), stored(MANY)],
    ['range of many', rangeQuery(catalogue, copies(MANY), { low: false, high: false }, OPTIONS), stored(MANY)],
  ];
  for (const [name, fragment, wanted] of cases) {
    const found = await rows<{ contact_id: string; segments: number[] }>(
      database,
      sql`${fragment} order by 1`,
      slots,
      ask.session,
    );
    expect(
      found.map((row) => ({ id: Number(row.contact_id), segments: row.segments })),
      name,
    ).toEqual(wanted);
  }
  return inside;
}

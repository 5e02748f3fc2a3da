/** Postgres agrees with the sample of every operator: who satisfies it, and who does not. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Field } from '../../src/catalogue/catalogue.ts';
import { ident, join, keyword, list, render, sql, value, type Fragment } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery } from '../../src/compile/statement.ts';
import type { Condition } from '../../src/condition/ast.ts';
import type { DocumentValue } from '../../src/condition/evaluate/document.ts';
import { type OperatorName, operators } from '../../src/condition/operator.ts';
import { accepted } from '../condition/ask.ts';
import { shop } from '../condition/catalogue.ts';
import { samples, type SampleDocument } from '../condition/sample.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const NOW = '2024-05-15T12:00:00Z';
const SEGMENT_A = 7;
const options = { segmentId: () => SEGMENT_A };
const everybody = { low: false, high: false };

/** The sample's fields are plain columns of these types; the others of the shop are left out. */
const tables: readonly (readonly [string, ReadonlyMap<string, Field>])[] = [
  ['contacts', shop.contacts.fields],
  ['orders', shop.relations.get('orders')?.fields ?? new Map()],
];

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  await database.query(`create schema segmentd; create domain segmentd.contact_key as bigint;
    create table segmentd.membership (segment_id int, contact_id segmentd.contact_key, entered_at timestamptz, primary key (segment_id, contact_id));
    create table segmentd.membership_event (segment_id int, contact_id segmentd.contact_key, kind text, at timestamptz);
    create type public.order_status as enum ('new', 'paid', 'refunded')`);
  for (const [table, fields] of tables) {
    const columns = [...fields.values()].filter(
      ({ path, name }) => path === undefined && name !== 'id' && name !== 'email',
    );
    const typed = columns.map(({ column, sqlType }) => `"${column}" ${sqlType}`);
    await database.query(
      `create table public.${table} (id bigint generated always as identity primary key, contact_id bigint, ${typed.join(', ')})`,
    );
  }
});

async function run<Row>(query: Fragment, params: Readonly<Record<string, unknown>> = {}): Promise<readonly Row[]> {
  const { text, bind } = render(query);
  return (await database.pool.query(text, bind(params))).rows as Row[];
}

async function insert(
  table: string,
  fields: ReadonlyMap<string, Field>,
  row: Readonly<Record<string, DocumentValue>>,
  contact: number | null,
): Promise<number> {
  const columns = Object.entries(row).map(([name, held]) => {
    const field = fields.get(name);
    if (!field) throw new Error(`the shop has no field ${name}`);
    const text = typeof held === 'string' || held === null ? held : `{${held.join(',')}}`;
    return { name: ident(field.column), value: sql`${value(text, 'text')}::${keyword(field.sqlType)}` };
  });
  const inserted = await run<{ id: string }>(
    sql`insert into ${ident('public', table)} (${join([sql`contact_id`, ...columns.map(({ name }) => name)], sql`, `)})
      values (${join([value(contact, 'bigint'), ...columns.map((column) => column.value)], sql`, `)}) returning id`,
  );
  return Number(inserted[0]?.id);
}

/** The key of a new contact with that document. */
async function contactOf(document: SampleDocument): Promise<number> {
  const [[, contacts] = ['', new Map()], [, orders] = ['', new Map()]] = tables;
  const contact = await insert('contacts', contacts, document.fields ?? {}, null);
  for (const order of document.orders ?? []) await insert('orders', orders, order, contact);
  const { since = null, entered = [], left = [] } = document.pasts?.['a'] ?? {};
  if (since !== null || document.segments?.includes('a'))
    await run(
      sql`insert into segmentd.membership values (${value(String(SEGMENT_A), 'int')}, ${value(String(contact), 'bigint')}, ${value(since, 'timestamptz')})`,
    );
  for (const [kind, times] of Object.entries({ entered, left }))
    await run(
      sql`insert into segmentd.membership_event select ${value(String(SEGMENT_A), 'int')}, ${value(String(contact), 'bigint')}, ${value(kind, 'text')}, unnest(${list(times, 'timestamptz')})`,
    );
  return contact;
}

/** Those of the contacts that satisfy the condition, by the three statements that conditions become. */
async function matching(condition: Condition, contacts: readonly number[]): Promise<readonly (readonly number[])[]> {
  const segment = { id: 1, condition, timezone: 'Europe/Madrid' };
  const params = { now: NOW, contacts };
  type Row = { readonly contact_id: string; readonly segments?: readonly number[] };
  const answers = [
    await run<Row>(memberQuery(shop, segment, everybody, options), params),
    await run<Row>(recheckQuery(shop, [segment], options), params),
    await run<Row>(rangeQuery(shop, [segment], everybody, options), params),
  ];
  return answers.map((rows) =>
    rows
      .filter(({ segments }) => segments === undefined || segments.length > 0)
      .map(({ contact_id }) => Number(contact_id))
      .filter((contact) => contacts.includes(contact)),
  );
}

describe('the SQL of the operator', () => {
  test.each(Object.keys(operators) as OperatorName[])('%s', async (name) => {
    const { json, holds, fails } = samples[name];
    const condition = accepted(json);
    const contacts = [await contactOf(holds), await contactOf(fails)];
    expect(await matching(condition, contacts)).toEqual(Array.from({ length: 3 }, () => contacts.slice(0, 1)));
    const complement: Condition = { kind: 'not', child: condition };
    expect(await matching(complement, contacts)).toEqual(Array.from({ length: 3 }, () => contacts.slice(1)));
  });
});

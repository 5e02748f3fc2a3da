/** Arrays as teams declare them. What is in them is what JS says is in them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve.ts';
import { render, type Fragment } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery } from '../../src/compile/statement.ts';
import type { Condition } from '../../src/condition/ast.ts';
import { evaluator } from '../../src/condition/evaluate.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { conditionOf } from './world.ts';

const OPTIONS = { segmentId: (): number => 9 };
const OPEN = { low: false, high: false };

/** Column, its type, what rows hold, and the literals that are looked for. */
type Case = readonly [name: string, type: string, rows: readonly string[], literals: readonly (string | number | boolean)[]];

const PRECISIONS: readonly Case[] = [
  ['z3', 'timestamptz(3)[]', ['{2024-05-01 10:00:00.001Z}', '{}'], ['2024-05-01T10:00:00.000600Z', '2024-05-01T10:00:00.001Z']],
  ['z0', 'timestamptz(0)[]', ['{2024-05-01 10:00:01Z,null}'], ['2024-05-01T10:00:00.600000Z', '2024-05-01T10:00:01Z']],
  ['t3', 'timestamp(3)[]', ['{2024-05-01 10:00:00.001}'], ['2024-05-01T10:00:00.000600Z', '2024-05-01T10:00:00.001Z']],
  ['n2', 'numeric(6,2)[]', ['{1.01,2.00}'], ['1.005', '1.01', 2, '12345678901']],
  ['v3', 'varchar(3)[]', ['{abc,ab}'], ['abcd', 'abc', 'ab ']],
  ['c3', 'char(3)[]', ['{abc,ab}'], ['abcd', 'abc', 'ab', 'ab ']],
];

let database: TestDatabase;
let catalogue: Catalogue;

beforeAll(async () => {
  database = await createDatabase();
  await database.query(`
    create schema segmentd; create domain segmentd.contact_key as bigint;
    create table contacts (id bigint primary key, ${PRECISIONS.map(([name, type]) => `${name} ${type}`).join(', ')})`);
  await database.query('insert into contacts (id) values (1)');
  for (const [name, , rows] of PRECISIONS) {
    for (const row of rows) await database.query(`insert into contacts (id, ${name}) select max(id) + 1, $1 from contacts`, [row]);
  }
  catalogue = await resolveCatalogue(database.pool, parseConfig('contacts: { table: contacts }\ntimestamps: Asia/Kathmandu', 'c'));
});
afterAll(() => database.drop());

async function run<T>(fragment: Fragment, slots: Record<string, unknown> = {}): Promise<T[]> {
  const { text, bind } = render(fragment);
  return database.query(text, bind(slots)) as Promise<T[]>;
}

/** Ids of the contacts that JS says match. */
async function expected(name: string, condition: Condition): Promise<number[]> {
  const judge = evaluator({ condition, timezone: 'UTC' }, '2024-05-15T12:00:00Z', { timestamps: catalogue.timestamps });
  const rows = await database.query<{ id: string; value: string[] | null }>(`select id, ${name}::text[] as value from contacts order by id`);
  return rows.filter(({ value }) => judge({ fields: { [name]: value }, relations: {}, segments: [] })).map(({ id }) => Number(id));
}

async function agree(name: string, json: unknown): Promise<void> {
  const condition = conditionOf(json, catalogue);
  const wanted = await expected(name, condition);
  const said = JSON.stringify(json);
  const segment = { id: 1, condition, timezone: 'UTC' };
  const members = await run<{ contact_id: string }>(memberQuery(catalogue, segment, OPEN, OPTIONS));
  expect(members.map((row) => Number(row.contact_id)).sort((a, b) => a - b), said).toEqual(wanted);
  const contacts = (await database.query<{ id: string }>('select id from contacts')).map((row) => row.id);
  for (const fragment of [recheckQuery(catalogue, [segment], OPTIONS), rangeQuery(catalogue, [segment], OPEN, OPTIONS)]) {
    const rows = await run<{ contact_id: string; segments: number[] }>(fragment, { contacts });
    expect(rows.filter((row) => row.segments.length > 0).map((row) => Number(row.contact_id)).sort((a, b) => a - b), said).toEqual(wanted);
  }
}

async function everyQuestion([name, , , literals]: Case): Promise<void> {
  const field = { var: name };
  const leaves = [
    ...literals.flatMap((literal) => [{ has_any: [field, [literal]] }, { has_all: [field, [literal]] }, { in: [literal, field] }]),
    { has_any: [field, literals] },
    { has_all: [field, literals] },
    { is_empty: [field] },
    { '==': [field, null] },
  ];
  for (const leaf of leaves) {
    await agree(name, leaf);
    await agree(name, { '!': [leaf] });
  }
}

test.each(PRECISIONS)('a precision rounds no literal: %s %s', (...one) => everyQuestion(one));

/** Arrays as teams declare them: with a precision, of domains, behind domains. What is in them is what JS says is in them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { render, type Fragment } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery } from '../../src/compile/statement.ts';
import type { Condition } from '../../src/condition/ast.ts';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { conditionOf } from './compile-world.ts';

const ZERO = '00000000-0000-4000-8000-000000000000';
const OPTIONS = { segmentId: (): number => 9 };
const OPEN = { low: false, high: false };

/** Column, its type, what rows hold, and the literals that are looked for. */
type Case = readonly [
  name: string,
  type: string,
  rows: readonly string[],
  literals: readonly (string | number | boolean)[],
];

const PRECISIONS: readonly Case[] = [
  [
    'z3',
    'timestamptz(3)[]',
    ['{2024-05-01 10:00:00.001Z}', '{}'],
    ['2024-05-01T10:00:00.000600Z', '2024-05-01T10:00:00.001Z'],
  ],
  ['z0', 'timestamptz(0)[]', ['{2024-05-01 10:00:01Z,null}'], ['2024-05-01T10:00:00.600000Z', '2024-05-01T10:00:01Z']],
  ['t3', 'timestamp(3)[]', ['{2024-05-01 10:00:00.001}'], ['2024-05-01T10:00:00.000600Z', '2024-05-01T10:00:00.001Z']],
  ['n2', 'numeric(6,2)[]', ['{1.01,2.00}'], ['1.005', '1.01', 2, '12345678901']],
  ['v3', 'varchar(3)[]', ['{abc,ab}'], ['abcd', 'abc', 'ab ']],
  ['c3', 'char(3)[]', ['{abc,ab}'], ['abcd', 'abc', 'ab', 'ab ']],
];

const DOMAINS: readonly Case[] = [
  [
    'clock',
    'odd.clock[]',
    ['{2024-05-01 10:00:00}', '{2024-05-01 06:00:00,null}'],
    ['2024-05-01T10:00:00Z', '2024-05-01T04:15:00Z', '2024-05-01T14:00:00Z'],
  ],
  ['clocks', 'odd.clocks', ['{2024-05-01 10:00:00}', '{}'], ['2024-05-01T10:00:00Z', '2024-05-01T14:00:00Z']],
  [
    'instant',
    'odd.instant[]',
    ['{2024-05-01 10:00:00.001Z}'],
    ['2024-05-01T10:00:00.000600Z', '2024-05-01T10:00:00.001Z'],
  ],
  ['price', 'odd.price[]', ['{1.01,NaN}', '{7}'], ['1.005', '1.01', 7, '12345678901']],
  ['ratio', 'odd.ratio[]', ['{0.1,2}'], ['0.1', '0.10000000149011612', 2]],
  ['level', 'odd.level[]', ['{1,7}', '{}'], [-1, 0, 1, 7, '1099511627776', '0.5']],
  ['deep', 'odd.deep[]', ['{7}'], [-1, 7, 11]],
  ['levels', 'odd.levels', ['{1,7}'], [-1, 7]],
  ['numbers', 'odd.numbers', ['{3}'], [-1, 3, '1099511627776']],
  ['flag', 'odd.flag[]', ['{t}', '{f,null}'], [true, false]],
  ['day', 'odd.day[]', ['{2024-05-01}'], ['2024-05-01', '2024-05-02']],
  ['token', 'odd.token[]', [`{${ZERO}}`], [ZERO, ZERO.replace('4', '5')]],
  ['short', 'odd.short[]', ['{abc}'], ['abc', 'abcdefghi']],
  ['word', 'odd.word[]', ['{abc,ABC}'], ['abc', 'x']],
];

let database: TestDatabase;
let catalogue: Catalogue;

beforeAll(async () => {
  database = await createDatabase();
  await database.query(`
    create schema segmentd; create domain segmentd.contact_key as bigint; create schema odd;
    create domain odd.clock as timestamp; create domain odd.clocks as odd.clock[]; create domain odd.instant as timestamptz(3);
    create domain odd.price as numeric(6, 2); create domain odd.ratio as real; create domain odd.level as int check (value > 0);
    create domain odd.deep as odd.level check (value < 10); create domain odd.levels as odd.deep[] check (cardinality(value) < 9);
    create domain odd.numbers as int[] check (cardinality(value) < 9); create domain odd.flag as boolean; create domain odd.day as date;
    create domain odd.token as uuid; create domain odd.short as varchar(5); create domain odd.word as text check (value <> 'x');
    create domain odd.list as int[];
    create table contacts (id bigint primary key, ${[...PRECISIONS, ...DOMAINS].map(([name, type]) => `${name} ${type}`).join(', ')}, lists odd.list[])`);
  await database.query('insert into contacts (id) values (1)');
  for (const [name, , rows] of [...PRECISIONS, ...DOMAINS]) {
    for (const row of rows)
      await database.query(`insert into contacts (id, ${name}) select max(id) + 1, $1 from contacts`, [row]);
  }
  catalogue = await resolveCatalogue(
    database.pool,
    parseConfig('contacts: { table: contacts }\ntimestamps: Asia/Kathmandu', 'c'),
  );
});
afterAll(() => database.drop());

async function run<T>(fragment: Fragment, slots: Record<string, unknown> = {}): Promise<T[]> {
  const { text, bind } = render(fragment);
  return database.query(text, bind(slots)) as Promise<T[]>;
}

/** Ids of the contacts that JS says match. */
async function expected(name: string, condition: Condition): Promise<number[]> {
  const validate = evaluator({ condition, timezone: 'UTC' }, '2024-05-15T12:00:00Z', {
    timestamps: catalogue.timestamps,
  });
  const rows = await database.query<{ id: string; value: string[] | null }>(
    `select id, ${name}::text[] as value from contacts order by id`,
  );
  return rows
    .filter(({ value }) => validate({ fields: { [name]: value }, relations: {}, segments: [] }))
    .map(({ id }) => Number(id));
}

async function agree(name: string, json: unknown): Promise<void> {
  const condition = conditionOf(json, catalogue);
  const wanted = await expected(name, condition);
  const said = JSON.stringify(json);
  const segment = { id: 1, condition, timezone: 'UTC' };
  const members = await run<{ contact_id: string }>(memberQuery(catalogue, segment, OPEN, OPTIONS));
  expect(
    members.map((row) => Number(row.contact_id)).sort((a, b) => a - b),
    said,
  ).toEqual(wanted);
  const contacts = (await database.query<{ id: string }>('select id from contacts')).map((row) => row.id);
  for (const fragment of [
    recheckQuery(catalogue, [segment], OPTIONS),
    rangeQuery(catalogue, [segment], OPEN, OPTIONS),
  ]) {
    const rows = await run<{ contact_id: string; segments: number[] }>(fragment, { contacts });
    expect(
      rows
        .filter((row) => row.segments.length > 0)
        .map((row) => Number(row.contact_id))
        .sort((a, b) => a - b),
      said,
    ).toEqual(wanted);
  }
}

async function everyQuestion([name, , , literals]: Case): Promise<void> {
  const field = { var: name };
  const leaves = [
    ...literals.flatMap((literal) => [
      { has_any: [field, [literal]] },
      { has_all: [field, [literal]] },
      { in: [literal, field] },
    ]),
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

describe('of a domain, as of its base type', () => {
  test.each(DOMAINS)('%s %s', (...one) => everyQuestion(one));

  test('the catalogue says what elements stand on', () => {
    const types = ['clocks', 'price', 'deep', 'short', 'numbers', 'n2'].map((name) => {
      const { sqlType, castArray = false } = catalogue.contacts.fields.get(name) ?? {};
      return [sqlType, castArray];
    });
    expect(types).toEqual([
      ['timestamp without time zone[]', true],
      ['numeric(6,2)[]', true],
      ['integer[]', true],
      ['character varying(5)[]', true],
      ['integer[]', false],
      ['numeric(6,2)[]', false],
    ]);
  });

  test('an array of arrays is only empty or not', async () => {
    expect(catalogue.contacts.fields.get('lists')).toMatchObject({ family: 'other', array: true });
    await database.query(`insert into contacts (id, lists) values (100, array['{1}'::odd.list]), (101, '{}')`);
    await agree('lists', { '!': [{ is_empty: [{ var: 'lists' }] }] });
  });
});

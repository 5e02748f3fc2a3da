/** Arrays that stand in text or in jsonb: their elements, what has none, and the index that serves them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { render, sql } from '../../src/compile/fragment.ts';
import { memberQuery } from '../../src/compile/statement.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { columnScope } from '../../src/export/column-scope.ts';
import { outputColumns } from '../../src/export/output-column.ts';
import { readContactDocument } from '../../src/explain/contact-document.ts';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import type { TestDatabase } from '../support/database.ts';
import { conditionOf, oddDatabase } from './compile-world.ts';

let database: TestDatabase;
let catalogue: Catalogue;
beforeAll(async () => {
  database = await oddDatabase();
  await database.query(`
    create extension citext schema public;
    create table public.member (id bigint primary key, langs text, loose text collate public.nd, free public.citext, fixed char(12), j jsonb)`);
  const rows = [
    ['es|pt', '{"flags": ["es", "pt"], "nums": [1, 2.5]}'],
    ['es', '{"flags": ["es", 1, null, {}], "nums": ["1", 1]}'],
    ['es||pt', '{"flags": [1, null], "nums": ["1"]}'],
    ['ES| pt', '{"flags": [], "nums": []}'],
    ['', '{"flags": "es", "nums": 1}'],
    [null, null],
    ['|', '{"flags": null}'],
  ];
  for (const [at, [text, json]] of rows.entries())
    await database.query(
      'insert into public.member select $1::int, t.t, t.t, t.t, t.t, $3::jsonb from (select $2::text as t) as t',
      [at + 1, text, json],
    );
  catalogue = await resolveCatalogue(
    database.pool,
    parseConfig(
      `contacts: { table: public.member }
fields:
  langs: { split: "|" }
  loose: { split: "|" }
  free: { split: "|" }
  fixed: { split: "|" }
  flags: { column: j, path: [flags], type: "text[]" }
  nums: { column: j, path: [nums], type: "number[]" }`,
      'c',
    ),
  );
});
afterAll(() => database.drop());

const v = (name: string) => ({ var: name });

/** Contacts that match, after the evaluator has said the same of each contact's document. */
async function matching(json: unknown): Promise<number[]> {
  const condition = conditionOf(json, catalogue);
  const segment = { id: 1, condition, timezone: 'UTC' };
  const query = memberQuery(catalogue, segment, { low: false, high: false }, { segmentId: () => 1 });
  const { text, bind } = render(query);
  const rows = await database.query<{ contact_id: string }>(text, bind({ now: '2024-05-15T12:00:00Z' }));
  const found = rows.map((row) => Number(row.contact_id)).toSorted();
  const holds = evaluator({ condition, timezone: 'UTC' }, '2024-05-15T12:00:00Z', { timestamps: 'UTC' });
  for (let id = 1; id <= 7; id += 1) {
    const read = await readContactDocument(
      database.pool,
      columnScope(catalogue),
      [condition],
      String(id),
      () => false,
      new Date().toISOString(),
    );
    expect(read && holds(read.document), `contact ${id}`).toBe(found.includes(id));
  }
  return found;
}

test.each(['langs', 'loose', 'free', 'fixed'])('text that is split: %s', async (name) => {
  expect(catalogue.contacts.fields.get(name)).toMatchObject({ family: 'text', array: true, split: '|' });
  expect(await matching({ in: ['es', v(name)] })).toEqual([1, 2, 3]);
  expect(await matching({ has_any: [v(name), ['pt', 'ES']] })).toEqual([1, 3, 4]);
  expect(await matching({ has_all: [v(name), ['pt', 'es']] })).toEqual([1, 3]);
  expect(await matching({ has_only: [v(name), ['pt', 'es']] })).toEqual([1, 2]);
  // Elements are exact: a space belongs to its element, and between two separators stands an empty one.
  expect(await matching({ in: [' pt', v(name)] })).toEqual([4]);
  expect(await matching({ in: ['', v(name)] })).toEqual([3, 7]);
  expect(await matching({ is_empty: [v(name)] })).toEqual([5, 6]);
  expect(await matching({ '==': [v(name), null] })).toEqual([6]);
  expect(await matching({ '!': [{ in: ['es', v(name)] }] })).toEqual([4, 5, 6, 7]);
});

test('text that is split is no text', () => {
  const checked = checkCondition({ starts_with: [v('langs'), 'es'] }, { catalogue });
  expect(!checked.ok && checked.issues[0]?.message).toContain('is an array');
});

test('arrays inside jsonb: elements of another type are passed over, and what is no array is missing', async () => {
  expect(catalogue.contacts.fields.get('flags')).toMatchObject({ family: 'text', array: true, path: ['flags'] });
  expect(await matching({ in: ['es', v('flags')] })).toEqual([1, 2]);
  expect(await matching({ has_all: [v('flags'), ['es', 'pt']] })).toEqual([1]);
  expect(await matching({ has_any: [v('flags'), ['pt', '1']] })).toEqual([1]);
  expect(await matching({ has_only: [v('flags'), ['es', 'pt']] })).toEqual([1, 2]);
  expect(await matching({ '==': [v('flags'), null] })).toEqual([5, 6, 7]);
  expect(await matching({ is_empty: [v('flags')] })).toEqual([3, 4, 5, 6, 7]);
  expect(await matching({ has_any: [v('nums'), [1]] })).toEqual([1, 2]);
  expect(await matching({ has_all: [v('nums'), ['1.0', '2.50']] })).toEqual([1]);
  expect(await matching({ is_empty: [v('nums')] })).toEqual([3, 4, 5, 6, 7]);
  expect(await matching({ '!': [{ in: ['es', v('flags')] }] })).toEqual([3, 4, 5, 6, 7]);
});

test('an index on the elements serves', async () => {
  await database.query(`create index by_langs on public.member using gin (string_to_array(langs, '|'))`);
  const condition = conditionOf({ has_any: [v('langs'), ['pt']] }, catalogue);
  const query = memberQuery(
    catalogue,
    { id: 1, condition, timezone: 'UTC' },
    { low: false, high: false },
    { segmentId: () => 1 },
  );
  const { text, bind } = render(sql`explain (costs off) ${query}`);
  const client = await database.pool.connect();
  try {
    await client.query('begin; set local enable_seqscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(text, bind({ now: null }));
    await client.query('rollback');
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('by_langs');
  } finally {
    client.release();
  }
});

test('a file holds the elements', async () => {
  const [column] = outputColumns(catalogue, {}, ['langs']).list;
  if (!column) throw new Error('one column was asked for');
  const { text, bind } = render(sql`select ${column.value} as langs from public.member as c order by c.id`);
  expect((await database.query<{ langs: unknown }>(text, bind({ now: null }))).map(({ langs }) => langs)).toEqual([
    ['es', 'pt'],
    ['es'],
    ['es', '', 'pt'],
    ['ES', ' pt'],
    [],
    null,
    ['', ''],
  ]);
});

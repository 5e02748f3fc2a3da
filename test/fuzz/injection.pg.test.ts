/**
 * Hostile text in every place where a condition or a catalogue holds text: values, lists, needles, jsonb paths, zones,
 * keys of segments, names of fields, and the names of real tables and columns. Values never appear in SQL text, names
 * only inside quotes; everything runs, and the table that all of it wants to drop is still there.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Catalogue, Field } from '../../src/catalogue/catalogue.ts';
import { ident, render } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery } from '../../src/compile/statement.ts';
import type { Condition } from '../../src/condition/ast.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { field, fields } from '../condition/catalogue.ts';
import { createFuzzDatabase, type FuzzDatabase } from '../oracle/fuzz-database.ts';
import { random, seed } from '../support/random.ts';
import { catalogueWith } from '../oracle/oracle-world.ts';

const attacks = [
  "'; drop table public.canary; --",
  "' or '1'='1",
  '"; drop table public.canary; --',
  "\\'; drop table public.canary; --",
  '$$; drop table public.canary; $$',
  '$1; drop table public.canary',
  "'); delete from public.canary; --",
  '") ; truncate public.canary; --',
  '{"a"}\'; drop table public.canary; --',
  "%' ; drop table public.canary; --",
  "E'\\'' ; drop table public.canary; --",
  '/* */ ; drop table public.canary; /*',
  '\u02bc; drop table public.canary; --',
  "'||(select 'x' from public.canary)||'",
  '""; drop table public.canary; --',
  "';\ndrop table public.canary;\n--",
  'x\' collate "C"; drop table public.canary; --',
  '::int; drop table public.canary; --',
  "}'; drop table public.canary; --",
  "${'x'}; drop table public.canary; --",
] as const;

let fuzz: FuzzDatabase;

beforeAll(async () => {
  fuzz = await createFuzzDatabase({ contacts: 30, orders: 30, items: 10, parts: 5 });
  await fuzz.database.query(`create table public.canary as select generate_series(1, 100) as alive`);
});

afterAll(() => fuzz?.database.drop());

async function canaryLives(): Promise<void> {
  expect(await fuzz.database.query('select count(*)::int as alive from public.canary')).toEqual([{ alive: 100 }]);
}

const v = (name: string): unknown => ({ var: name });
const marker = /drop|delete|truncate|canary|zq\d/;

/** Each text, marked so that it can be found, in every place that takes one. */
function conditionsWith(text: string): unknown[] {
  return [
    { '==': [v('country'), text] },
    { '!=': [text, v('city')] },
    { in: [v('nick'), [text, 'x']] },
    { in: [text, v('loose')] },
    { in: [text, v('tags')] },
    { has_all: [v('tags'), [text]] },
    { has_any: [v('attributes.likes'), [text, 'y']] },
    { starts_with: [v('code'), text] },
    { ends_with: [v('attributes.plan'), text] },
    { ieq: [v('city'), text] },
    { icontains: [v('country'), text] },
    { istarts_with: [v('attributes.deep'), text] },
    { iends_with: [v('mood'), text] },
    { iin: [v('city'), [text, 'z']] },
    { some: [v('orders'), { '==': [v('note'), text] }] },
    { none: [v('items'), { icontains: [v('orders.note'), text] }] },
    { '>': [{ count: [{ filter: [v('orders'), { in: [text, v('codes')] }] }] }, 1] },
    { '==': [{ last: [v('orders'), v('note'), { starts_with: [v('meta.kind'), text] }] }, text] },
    { in_segment: [text] },
  ];
}

test('no value of 10,000 attempts becomes SQL', { timeout: 120_000 }, async () => {
  const r = random(seed() + 3);
  const catalogue = catalogueWith('UTC');
  const options = { segmentId: () => 5 };
  let attempts = 0;
  let round = 0;
  while (attempts < 10_000) {
    const conditions = attacks.flatMap((attack) =>
      conditionsWith(`${r.pick(['', ' ', 'a', '\\'])}${attack}zq${round}`),
    );
    round += 1;
    const segments = conditions.map((json, id) => {
      const checked = checkCondition(json, { catalogue });
      if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
      return { id, condition: checked.condition, timezone: 'UTC' };
    });
    attempts += segments.length;
    for (let start = 0; start < segments.length; start += 95) {
      const batch = segments.slice(start, start + 95);
      const query =
        round % 2 === 0
          ? recheckQuery(catalogue, batch, options)
          : rangeQuery(catalogue, batch, { low: false, high: false }, options);
      const statement = render(query);
      expect(statement.text).not.toMatch(marker);
      // Running every batch would prove no more than the text does; some do run, on real rows.
      if (round % 5 === 1)
        await fuzz.database.query(statement.text, statement.bind({ contacts: [...fuzz.documents.keys()] }));
    }
  }
  expect(attempts).toBeGreaterThanOrEqual(10_000);
  await canaryLives();
});

test('values that are no text, and names that are not in the catalogue, are rejected', () => {
  const catalogue = catalogueWith('UTC');
  for (const attack of attacks) {
    const refused = [
      { '==': [v('points'), attack] },
      { '==': [v('vip'), attack] },
      { '<': [v('birth_date'), attack] },
      { '<': [v('created_at'), attack] },
      { '==': [v('token'), attack] },
      { '==': [v('mood'), attack] },
      { in_last: [v('created_at'), attack, 'day'] },
      { in_last: [v('created_at'), 1, attack] },
      { in_period: [v('created_at'), attack, 0] },
      { anniversary_in_next: [v('birth_date'), attack] },
      { '==': [v(attack), 'x'] },
      { some: [v(attack), true] },
      { some: [v('orders'), { '==': [v(attack), 'x'] }] },
      { [attack]: [v('country')] },
      { '>': [{ [attack]: [v('orders')] }, 1] },
      { is_empty: v(`attributes.${attack}`) },
    ];
    for (const json of refused) expect(checkCondition(json, { catalogue }).ok, JSON.stringify(json)).toBe(false);
    expect(checkCondition(true, { catalogue, timezone: attack }).ok).toBe(false);
  }
});

test('a zone reaches SQL as a parameter only', () => {
  const catalogue = { ...catalogueWith("'; drop table public.canary; --") };
  const checked = checkCondition(
    {
      and: [
        { '==': [v('local_at'), '2024-05-01'] },
        { in_period: [v('created_at'), 'day', 0] },
        { in_last: [v('local_at'), 1, 'day'] },
      ],
    },
    { catalogue },
  );
  if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
  const segment = { id: 1, condition: checked.condition, timezone: "UTC'; drop table public.canary; --" };
  for (const query of [
    memberQuery(catalogue, segment, { low: true, high: true }, { segmentId: () => 1 }),
    recheckQuery(catalogue, [segment], { segmentId: () => 1 }),
  ]) {
    expect(render(query).text).not.toMatch(marker);
  }
});

/** Longest name that Postgres keeps whole. */
const name = (attack: string, index: number): string => `${attack.slice(0, 50)}${index}`;

function hostileCatalogue(): Catalogue {
  const columns: Field[] = attacks.map((attack, i) => field('contact', `c${i}`, 'text', { column: name(attack, i) }));
  const paths: Field[] = attacks.map((attack, i) =>
    field('contact', `p${i}`, i % 2 === 0 ? 'text' : 'number', { column: 'data', path: [attack, '0', attack] }),
  );
  const inner: Field[] = attacks.map((attack, i) => field('rows', `r${i}`, 'text', { column: name(attack, i) }));
  return {
    contacts: {
      table: { schema: 'fuzz', name: name(attacks[0], 100) },
      key: { column: name(attacks[2], 100), type: 'integer', sqlType: 'integer' },
      fields: fields(...columns, ...paths),
    },
    relations: new Map([
      [
        'rows',
        {
          name: 'rows',
          table: { schema: 'fuzz', name: name(attacks[5], 101) },
          link: { kind: 'contact', column: name(attacks[1], 100), sqlType: 'integer' },
          fields: fields(...inner),
        },
      ],
    ]),
    timezone: 'UTC',
    timestamps: 'UTC',
    foldCollation: 'und-x-icu',
  };
}

test('names of tables and columns, and paths, are quoted', async () => {
  const catalogue = hostileCatalogue();
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const { contacts } = catalogue;
  const columns = attacks.map((attack, i) => `${quoted(name(attack, i))} text`);
  await fuzz.database.query(
    `create table fuzz.${quoted(contacts.table.name)} (${quoted(contacts.key.column)} integer, data jsonb, ${columns.join(', ')})`,
  );
  await fuzz.database.query(
    `create table fuzz.${quoted(name(attacks[5], 101))} (${quoted(name(attacks[1], 100))} integer, ${columns.join(', ')})`,
  );
  await fuzz.database.query(
    `insert into fuzz.${quoted(contacts.table.name)} (${quoted(contacts.key.column)}, data) values (1, '{}'), (2, null)`,
  );
  const conditions = attacks.flatMap((attack, i): unknown[] => [
    { '==': [v(`c${i}`), attack] },
    { '!': [{ icontains: [v(`c${i}`), 'x'] }] },
    { is_empty: [v(`p${i}`)] },
    i % 2 === 0 ? { '==': [v(`p${i}`), attack] } : { '>': [v(`p${i}`), 1] },
    { some: [v('rows'), { '!=': [v(`r${i}`), attack] }] },
  ]);
  const compiled = conditions.map((json, id): { id: number; condition: Condition; timezone: string } => {
    const checked = checkCondition(json, { catalogue });
    if (!checked.ok) expect.fail(JSON.stringify(checked.issues));
    return { id, condition: checked.condition, timezone: 'UTC' };
  });
  const options = { segmentId: () => 5 };
  const queries = [
    recheckQuery(catalogue, compiled, options),
    rangeQuery(catalogue, compiled, { low: true, high: true }, options),
    ...compiled.map((segment) => memberQuery(catalogue, segment, { low: false, high: false }, options)),
  ];
  for (const query of queries) {
    const statement = render(query);
    // Nothing hostile is left once what stands in double quotes is taken out.
    expect(statement.text.replaceAll(/"(?:[^"]|"")*"/g, '""')).not.toMatch(marker);
    await fuzz.database.query(statement.text, statement.bind({ contacts: [1, 2, 3], low: 0, high: 9 }));
  }
  await canaryLives();
});

test('an identifier that cannot be quoted is rejected', () => {
  for (const bad of ['', 'a\u0000b']) expect(() => ident(bad)).toThrow(TypeError);
});

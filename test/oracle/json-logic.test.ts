/**
 * On rows where no referenced field is missing and types match, unmodified json-logic-js agrees with us on every
 * built-in operator. The deviations need a missing value, a coercion or an order of text to show.
 */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { Field } from '../../src/catalogue/catalogue.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import type { ContactDocument, DocumentValue } from '../../src/condition/evaluate/document.ts';
import { evaluator } from '../../src/condition/evaluate/evaluator.ts';
import { randomDocument } from './random-document.ts';
import { dates, texts } from './pool.ts';
import { type Random, random, seed } from '../support/random.ts';
import { catalogueWith } from './oracle-world.ts';

const jsonLogic = createRequire(import.meta.url)('json-logic-js') as {
  apply(rule: unknown, data: unknown): unknown;
  truthy(value: unknown): boolean;
};
const catalogue = catalogueWith('UTC');
const numbers = [0, 1, -1, 2, 3, 5, 18, 18.5, 0.1, 0.2, 0.3, 1.5, 100, 250, 99.99, 2147483647];
const v = (name: string): unknown => ({ var: name });

/** Fields whose values JavaScript holds as Postgres does. */
const usable = (field: Field): boolean =>
  field.path === undefined &&
  field.reading === undefined &&
  field.split === undefined &&
  !field.name.includes('.') &&
  ['text', 'number', 'boolean', 'date'].includes(field.family);

function builtIn(r: Random, fields: readonly Field[], depth: number, relation: boolean): unknown {
  const of = (family: string, array = false): Field | undefined => {
    const list = fields.filter((field) => field.family === family && field.array === array);
    return list.length > 0 ? r.pick(list) : undefined;
  };
  if (depth > 0 && r.chance(0.6)) {
    const child = (): unknown => builtIn(r, fields, depth - 1, relation);
    return r.pick([
      () => ({ and: [child(), child()] }),
      () => ({ or: [child(), child(), child()] }),
      () => ({ '!': [child()] }),
      () => ({ '!!': [child()] }),
      () => ({ if: [child(), child(), child()] }),
      () => ({ if: [child(), child(), child(), child(), child()] }),
    ])();
  }
  if (!relation && r.chance(0.3)) {
    const orders = catalogue.relations.get('orders');
    const where = (): unknown => builtIn(r, [...(orders?.fields.values() ?? [])].filter(usable), 1, true);
    if (r.chance(0.3))
      return {
        '>=': [{ reduce: [{ filter: [v('orders'), where()] }, { '+': [1, v('accumulator')] }, 0] }, r.below(3)],
      };
    return { [r.pick(['some', 'none', 'all'])]: [v('orders'), where()] };
  }
  const number = of('number');
  const text = of('text');
  const tags = of('text', true);
  const date = of('date');
  const truth = of('boolean');
  const leaves: (() => unknown)[] = [];
  if (number) {
    leaves.push(() => ({
      [r.pick(['==', '!=', '===', '!==', '<', '<=', '>', '>='])]: r.chance(0.5)
        ? [v(number.name), r.pick(numbers)]
        : [r.pick(numbers), v(number.name)],
    }));
    leaves.push(() => ({ [r.pick(['<', '<='])]: [r.pick(numbers), v(number.name), r.pick(numbers)] }));
    leaves.push(() => ({ in: [v(number.name), r.some(numbers, 4)] }));
  }
  if (text && text.labels === undefined) {
    leaves.push(() => ({ [r.pick(['==', '!=', '===', '!=='])]: [v(text.name), r.pick(texts)] }));
    leaves.push(() => ({ in: [v(text.name), r.some(texts, 8)] }));
    leaves.push(() => ({ in: [r.pick(texts.filter((item) => item !== '')), v(text.name)] }));
  }
  if (tags) leaves.push(() => ({ in: [r.pick(texts), v(tags.name)] }));
  // A date is text to JsonLogic, and ISO dates sort as text.
  if (date) leaves.push(() => ({ [r.pick(['==', '!=', '<', '<=', '>', '>='])]: [v(date.name), r.pick(dates)] }));
  if (truth)
    leaves.push(() => r.pick([v(truth.name), { '!': [v(truth.name)] }, { '==': [v(truth.name), r.chance(0.5)] }]));
  return r.pick(leaves)();
}

/** The row as a JavaScript object would hold it. */
function plain(
  fields: Readonly<Record<string, DocumentValue>>,
  known: ReadonlyMap<string, Field>,
): Record<string, unknown> {
  const convert = (field: Field, text: string | null): unknown =>
    text === null
      ? null
      : field.family === 'number'
        ? Number(text)
        : field.family === 'boolean'
          ? text === 'true'
          : text;
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      const field = known.get(name);
      if (!field || !usable(field)) return [];
      return [
        [
          name,
          typeof value === 'string' ? convert(field, value) : (value?.map((item) => convert(field, item)) ?? null),
        ],
      ];
    }),
  );
}

test('unmodified json-logic-js agrees on every built-in operator', () => {
  const r = random(seed() + 11);
  const orders = catalogue.relations.get('orders');
  const rows = Array.from({ length: 100 }, () => {
    const document = withSmallNumbers(r, randomDocument(r, catalogue, true));
    const related = document.relations['orders']?.map((row) => plain(row.fields, orders?.fields ?? new Map()));
    return { document, data: { ...plain(document.fields, catalogue.contacts.fields), orders: related } };
  });
  let compared = 0;
  let matched = 0;
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i += 1) {
    const json = builtIn(r, [...catalogue.contacts.fields.values()].filter(usable), r.below(4), false);
    const checked = checkCondition(json, { catalogue });
    if (!checked.ok) expect.fail(`${JSON.stringify(checked.issues)} ${JSON.stringify(json)}`);
    for (const match of JSON.stringify(json).matchAll(
      /"(==|!=|===|!==|<|<=|>|>=|in|and|or|!|!!|if|some|none|all|reduce|filter|var)":/g,
    ))
      seen.add(match[1] ?? '');
    const holds = evaluator({ condition: checked.condition, timezone: 'UTC' }, '2024-05-15T12:00:00Z');
    for (const { document, data } of r.some(rows, 10)) {
      const theirs = jsonLogic.truthy(jsonLogic.apply(json, data));
      const ours = holds(document);
      if (ours !== theirs)
        expect.fail(`${JSON.stringify(json)} over ${JSON.stringify(data)}: json-logic-js says ${theirs}`);
      compared += 1;
      matched += ours ? 1 : 0;
    }
  }
  expect(compared).toBe(20_000);
  expect(matched / compared).toBeGreaterThan(0.2);
  expect(seen.size).toBe(20);
});

/** Numbers that a double holds exactly enough to compare: ours are decimals, theirs are not. */
function withSmallNumbers(r: Random, document: ContactDocument): ContactDocument {
  const replace = (
    fields: Readonly<Record<string, DocumentValue>>,
    known: ReadonlyMap<string, Field>,
  ): Record<string, DocumentValue> =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => {
        const field = known.get(name);
        if (field?.family !== 'number' || field.array || field.path) return [name, value];
        return [name, String(r.pick(field.integer ? numbers.filter(Number.isInteger) : numbers))];
      }),
    );
  const orders = catalogue.relations.get('orders');
  return {
    ...document,
    fields: replace(document.fields, catalogue.contacts.fields),
    relations: {
      ...document.relations,
      orders: (document.relations['orders'] ?? []).map((row) => ({
        ...row,
        fields: replace(row.fields, orders?.fields ?? new Map()),
      })),
    },
  };
}

/** Conditions in the words of people: labels of fields, relations and values; two conditions that differ never read the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueFromJson, type CatalogueJson } from '../../src/catalogue/catalogue-json.ts';
import { labelsOf, relationInWords } from '../../src/catalogue/label.ts';
import { describe as inWords } from '../../src/condition/describe/describe.ts';
import { accepted, v } from './ask.ts';

const text = (label: string) => ({ family: 'text', label }) as const;
const SHOP: CatalogueJson = {
  fields: {
    country: text('Country'),
    city: text('City of birth'),
    vip: { family: 'boolean', label: 'VIP' },
    points: { family: 'number', integer: true, label: 'Points' },
    seen: { family: 'instant', label: 'Last seen' },
    born: { family: 'date', label: 'Birth date' },
    tags: { family: 'text', array: true, label: 'Tags' },
    note: text('the note (or has none)'),
    state: { family: 'number', integer: true, label: 'State', words: { '0': 'open', '1': 'won', '2': 'no' } },
    grade: { family: 'text', label: 'Grade', words: { a: 'best', b: 'good, or so' } },
  },
  relations: {
    orders: {
      label: 'orders',
      time: 'at',
      fields: {
        status: text('Status'),
        total: { family: 'number', label: 'Total' },
        at: { family: 'instant', label: 'Ordered' },
      },
    },
    items: { label: 'ordered items', through: 'orders', fields: { sku: text('SKU') } },
  },
};
const catalogue = catalogueFromJson(SHOP);
const say = (json: unknown): string => inWords(accepted(json, { catalogue }), catalogue);

const paid = { '==': [v('status'), 'paid'] };
const orders = { filter: [v('orders'), paid] };
const number = (comparison: string, amount: number, rows: unknown = v('orders')): unknown => ({
  [comparison]: [{ count: [rows] }, amount],
});

test.each([
  [{ in: [v('country'), ['ES', 'PT']] }, 'Country is ES or PT'],
  [{ '!': [{ in: [v('country'), ['ES', 'PT', 'FR']] }] }, 'Country is none of ES, PT or FR (or has no value)'],
  [{ and: [v('vip'), { '>=': [v('points'), 40] }] }, 'VIP is yes and Points is at least 40'],
  [{ in_last: [v('seen'), 30, 'day'] }, 'Last seen is within the last 30 days'],
  [{ '<=': [18, { age: [v('born')] }, 35] }, 'the age by Birth date is between 18 and 35 (both included)'],
  [{ '==': [v('country'), v('city')] }, 'Country is the value of City of birth'],
  [{ '==': [v('note'), 'x'] }, '`the note (or has none)` is x'],
  [{ has_any: [v('tags'), ['vip', 'press']] }, 'Tags has any of vip or press'],
  [{ '!': [{ has_any: [v('tags'), ['vip', 'press']] }] }, 'Tags has none of vip or press (or has no value)'],
  [{ '!': [{ has_all: [v('tags'), ['vip', 'press']] }] }, 'Tags does not have all of vip and press (or has no value)'],
  [{ '!': [{ has_any: [v('tags'), ['press']] }] }, 'Tags does not have press (or has no value)'],
  [number('>=', 3, orders), 'has at least 3 orders where (Status is paid)'],
  [number('>', 3), 'has more than 3 orders'],
  [number('<', 3), 'has fewer than 3 orders'],
  [number('<=', 3), 'has at most 3 orders'],
  [number('==', 3), 'has exactly 3 orders'],
  [number('!=', 3), 'does not have exactly 3 orders'],
  [{ '!': [number('>=', 3)] }, 'has fewer than 3 orders'],
  [{ '!': [number('==', 3)] }, 'does not have exactly 3 orders'],
  [number('>=', 1), 'has orders'],
  [number('==', 0, orders), 'has no orders where (Status is paid)'],
  [number('==', 1), 'has exactly 1 of orders'],
  [{ some: [v('orders'), paid] }, 'has orders where (Status is paid)'],
  [{ none: [v('orders'), paid] }, 'has no orders where (Status is paid)'],
  [
    { and: [number('>=', 3, { filter: [v('orders'), { or: [paid, { '>': [v('total'), 5] }] }] }), v('vip')] },
    'has at least 3 orders where (Status is paid or Total is greater than 5) and VIP is yes',
  ],
  [
    { '>': [{ sum: [{ map: [orders, v('total')] }] }, 250] },
    'the sum of Total across orders where (Status is paid) is greater than 250',
  ],
  [{ '==': [{ last: [v('orders'), v('status')] }, 'paid'] }, 'the last Status (by Ordered) among orders is paid'],
  [
    { some: [v('items'), { and: [{ '==': [v('orders.status'), 'paid'] }, { '==': [v('sku'), 'a'] }] }] },
    'has ordered items where (orders.Status is paid and SKU is a)',
  ],
  [{ '==': [v('state'), 1] }, 'State is won'],
  [{ in: [v('state'), [0, 1, 5]] }, 'State is open, won or 5'],
  [{ '==': [v('state'), 2] }, 'State is "no"'],
  [{ '<': [v('state'), 1] }, 'State is less than won'],
  [{ '==': [v('grade'), 'a'] }, 'Grade is best'],
  [{ '==': [v('grade'), 'b'] }, 'Grade is "good, or so"'],
  [{ '==': [v('grade'), 'best'] }, 'Grade is best'],
  [{ '==': [v('state'), 'won'] }, 'State is won'],
  [{ in: [v('state'), ['won', 0, 'no']] }, 'State is won, open or "no"'],
  [{ '==': [v('grade'), 'BEST'] }, 'Grade is the value BEST'],
  [{ '==': [v('grade'), 'good, or so'] }, 'Grade is "good, or so"'],
  [{ ieq: [v('grade'), 'best'] }, 'Grade is the value best (upper or lower case)'],
])('%j', (json, english) => expect(say(json)).toBe(english));

test('a value of several rows is said as people say it, of instants as of time', () => {
  const of = (word: string, field: string): unknown => ({ [word]: [{ map: [v('orders'), v(field)] }] });
  expect(say({ '>=': [of('avg', 'total'), 80] })).toBe('the average Total across orders is at least 80');
  expect(say({ '>=': [of('max_of', 'total'), 80] })).toBe('the highest Total among orders is at least 80');
  expect(say({ '<': [of('min_of', 'total'), 80] })).toBe('the lowest Total among orders is less than 80');
  expect(say({ in_last: [of('max_of', 'at'), 7, 'day'] })).toBe(
    'the latest Ordered among orders is within the last 7 days',
  );
  expect(say({ '<': [of('min_of', 'at'), '2024-05-01T00:00:00Z'] })).toBe(
    'the earliest Ordered among orders is before 2024-05-01 00:00 UTC',
  );
});

test('a label with the words between a field and its rows stands in backquotes', () => {
  const among = catalogueFromJson({
    fields: {},
    relations: {
      r: { label: 'orders', fields: { n: { family: 'number', label: 'Total across old' } } },
      s: { label: 'old across orders', fields: { n: { family: 'number', label: 'Total' } } },
    },
  });
  const sum = (relation: string): unknown => ({ '>': [{ sum: [{ map: [v(relation), v('n')] }] }, 3] });
  expect(['r', 's'].map((one) => inWords(accepted(sum(one), { catalogue: among }), among))).toEqual([
    'the sum of `Total across old` across orders is greater than 3',
    'the sum of Total across `old across orders` is greater than 3',
  ]);
});

test('long lists are summed up', () => {
  const list = Array.from({ length: 10_000 }, (_, n) => `c${n}`);
  expect(say({ in: [v('country'), list] })).toMatch(/^Country is c0, c1, .* c19 or 9,980 more$/);
});

describe('two conditions with one description mean the same', () => {
  /** Words of our sentences, and of people. */
  const word = fc.constantFrom(
    ...'and or not is has no the of over across among orders rows where at least 3 more than exactly value ES yes Status by (x) a.b , " `'.split(
      ' ',
    ),
    'total',
    'Country',
    'without',
  );
  const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
  const literal = fc.oneof(phrase, fc.constantFrom('ES', 'PT', '1', ''));

  /** Conditions of the shapes that are most alike, over two fields and two relations. */
  const conditions = (values: readonly string[]): readonly unknown[] => {
    const fields = ['a', 'b'];
    const relations = ['r', 's'];
    const row = { '==': [v('x'), values[0]] };
    return [
      ...fields.flatMap((field) => [
        ...values.flatMap((value) => [
          { '==': [v(field), value] },
          { '!=': [v(field), value] },
          { starts_with: [v(field), value === '' ? 'z' : value] },
        ]),
        { in: [v(field), values] },
        { '!': [{ in: [v(field), values] }] },
        { '==': [v(field), null] },
        { is_empty: [v(field)] },
      ]),
      { '==': [v('a'), v('b')] },
      ...values.map((value) => ({ has_any: [v('list'), [value]] })),
      ...relations.flatMap((relation) => [
        { some: [v(relation), true] },
        { none: [v(relation), true] },
        { some: [v(relation), row] },
        { none: [v(relation), row] },
        { '>=': [{ count: [v(relation)] }, 3] },
        { '>': [{ count: [v(relation)] }, 3] },
        { '!=': [{ count: [v(relation)] }, 3] },
        { '>': [{ sum: [{ map: [v(relation), v('n')] }] }, 3] },
        { '>': [{ max_of: [{ map: [v(relation), v('n')] }] }, 3] },
      ]),
    ];
  };

  test('whatever labels the catalogue has', () => {
    const label = fc.option(phrase, { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 7, maxLength: 7 }),
        fc.uniqueArray(literal, { minLength: 3, maxLength: 4 }),
        (labels, values) => {
          const unique = (names: readonly string[], from: number, words?: (name: string) => string) => {
            const seen = new Set<string>();
            return labelsOf(
              names.map((name, index) => {
                const wanted = labels[from + index]?.trim();
                const isNew = wanted !== undefined && wanted !== '' && !seen.has(wanted.toLowerCase());
                if (isNew) seen.add(wanted.toLowerCase());
                return { name, label: isNew ? wanted : undefined };
              }),
              words,
            );
          };
          const own = unique(['a', 'b', 'list'], 0);
          const rows = unique(['x', 'n'], 3);
          const related = unique(['r', 's'], 5, relationInWords);
          const its = {
            x: text(rows.get('x') ?? ''),
            n: { family: 'number', label: rows.get('n') ?? '' },
          } as const;
          const words = catalogueFromJson({
            fields: {
              a: text(own.get('a') ?? ''),
              b: text(own.get('b') ?? ''),
              list: { family: 'text', array: true, label: own.get('list') ?? '' },
            },
            relations: {
              r: { label: related.get('r') ?? '', fields: its },
              s: { label: related.get('s') ?? '', fields: its },
            },
          });
          const said = new Map<string, unknown>();
          for (const json of conditions(values.filter((value) => value !== ''))) {
            const sentence = inWords(accepted(json, { catalogue: words }), words);
            expect(said.get(sentence), sentence).toBeUndefined();
            said.set(sentence, json);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

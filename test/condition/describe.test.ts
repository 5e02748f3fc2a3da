/** The English of conditions: complete, with brackets where and/or mix. */
import { expect, test } from 'vitest';
import type { Relation } from '../../src/catalogue/catalogue.ts';
import { describe } from '../../src/condition/describe/describe.ts';
import { accepted, v } from './ask.ts';
import { field, fields, shop } from './catalogue.ts';

const es = { '==': [v('country'), 'ES'] };
const paid = { '==': [v('status'), 'paid'] };
const rows = { filter: [v('orders'), paid] };

test.each([
  [true, 'Every contact'],
  [false, 'No contact'],
  [es, 'Country is "ES"'],
  [{ '!=': [v('country'), 'ES'] }, 'Country is not "ES" (or has no value)'],
  [{ and: [es, v('vip'), { '!': v('vip') }] }, 'Country is "ES" and vip is yes and vip is not yes (or has no value)'],
  [
    { and: [es, { or: [v('vip'), { is_empty: [v('email')] }] }] },
    'Country is "ES" and (vip is yes or email is empty or missing)',
  ],
  [{ or: [{ and: [es, v('vip')] }, { '==': [v('points'), 1] }] }, '(country is "ES" and vip is yes) or points is 1'],
  [{ '!': [{ or: [es, v('vip')] }] }, 'Not (country is "ES" or vip is yes)'],
  [{ '<=': [18, { age: [v('birth_date')] }, 35] }, 'The age by birth_date is between 18 and 35 (both included)'],
  [{ '<=': [35, v('points'), 18] }, 'Points is at least 35 and points is at most 18'],
  [{ '<=': ['-9.5', v('points'), '-10'] }, 'Points is at least -9.5 and points is at most -10'],
  [{ '<=': [9, v('points'), 10] }, 'Points is between 9 and 10 (both included)'],
  [
    { '<=': ['2024-05-31', v('created_at'), '2024-05-01'] },
    '(created_at is on or after 2024-05-31) and (created_at is on or before 2024-05-01)',
  ],
  [
    { '<=': ['2024-05-01', v('birth_date'), '2024-05-01'] },
    'Birth_date is between 2024-05-01 and 2024-05-01 (both included)',
  ],
  [
    { '<=': ['2024-05-02T00:00:00Z', v('created_at'), '2024-05-01T00:00:00Z'] },
    '(created_at is on or after 2024-05-02T00:00:00Z) and (created_at is on or before 2024-05-01T00:00:00Z)',
  ],
  [{ '<': [18, v('points'), 35] }, 'Points is greater than 18 and points is less than 35'],
  [{ in: [v('country'), ['ES', 'PT']] }, 'Country is one of ["ES", "PT"]'],
  [{ has_all: [v('tags'), ['a', 'b']] }, 'Tags has all of ["a", "b"]'],
  [{ icontains: [v('city'), 'x"y'] }, 'City contains "x\\"y" (upper or lower case)'],
  [{ '!': [{ in: ['a', v('city')] }] }, 'City does not contain "a" (or has no value)'],
  [{ '!': [{ '>': [v('points'), 3] }] }, 'Points is not greater than 3 (or has no value)'],
  [{ '!': [{ '==': [v('created_at'), '2024-01-01'] }] }, 'Created_at is not on 2024-01-01 (or has no value)'],
  [{ '!': [{ in: [v('country'), ['ES', 'PT']] }] }, 'Country is not one of ["ES", "PT"] (or has no value)'],
  [
    { '!': [{ iin: [v('city'), ['a', 'b']] }] },
    'City is not one of ["a", "b"] (upper or lower case) (or has no value)',
  ],
  [{ '!': [{ starts_with: [v('city'), 'a'] }] }, 'City does not start with "a" (or has no value)'],
  [{ '!': [{ has_any: [v('tags'), ['a']] }] }, 'Tags does not have any of ["a"] (or has no value)'],
  [{ '!': [{ in_last: [v('created_at'), 1, 'day'] }] }, 'Created_at is not within the last 1 day (or has no value)'],
  [{ '!': [{ in_period: [v('created_at'), 'month', 0] }] }, 'Created_at is not in this month (or has no value)'],
  [
    { '!': [{ anniversary_today: [v('birth_date')] }] },
    'Today is not an anniversary of birth_date (or birth_date has no value)',
  ],
  [
    { '!': [{ anniversary_in_next: [v('birth_date'), 7] }] },
    'No anniversary of birth_date is today or in the next 7 days (or birth_date has no value)',
  ],
  [{ '!=': [v('country'), v('city')] }, 'Country is not city (or either has no value)'],
  [{ '!=': [{ count: [rows] }, 3] }, 'The number of rows of orders where (status is "paid") is not 3'],
  [{ '!=': [{ sum: [{ map: [v('orders'), v('total')] }] }, 3] }, 'The sum of total over rows of orders is not 3'],
  [{ '!': [{ in: [{ count: [v('orders')] }, [1, 2]] }] }, 'The number of rows of orders is not one of [1, 2]'],
  [
    { '!=': [{ avg: [{ map: [v('orders'), v('total')] }] }, 3] },
    'The average of total over rows of orders is not 3 (or has no value)',
  ],
  [
    { and: [{ is_empty: [v('email')] }, { '>': [v('points'), 3] }] },
    '(email is empty or missing) and points is greater than 3',
  ],
  [
    { and: [{ anniversary_in_next: [v('birth_date'), 7] }, v('vip')] },
    '(an anniversary of birth_date is today or in the next 7 days) and vip is yes',
  ],
  [
    { and: [{ '>=': [v('created_at'), '2024-05-01'] }, v('vip')] },
    '(created_at is on or after 2024-05-01) and vip is yes',
  ],
  [{ or: [{ '<=': [18, v('points'), 35] }, v('vip')] }, '(points is between 18 and 35 (both included)) or vip is yes'],
  [{ and: [{ '<=': [18, v('points'), 35] }, v('vip')] }, 'Points is between 18 and 35 (both included) and vip is yes'],
  [{ '!=': [v('city'), null] }, 'City has a value'],
  [{ '<': [v('created_at'), '2024-05-01'] }, 'Created_at is before 2024-05-01'],
  [{ '>=': [v('created_at'), '2024-05-01T10:00:00Z'] }, 'Created_at is on or after 2024-05-01T10:00:00Z'],
  [
    { in: [v('created_at'), Array.from({ length: 9 }, (_, n) => `2024-05-0${n + 1}`)] },
    `Created_at is one of [${Array.from({ length: 9 }, (_, n) => `2024-05-0${n + 1}`).join(', ')}]`,
  ],
  [{ in_last: [v('created_at'), 1, 'day'] }, 'Created_at is within the last 1 day'],
  [{ before_last: [v('created_at'), 2, 'week'] }, 'Created_at is at least 2 weeks ago'],
  [{ in_period: [v('created_at'), 'month', -1] }, 'Created_at is in last month'],
  [{ in_period: [v('created_at'), 'year', 3] }, 'Created_at is in the year 3 years from now'],
  [{ anniversary_in_next: [v('birth_date'), 7] }, 'An anniversary of birth_date is today or in the next 7 days'],
  [{ some: [v('orders'), true] }, 'Has rows of orders'],
  [{ none: [v('orders'), paid] }, 'Has no rows of orders where (status is "paid")'],
  [
    { all: [v('orders'), paid] },
    'Has rows of orders and every one of rows of orders, if any, satisfies (status is "paid")',
  ],
  [{ '>=': [{ count: [rows] }, 3] }, 'The number of rows of orders where (status is "paid") is at least 3'],
  [
    { '>': [{ sum: [{ map: [rows, v('total')] }] }, '250.00'] },
    'The sum of total over rows of orders where (status is "paid") is greater than 250',
  ],
  [
    { '==': [{ last: [v('orders'), v('status')] }, 'paid'] },
    'The last status (by placed_at) over rows of orders is "paid"',
  ],
  [
    { some: [v('items'), { and: [{ '==': [v('orders.status'), 'paid'] }, { '==': [v('sku'), 'a'] }] }] },
    'Has rows of items where (orders.status is "paid" and sku is "a")',
  ],
  [{ '!': [{ in_segment: ['a'] }] }, 'Is not in the segment "a"'],
])('%j', (json, english) => expect(describe(accepted(json))).toBe(english));

/** What a reader takes for the words of a sentence: outside values, names that are quoted, and brackets. */
function bare(text: string): string {
  let rest = text.replaceAll(/"(?:[^"\\]|\\.)*"|`(?:[^`]|``)*`/g, '·');
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replaceAll(/\([^()]*\)|\[[^[\]]*\]/g, '·');
  }
  return rest;
}

test('`and` and `or` never mix without brackets, whatever stands in a group', () => {
  const leaves = [
    es,
    v('vip'),
    { '==': [v('city'), null] },
    { is_empty: [v('email')] },
    { in: [v('country'), ['and', ') or (']] },
    { icontains: [v('city'), 'a or b'] },
    { has_any: [v('tags'), ['a']] },
    { '<=': [18, v('points'), 35] },
    { '>=': [v('created_at'), '2024-05-01'] },
    { '<=': ['2024-05-01', v('created_at'), '2024-05-31'] },
    { in: [v('created_at'), ['2024-05-01', '2024-05-03']] },
    { in_last: [v('created_at'), 1, 'day'] },
    { in_period: [v('created_at'), 'month', 0] },
    { anniversary_today: [v('birth_date')] },
    { anniversary_in_next: [v('birth_date'), 7] },
    { some: [v('orders'), { or: [paid, { is_empty: [v('note')] }] }] },
    { all: [v('orders'), paid] },
    { '>=': [{ count: [rows] }, 3] },
    { in_segment: ['and or'] },
  ];
  const all = leaves.flatMap((leaf) => [leaf, { '!': [leaf] }]);
  for (const group of ['and', 'or']) {
    for (const leaf of all) {
      const text = bare(describe(accepted({ [group]: [leaf, { '<': [v('points'), 3] }, leaf] })));
      expect(text.includes(' and ') && text.includes(' or '), text).toBe(false);
    }
  }
});

test('names that are no plain words are quoted, as no value is', () => {
  const names = ['email', 'Email', 'vip or email', 'or', 'e`mail', 'attributes.plan', 'Größe', 'größe'];
  const relation: Relation = {
    name: 'Past Orders',
    table: { schema: 'public', name: 'o' },
    link: { kind: 'contact', column: 'c', sqlType: 'bigint' },
    time: 'At',
    fields: fields(field('Past Orders', 'At', 'instant'), field('Past Orders', 'status', 'text')),
  };
  const through: Relation = {
    ...relation,
    name: 'lines',
    link: { kind: 'through', relation: 'Past Orders', column: 'o', sqlType: 'bigint', target: 'id' },
    fields: fields(field('lines', 'sku', 'text')),
  };
  const catalogue = {
    ...shop,
    contacts: { ...shop.contacts, fields: fields(...names.map((name) => field('contact', name, 'text'))) },
    relations: new Map([
      ['Past Orders', relation],
      ['lines', through],
    ]),
  };
  const said = (json: unknown): string => describe(accepted(json, { catalogue }));
  expect(names.map((name) => said({ '==': [v(name), 'x'] }))).toEqual([
    'Email is "x"',
    '`Email` is "x"',
    '`vip or email` is "x"',
    '`or` is "x"',
    '`e``mail` is "x"',
    'Attributes.plan is "x"',
    '`Größe` is "x"',
    'Größe is "x"',
  ]);
  expect(said({ '==': [v('email'), v('Email')] })).toBe('Email is `Email`');
  expect(said({ '==': [{ last: [v('Past Orders'), v('status')] }, 'x'] })).toBe(
    'The last status (by `At`) over rows of `Past Orders` is "x"',
  );
  expect(said({ some: [v('lines'), { '==': [v('Past Orders.status'), 'x'] }] })).toBe(
    'Has rows of lines where (`Past Orders`.status is "x")',
  );
});

test('long lists are summed up', () => {
  expect(describe(accepted({ in: [v('points'), Array.from({ length: 100 }, (_, i) => i)] }))).toMatch(
    /18, 19 … and 80 more\]$/,
  );
});

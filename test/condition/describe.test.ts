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
  [true, 'every contact'],
  [false, 'no contact'],
  [es, 'country is ES'],
  [{ '!=': [v('country'), 'ES'] }, 'country is not ES (or has no value)'],
  [{ and: [es, v('vip'), { '!': v('vip') }] }, 'country is ES and vip is yes and vip is not yes (or has no value)'],
  [
    { and: [es, { or: [v('vip'), { is_empty: [v('email')] }] }] },
    'country is ES and (vip is yes or (email is empty or missing))',
  ],
  [{ or: [{ and: [es, v('vip')] }, { '==': [v('points'), 1] }] }, '(country is ES and vip is yes) or points is 1'],
  [{ '!': [{ or: [es, v('vip')] }] }, 'not (country is ES or vip is yes)'],
  [{ '<=': [18, { age: [v('birth_date')] }, 35] }, 'the age by birth_date is between 18 and 35 (both included)'],
  [{ '<=': [35, v('points'), 18] }, 'points is at least 35 and points is at most 18'],
  [{ '<=': ['-9.5', v('points'), '-10'] }, 'points is at least -9.5 and points is at most -10'],
  [{ '<=': [9, v('points'), 10] }, 'points is between 9 and 10 (both included)'],
  [
    { '<=': ['2024-05-31', v('created_at'), '2024-05-01'] },
    '(created_at is on or after 2024-05-31) and (created_at is on or before 2024-05-01)',
  ],
  [
    { '<=': ['2024-05-01', v('birth_date'), '2024-05-01'] },
    'birth_date is between 2024-05-01 and 2024-05-01 (both included)',
  ],
  [
    { '<=': ['2024-05-02T00:00:00Z', v('created_at'), '2024-05-01T00:00:00Z'] },
    '(created_at is on or after 2024-05-02 00:00 UTC) and (created_at is on or before 2024-05-01 00:00 UTC)',
  ],
  [{ '<': [18, v('points'), 35] }, 'points is greater than 18 and points is less than 35'],
  [{ in: [v('country'), ['ES', 'PT']] }, 'country is ES or PT'],
  [{ has_all: [v('tags'), ['a', 'b']] }, 'tags has all of a and b'],
  [{ icontains: [v('city'), 'x"y'] }, 'city contains "x\\"y" (upper or lower case)'],
  [{ '!': [{ in: ['a', v('city')] }] }, 'city does not contain a (or has no value)'],
  [{ '!': [{ '>': [v('points'), 3] }] }, 'points is not greater than 3 (or has no value)'],
  [{ '!': [{ '==': [v('created_at'), '2024-01-01'] }] }, 'created_at is not on 2024-01-01 (or has no value)'],
  [{ '!': [{ in: [v('country'), ['ES', 'PT']] }] }, 'country is neither ES nor PT (or has no value)'],
  [{ '!': [{ iin: [v('city'), ['a', 'b']] }] }, 'city is neither a nor b (upper or lower case) (or has no value)'],
  [{ '!': [{ starts_with: [v('city'), 'a'] }] }, 'city does not start with a (or has no value)'],
  [{ '!': [{ has_any: [v('tags'), ['a']] }] }, 'tags does not have a (or has no value)'],
  [{ '!': [{ is_past: [v('created_at')] }] }, 'created_at is not in the past (or has no value)'],
  [{ is_future: [v('birth_date')] }, 'birth_date is in the future'],
  [
    { '!': [{ anniversary_in_last: [v('birth_date'), 1] }] },
    'no anniversary of birth_date is today or was in the last 1 day (or birth_date has no value)',
  ],
  [{ anniversary_in_period: [v('birth_date'), 'month', 0] }, 'an anniversary of birth_date is in this month'],
  [
    { '!': [{ anniversary_in_period: [v('created_at'), 'week', -2] }] },
    'no anniversary of created_at is in the week 2 weeks ago (or created_at has no value)',
  ],
  [{ in_last: [v('created_at'), 3, 'month'] }, 'created_at is within the last 3 months'],
  [{ '!': [{ known_for: [1, 'quarter'] }] }, 'created_at is not at least 1 quarter ago (or has no value)'],
  [{ '!': [{ in_last: [v('created_at'), 1, 'day'] }] }, 'created_at is not within the last 1 day (or has no value)'],
  [{ '!': [{ in_period: [v('created_at'), 'month', 0] }] }, 'created_at is not in this month (or has no value)'],
  [
    { '!': [{ anniversary_today: [v('birth_date')] }] },
    'today is not an anniversary of birth_date (or birth_date has no value)',
  ],
  [
    { '!': [{ anniversary_in_next: [v('birth_date'), 7] }] },
    'no anniversary of birth_date is today or in the next 7 days (or birth_date has no value)',
  ],
  [{ '!=': [v('country'), v('city')] }, 'country is not the value of city (or either has no value)'],
  [{ '!=': [{ count: [rows] }, 3] }, 'the number of rows of orders where (status is paid) is not 3'],
  [{ '!=': [{ sum: [{ map: [v('orders'), v('total')] }] }, 3] }, 'the sum of total across rows of orders is not 3'],
  [{ '!': [{ in: [{ count: [v('orders')] }, [1, 2]] }] }, 'the number of rows of orders is neither 1 nor 2'],
  [
    { '!=': [{ avg: [{ map: [v('orders'), v('total')] }] }, 3] },
    'the average total across rows of orders is not 3 (or has no value)',
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
  [{ and: [{ '<=': [18, v('points'), 35] }, v('vip')] }, 'points is between 18 and 35 (both included) and vip is yes'],
  [{ '!=': [v('city'), null] }, 'city has a value'],
  [{ '<': [v('created_at'), '2024-05-01'] }, 'created_at is before 2024-05-01'],
  [{ '>=': [v('created_at'), '2024-05-01T10:00:00Z'] }, 'created_at is on or after 2024-05-01 10:00 UTC'],
  [
    { in: [v('created_at'), Array.from({ length: 9 }, (_, n) => `2024-05-0${n + 1}`)] },
    `created_at is ${Array.from({ length: 8 }, (_, n) => `2024-05-0${n + 1}`).join(', ')} or 2024-05-09`,
  ],
  [{ in_last: [v('created_at'), 1, 'day'] }, 'created_at is within the last 1 day'],
  [{ before_last: [v('created_at'), 2, 'week'] }, 'created_at is at least 2 weeks ago'],
  [{ in_period: [v('created_at'), 'month', -1] }, 'created_at is in last month'],
  [{ in_period: [v('created_at'), 'year', 3] }, 'created_at is in the year 3 years from now'],
  [{ anniversary_in_next: [v('birth_date'), 7] }, 'an anniversary of birth_date is today or in the next 7 days'],
  [{ some: [v('orders'), true] }, 'has rows of orders'],
  [{ none: [v('orders'), paid] }, 'has no rows of orders where (status is paid)'],
  [
    { all: [v('orders'), paid] },
    'has rows of orders and every one of rows of orders, if any, satisfies (status is paid)',
  ],
  [{ '>=': [{ count: [rows] }, 3] }, 'the number of rows of orders where (status is paid) is at least 3'],
  [
    { '>': [{ sum: [{ map: [rows, v('total')] }] }, '250.00'] },
    'the sum of total across rows of orders where (status is paid) is greater than 250',
  ],
  [
    { '==': [{ last: [v('orders'), v('status')] }, 'paid'] },
    'the last status (by placed_at) among rows of orders is paid',
  ],
  [
    { some: [v('items'), { and: [{ '==': [v('orders.status'), 'paid'] }, { '==': [v('sku'), 'a'] }] }] },
    'has rows of items where (orders.status is paid and sku is a)',
  ],
  [{ '!': [{ in_segment: ['a'] }] }, 'is not in the segment a'],
])('%j', (json, english) => expect(describe(accepted(json), shop)).toBe(english));

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
    { is_past: [v('created_at')] },
    { in_next: [v('created_at'), 2, 'year'] },
    { in_period: [v('created_at'), 'month', 0] },
    { anniversary_today: [v('birth_date')] },
    { anniversary_in_last: [v('birth_date'), 7] },
    { anniversary_in_period: [v('birth_date'), 'month', 1] },
    { anniversary_in_next: [v('birth_date'), 7] },
    { some: [v('orders'), { or: [paid, { is_empty: [v('note')] }] }] },
    { all: [v('orders'), paid] },
    { '>=': [{ count: [rows] }, 3] },
    { in_segment: ['and or'] },
  ];
  const all = leaves.flatMap((leaf) => [leaf, { '!': [leaf] }]);
  for (const group of ['and', 'or']) {
    for (const leaf of all) {
      const text = bare(describe(accepted({ [group]: [leaf, { '<': [v('points'), 3] }, leaf] }), shop));
      expect(text.includes(' and ') && text.includes(' or '), text).toBe(false);
    }
  }
});

test('names that are no plain words are quoted, as no value is', () => {
  const names = ['email', 'Email', 'vip or email', 'or', 'Is', 'e`mail', 'attributes.plan', 'createdAt', 'größe'];
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
  const said = (json: unknown): string => describe(accepted(json, { catalogue }), catalogue);
  expect(names.map((name) => said({ '==': [v(name), 'x'] }))).toEqual([
    'email is x',
    'Email is x',
    '`vip or email` is x',
    '`or` is x',
    '`Is` is x',
    '`e``mail` is x',
    'attributes.plan is x',
    'createdAt is x',
    'größe is x',
  ]);
  expect(said({ '==': [v('email'), v('Email')] })).toBe('email is the value of Email');
  expect(said({ '==': [{ last: [v('Past Orders'), v('status')] }, 'x'] })).toBe(
    'the last status (by At) among rows of `Past Orders` is x',
  );
  expect(said({ some: [v('lines'), { '==': [v('Past Orders.status'), 'x'] }] })).toBe(
    'has rows of lines where (`Past Orders`.status is x)',
  );
});

test('long lists are summed up', () => {
  expect(describe(accepted({ in: [v('points'), Array.from({ length: 100 }, (_, i) => i)] }), shop)).toMatch(
    /^points is 0, 1, .* 18, 19 or 80 more$/,
  );
});

test.each([
  ['ES', 'ES'],
  ['San Sebastián', 'San Sebastián'],
  ["O'Brien", "O'Brien"],
  ['ana@x.es', 'ana@x.es'],
  ['3XL', '3XL'],
  ['C++', 'C++'],
  ['', '""'],
  [' ES', '" ES"'],
  ['ES ', '"ES "'],
  ['a  b', '"a  b"'],
  ['123', '"123"'],
  ['1e3', '"1e3"'],
  ['-', '"-"'],
  ['2024-05-01', '"2024-05-01"'],
  ['2024-05-01T10:00:00Z', '"2024-05-01T10:00:00Z"'],
  ['a, b', '"a, b"'],
  ['NO', '"NO"'],
  ['yes', '"yes"'],
  ['null', '"null"'],
  ['Isle of Man', 'Isle of Man'],
  ['Trinidad and Tobago', '"Trinidad and Tobago"'],
  ['the value of city', '"the value of city"'],
  ['at least 3', '"at least 3"'],
  ['say "x"', '"say \\"x\\""'],
  ['(x)', '"(x)"'],
  ['[x]', '"[x]"'],
  ['x\ny', '"x\\ny"'],
  ['x'.repeat(61), `"${'x'.repeat(61)}"`],
])('the text %j is written %s', (text, written) =>
  expect(describe(accepted({ '==': [v('country'), text] }), shop)).toBe(`country is ${written}`),
);

test('two conditions with one description are one condition', () => {
  const texts = [
    'ES',
    'PT',
    'ES or PT',
    'ES, PT',
    'neither ES',
    'city',
    'the value of city',
    'not ES',
    '1',
    'yes',
    'a',
    'b',
  ];
  const said = new Map<string, unknown>();
  const once = (json: unknown): void => {
    const text = describe(accepted(json), shop);
    expect(said.get(text), text).toBeUndefined();
    said.set(text, json);
  };
  once({ '==': [v('country'), v('city')] });
  for (const one of texts) {
    once({ '==': [v('country'), one] });
    once({ '!=': [v('country'), one] });
    once({ has_any: [v('tags'), [one]] });
    for (const two of texts) {
      if (one === two) continue;
      once({ in: [v('country'), [one, two]] });
      once({ '!': [{ in: [v('country'), [one, two]] }] });
      once({ has_any: [v('tags'), [one, two]] });
      once({ has_all: [v('tags'), [one, two]] });
      once({ in: [v('country'), [one, two, 'c']] });
    }
  }
  once({ in: [v('points'), [1, 2]] });
  expect(said.size).toBeGreaterThan(600);
});

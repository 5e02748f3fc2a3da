/** What people ask of a segment and cannot say here: each refusal names what to do instead. */
import { expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { field, fields, shop } from './catalogue.ts';
import { issuesOf, v } from './ask.ts';

const odd = [
  field('contact', 'paid', 'other', { sqlType: 'money' }),
  field('contact', 'ip', 'other', { sqlType: 'inet' }),
  field('contact', 'open', 'other', { sqlType: 'int4range' }),
  field('contact', 'stay', 'other', { sqlType: 'tstzrange' }),
  field('contact', 'extra', 'other', { sqlType: 'public.hstore' }),
  field('contact', 'wakes', 'other', { sqlType: 'time without time zone' }),
  field('contact', 'took', 'other', { sqlType: 'interval' }),
  field('contact', 'Odd name', 'other', { sqlType: 'cidr' }),
  field('contact', 'words', 'other', { sqlType: 'tsvector' }),
];
const catalogue: Catalogue = {
  ...shop,
  contacts: { ...shop.contacts, fields: fields(...shop.contacts.fields.values(), ...odd) },
};
const [x, at] = [v('city'), v('created_at')];
const generated = /add a generated column/;

type Refused = readonly [given: unknown, code: string, hint: RegExp];

const refused: readonly Refused[] = [
  [{ xor: [x, x, x] }, 'refused-operator', /of two conditions .* of more, write `or`/],
  [
    { country: { '==': 'ES' } },
    'field-as-operator',
    /the field goes inside: write `\{"==": \[\{"var": "country"\}, "ES"\]\}`/,
  ],
  [{ country: 'ES' }, 'field-as-operator', /\{"==": \[\{"var": "country"\}, "ES"\]\}/],
  [{ points: { $gte: 18 } }, 'field-as-operator', /\{">=": \[\{"var": "points"\}, 18\]\}/],
  [{ country: { in: ['ES', 'PT'] } }, 'field-as-operator', /\{"in": \[\{"var": "country"\}, \["ES","PT"\]\]\}/],
  [{ some: [v('orders'), { status: 'paid' }] }, 'field-as-operator', /\{"var": "status"\}/],
  [{ country: 'ES', points: 3 }, 'two-keys', /the field goes inside: .*"country"/],
  [{ combinator: 'and', rules: [] }, 'two-keys', /formatQuery\(query, 'jsonlogic'\)/],
  [{ id: 'a', type: 'group', children1: [] }, 'two-keys', /jsonLogicFormat/],
  [{ field: 'city', operator: '=', value: 'a' }, 'two-keys', /\{"==": \[\{"var": "field"\}, value\]\}/],
  [{ '>': [v('paid'), 100] }, 'not-comparable', /`alter column paid type numeric`/],
  [
    { '==': [v('ip'), '10.0.0.1'] },
    'not-comparable',
    /`add column ip_value text generated always as \(host\(ip\)\) stored`/,
  ],
  [{ '>': [v('open'), 3] }, 'not-comparable', /open_value numeric generated always as \(lower\(open\)\)/],
  [
    { '>': [v('stay'), '2024-05-01'] },
    'not-comparable',
    /stay_value timestamptz generated always as \(lower\(stay\)\)/,
  ],
  [{ '==': [v('extra'), 'a'] }, 'not-comparable', /\(extra -> 'key'\)/],
  [
    { '>': [v('wakes'), '08:00'] },
    'not-comparable',
    /extract\(hour from wakes\) \* 60 \+ extract\(minute from wakes\)/,
  ],
  [{ '>': [v('took'), 3] }, 'not-comparable', /extract\(epoch from took\)/],
  [{ '==': [v('Odd name'), 'a'] }, 'not-comparable', /\(host\("Odd name"\)\)/],
  [{ '==': [v('words'), 'a'] }, 'not-comparable', /generated column of text, a number or a time/],
  [{ '==': [v('attributes'), 'a'] }, 'not-comparable', /typed path in the config/],
  [{ '<': [at, { now: [] }] }, 'refused-operator', /`is_past`/],
  [{ '>=': [at, { datetime_add: [{ now: [] }, -30, 'day'] }] }, 'refused-operator', /`in_last`/],
  [{ '==': [at, { today: [] }] }, 'refused-operator', /`in_period` with "day" and 0/],
  [{ '>': [at, { datetime_truncate: [{ now: [] }, 'month'] }] }, 'refused-operator', /`in_period`/],
  [{ regex: [x, '^M'] }, 'refused-operator', /regular expressions are not offered; use `in`/],
  [{ regexTest: [x, '^M'] }, 'refused-operator', /regular expressions/],
  [{ '==': [{ fiscal_year: [at] }, 2024] }, 'refused-operator', generated],
  [{ in_period: [at, 'fiscal_year', 0] }, 'unknown-unit', generated],
  [{ '==': [{ year: [at] }, 2024] }, 'refused-operator', /`in_period` .* generated column/],
  [{ '>': [{ hour: [at] }, 8] }, 'refused-operator', /time of day .* generated column/],
  [{ '>': [{ round: [v('points')] }, 8] }, 'refused-operator', generated],
  [{ '==': [{ toUpperCase: [x] }, 'A'] }, 'refused-operator', /`ieq`/],
  [{ '==': [{ method: [x, 'trim'] }, 'a'] }, 'refused-operator', /methods/],
  [{ '==': [{ coalesce: [x, x] }, 'a'] }, 'refused-operator', /`or`/],
  [{ elemMatch: [v('orders'), x] }, 'refused-operator', /`some`/],
  [{ startsWith: [x, 'a'] }, 'refused-operator', /`starts_with`/],
];

test.each(refused.map((row) => ({ row, name: JSON.stringify(row[0]) })))('$name', ({ row: [given, code, hint] }) => {
  const issue = issuesOf(given, { catalogue }).find((one) => one.code === code);
  expect(issue, JSON.stringify(issuesOf(given, { catalogue }))).toBeDefined();
  expect(issue?.hint).toMatch(hint);
});

test('a condition that a hint writes for a field is accepted', () => {
  for (const given of [
    { country: { '==': 'ES' } },
    { points: { $gte: 18 } },
    { vip: true },
    { country: { in: ['ES'] } },
  ]) {
    const [, proposed = ''] = /write `(\{.*\})`/.exec(issuesOf(given)[0]?.hint ?? '') ?? [];
    expect(issuesOf(JSON.parse(proposed)), proposed).toEqual([]);
  }
});

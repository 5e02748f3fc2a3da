/** Everything that is refused, with its code, its place and what it hints at. */
import { describe, expect, test } from 'vitest';
import { accepted, issuesOf, v } from './ask.ts';

const some = (where: unknown): unknown => ({ some: [v('orders'), where] });

type Refusal = readonly [name: string, json: unknown, code: string, pointer: string, hint?: RegExp];

const refusals: readonly Refusal[] = [
  ['null', null, 'wrong-type', '', /true/],
  ['a text', 'ES', 'wrong-type', ''],
  ['a number', 1, 'wrong-type', ''],
  ['a list', [{ '==': [v('country'), 'ES'] }], 'wrong-type', '', /and/],
  ['an empty object', {}, 'empty-object', ''],
  ['two keys', { and: [true], or: [true] }, 'two-keys', '', /and/],
  ['an empty and', { and: [] }, 'empty-group', '', /true/],
  ['an empty or', { or: [] }, 'empty-group', '', /false/],
  ['a constant in a group', { and: [true, { '==': [v('country'), 'ES'] }] }, 'constant-in-group', '/and/0'],
  ['a null child', { and: [null, { '==': [v('country'), 'ES'] }] }, 'wrong-type', '/and/0'],
  ['an unknown operator', { frobnicate: [v('country'), 'ES'] }, 'unknown-operator', ''],
  ['a turned sign', { '=>': [v('points'), 3] }, 'refused-operator', '', /`>=`/],
  ['an operator in capitals', { AND: [{ '==': [v('country'), 'ES'] }] }, 'refused-operator', '', /`and`/],
  ['a near operator', { star_with: [v('city'), 'x'] }, 'unknown-operator', '', /`starts_with`/],
  ['an unknown field', { '==': [v('adress'), 'x'] }, 'unknown-field', '/==/0'],
  ['a near field', { '==': [v('contry'), 'x'] }, 'unknown-field', '/==/0', /`country`/],
  ['a near path', { '==': [v('atributes.plan'), 'x'] }, 'unknown-field', '/==/0', /`attributes.plan`/],
  ['a field inherited from Object', { '==': [v('toString'), 'x'] }, 'unknown-field', '/==/0'],
  ['a forbidden name', { '==': [v('constructor'), 'x'] }, 'forbidden-name', '/==/0/var'],
  ['a forbidden step', { '==': [v('attributes.__proto__'), 'x'] }, 'forbidden-name', '/==/0/var'],
  ['an operator inherited from Object', { toString: [v('country')] }, 'unknown-operator', ''],
  ['a forbidden key', JSON.parse('{"__proto__": [1]}'), 'forbidden-name', ''],
  ['a computed name', { '==': [{ var: { var: 'country' } }, 'x'] }, 'computed-name', '/==/0/var'],
  ['a numeric name', { '==': [{ var: 1 }, 'x'] }, 'wrong-type', '/==/0/var'],
  ['var with a default', { '==': [{ var: ['country', 'ES'] }, 'ES'] }, 'var-default', '/==/0/var/1', /remove/],
  ['var without a name', { '==': [{ var: [] }, 'ES'] }, 'wrong-arity', '/==/0'],
  ['the whole contact', { '==': [v(''), 'ES'] }, 'unknown-field', '/==/0'],
  ['cat', { '==': [{ cat: [v('city'), 'x'] }, 'x'] }, 'refused-operator', '/==/0'],
  ['substr', { '==': [{ substr: [v('city'), 1] }, 'x'] }, 'refused-operator', '/==/0', /starts_with/],
  ['merge', { in: [v('city'), { merge: [['a'], ['b']] }] }, 'refused-operator', '/in/1', /list/],
  ['log', { log: [v('city')] }, 'refused-operator', ''],
  ['missing', { missing: ['city'] }, 'refused-operator', '', /null/],
  ['regular expressions', { matches: [v('city'), '^a'] }, 'refused-operator', '', /regular/],
  ['a bare map', { map: [v('orders'), v('total')] }, 'refused-operator', '', /sum/],
  [
    'free reduce',
    { '>': [{ reduce: [v('orders'), { '+': [v('current.total'), v('accumulator')] }, 0] }, 3] },
    'refused-operator',
    '/>/0',
    /sum/,
  ],
  [
    'a reduce that starts at 1',
    { '>': [{ reduce: [v('orders'), { '+': [1, v('accumulator')] }, 1] }, 3] },
    'refused-operator',
    '/>/0',
  ],
  ['> with three arguments', { '>': [3, v('points'), 1] }, 'wrong-arity', '', /"<"/],
  ['>= with three arguments', { '>=': [3, v('points'), 1] }, 'wrong-arity', '', /"<="/],
  ['== with one argument', { '==': [v('points')] }, 'wrong-arity', ''],
  ['! with two arguments', { '!': [v('vip'), v('vip')] }, 'wrong-arity', ''],
  ['two literals', { '==': [1, 1] }, 'two-literals', ''],
  ['order of text', { '<': [v('city'), 'm'] }, 'no-order', '', /==/],
  ['order of uuid', { '<': [v('token'), '00000000-0000-0000-0000-000000000000'] }, 'no-order', ''],
  ['order of boolean', { '<': [v('vip'), true] }, 'no-order', ''],
  ['equality of arrays', { '==': [v('tags'), 'vip'] }, 'wrong-type', '', /has_any/],
  ['comparison of json', { '==': [v('attributes'), 'x'] }, 'not-comparable', '', /is_empty/],
  ['comparison of an odd type', { '==': [v('place'), 'x'] }, 'not-comparable', ''],
  ['a number for text', { '==': [v('country'), 5] }, 'wrong-type', '/==/1', /quotes/],
  ['text for a number', { '==': [v('points'), 'many'] }, 'wrong-type', '/==/1'],
  ['an exponent in text', { '==': [v('points'), '1e3'] }, 'wrong-type', '/==/1', /plain decimal/],
  ['text for a boolean', { '==': [v('vip'), 'true'] }, 'wrong-type', '/==/1', /without quotes/],
  ['a number for a boolean', { '==': [v('vip'), 1] }, 'wrong-type', '/==/1'],
  ['an instant for a date', { '==': [v('birth_date'), '2024-01-01T00:00:00Z'] }, 'wrong-type', '/==/1', /day only/],
  ['a day that does not exist', { '==': [v('birth_date'), '2023-02-29'] }, 'wrong-type', '/==/1'],
  ['year 0', { '==': [v('birth_date'), '0000-01-01'] }, 'wrong-type', '/==/1'],
  ['an instant without offset', { '<': [v('created_at'), '2024-01-01T00:00:00'] }, 'wrong-type', '/</1', /offset/],
  ['nanoseconds', { '<': [v('created_at'), '2024-01-01T00:00:00.1234567Z'] }, 'wrong-type', '/</1', /micro/],
  ['an instant before year 1', { '<': [v('created_at'), '0001-01-01T00:00:00+01:00'] }, 'wrong-type', '/</1'],
  ['a broken uuid', { '==': [v('token'), 'abc'] }, 'wrong-type', '/==/1'],
  ['a label that the enum lacks', some({ '==': [v('status'), 'payed'] }), 'unknown-label', '/some/1/==/1', /`paid`/],
  ['order with null', { '<': [v('points'), null] }, 'null-value', ''],
  ['a number beyond 2^53', { '==': [v('points'), 2 ** 53] }, 'inexact-number', '/==/1', /text/],
  ['fields of two types', { '==': [v('country'), v('points')] }, 'wrong-type', ''],
  ['a date field against an instant field', { '<': [v('birth_date'), v('created_at')] }, 'wrong-type', ''],
  ['an aggregate and a field of another type', { '==': [{ count: [v('orders')] }, v('city')] }, 'wrong-type', ''],
  ['a sum of texts', { '>': [{ '+': [v('city'), 1] }, 2] }, 'wrong-type', '/>/0/+/0', /numbers/],
  ['a sum of times', { '>': [{ '-': [v('created_at'), 1] }, 2] }, 'wrong-type', '/>/0/-/0', /in_last/],
  ['a sum of arrays', { '>': [{ '+': [v('sizes'), 1] }, 2] }, 'wrong-type', '/>/0/+/0'],
  ['a text in a sum', { '>': [{ '+': [v('points'), 'x'] }, 2] }, 'wrong-type', '/>/0/+/1'],
  ['null in a sum', { '>': [{ '+': [v('points'), null] }, 2] }, 'wrong-type', '/>/0/+/1'],
  ['too many digits in a sum', { '>': [{ '+': [v('points'), '9'.repeat(31)] }, 2] }, 'too-many-digits', '/>/0/+/1'],
  ['a sum of fixed numbers', { '>': [v('points'), { '+': [1, 2] }] }, 'two-literals', '/>/1', /result/],
  ['a sum of one', { '>': [{ '+': [v('points')] }, 2] }, 'wrong-arity', '/>/0'],
  ['minus of three', { '>': [{ '-': [v('points'), 1, 2] }, 2] }, 'wrong-arity', '/>/0'],
  ['a division', { '>': [{ '/': [v('points'), 2] }, 2] }, 'refused-operator', '/>/0', /multiply the other side/],
  ['a remainder', { '==': [{ '%': [v('points'), 2] }, 0] }, 'refused-operator', '/==/0', /column/],
  ['a calculation as a condition', { '+': [v('points'), 1] }, 'not-a-condition', ''],
  [
    'an aggregate inside of the rows of another',
    { '>': [{ sum: [{ map: [v('orders'), { '+': [v('total'), { count: [v('items')] }] }] }] }, 1] },
    'nested-relation',
    '/>/0/sum/0/map/1/+/1/count/0',
  ],
  ['count against null', { '==': [{ count: [v('orders')] }, null] }, 'never-missing', '', /0/],
  ['age against null', { '==': [{ age: [v('birth_date')] }, null] }, 'null-value', '', /birth_date/],
  ['age of a broken number', { '>=': [{ age: [v('birth_date')] }, 18.5] }, 'out-of-range', '/>=/1'],
  ['age of an instant', { '>=': [{ age: [v('created_at')] }, 18] }, 'wrong-type', '/>=/0/age/0'],
  ['weekday 8', { '==': [{ weekday: [v('created_at')] }, 8] }, 'out-of-range', '/==/1'],
  ['month 0', { '==': [{ anniversary_month: [v('birth_date')] }, 0] }, 'out-of-range', '/==/1'],
  ['a bare text field', { '!': [v('country')] }, 'not-a-condition', '/!/0', /is_empty/],
  ['a bare number', v('points'), 'not-a-condition', ''],
  ['a bare count', { count: [v('orders')] }, 'not-a-condition', ''],
  ['a condition as a value', { '==': [{ some: [v('orders'), true] }, true] }, 'not-a-value', '/==/0'],
  ['an empty list', { in: [v('country'), []] }, 'empty-list', '/in/1'],
  ['a null in a list', { in: [v('country'), ['ES', null]] }, 'null-value', '/in/1/1'],
  ['a wrong type in a list', { in: [v('points'), [1, 'x']] }, 'wrong-type', '/in/1/1'],
  ['an empty needle', { in: ['', v('country')] }, 'empty-needle', '/in/0', /is_empty/],
  ['an empty prefix', { starts_with: [v('country'), ''] }, 'empty-needle', '/starts_with/1'],
  ['a field in a text', { in: [v('country'), 'ES,PT'] }, 'wrong-type', '/in/1', /list/],
  ['a field in a field', { in: [v('country'), v('tags')] }, 'two-values', ''],
  ['an array in a list', { in: [v('tags'), ['vip']] }, 'wrong-type', '/in/0', /has_any/],
  ['in over a number field', { in: [1, v('points')] }, 'wrong-type', '/in/1'],
  ['in with two literals', { in: ['a', ['a']] }, 'two-literals', '/in/1'],
  ['has_any on text', { has_any: [v('country'), ['ES']] }, 'wrong-type', '/has_any/0', /`in`/],
  ['has_any with an empty list', { has_any: [v('tags'), []] }, 'empty-list', '/has_any/1'],
  ['text operator on a number', { icontains: [v('points'), '1'] }, 'wrong-type', '/icontains/0'],
  ['text operator turned round', { icontains: ['1', v('city')] }, 'wrong-type', '/icontains/0', /first/],
  ['iin without a list', { iin: [v('city'), 'x'] }, 'wrong-type', '/iin/1', /ieq/],
  ['an empty list of prefixes', { starts_with: [v('country'), []] }, 'empty-list', '/starts_with/1'],
  ['an empty text among needles', { icontains: [v('city'), ['a', '']] }, 'empty-needle', '/icontains/1/1', /is_empty/],
  ['a number among needles', { in: [['a', 1], v('city')] }, 'wrong-type', '/in/0/1'],
  ['a list in an array', { in: [['a', 'b'], v('tags')] }, 'wrong-type', '/in/0', /has_any/],
  ['ieq with a list', { ieq: [v('city'), ['a']] }, 'wrong-type', '/ieq/1', /iin/],
  ['length of an array', { '>': [{ length: [v('tags')] }, 1] }, 'wrong-type', '/>/0/length/0', /size/],
  ['size of a text', { '>': [{ size: [v('city')] }, 1] }, 'wrong-type', '/>/0/size/0', /length/],
  ['a negative length', { '>': [{ length: [v('city')] }, -1] }, 'out-of-range', '/>/1'],
  ['a fraction as size', { '>': [{ size: [v('tags')] }, 1.5] }, 'out-of-range', '/>/1'],
  ['length against null', { '==': [{ length: [v('city')] }, null] }, 'null-value', '', /"city"/],
  ['iin with an empty list', { iin: [v('city'), []] }, 'empty-list', '/iin/1'],
  ['is_empty of a relation', { is_empty: [v('orders')] }, 'relation-as-field', '/is_empty/0', /none/],
  [
    'is_empty of an aggregate',
    { is_empty: [{ last: [v('orders'), v('status')] }] },
    'not-a-field',
    '/is_empty/0',
    /null/,
  ],
  ['a window on text', { in_last: [v('country'), 3, 'day'] }, 'wrong-type', '/in_last/0'],
  ['half a month', { in_last: [v('created_at'), 0.5, 'month'] }, 'out-of-range', '/in_last/1'],
  ['months in plural', { in_last: [v('created_at'), 3, 'months'] }, 'unknown-unit', '/in_last/2', /`month`/],
  ['a unit in plural', { in_last: [v('created_at'), 3, 'days'] }, 'unknown-unit', '/in_last/2', /`day`/],
  ['a window of nothing', { in_last: [v('created_at'), 0, 'day'] }, 'out-of-range', '/in_last/1'],
  ['half a day', { in_last: [v('created_at'), 0.5, 'day'] }, 'out-of-range', '/in_last/1'],
  ['a window in text', { in_last: [v('created_at'), '3', 'day'] }, 'wrong-type', '/in_last/1'],
  ['a period of hours', { in_period: [v('created_at'), 'hour', 0] }, 'unknown-unit', '/in_period/1'],
  ['the past of a text', { is_past: [v('country')] }, 'wrong-type', '/is_past/0'],
  ['the future of a number', { is_future: [{ count: [v('orders')] }] }, 'wrong-type', '/is_future/0'],
  ['an anniversary of a text', { anniversary_today: [v('country')] }, 'wrong-type', '/anniversary_today/0'],
  ['an age by an instant', { '>': [{ age: [v('created_at')] }, 3] }, 'wrong-type', '/>/0/age/0'],
  [
    'an anniversary in a quarter',
    { anniversary_in_period: [v('birth_date'), 'quarter', 0] },
    'unknown-unit',
    '/anniversary_in_period/1',
  ],
  [
    'an anniversary in half a week',
    { anniversary_in_period: [v('birth_date'), 'week', 0.5] },
    'out-of-range',
    '/anniversary_in_period/2',
  ],
  [
    'an anniversary too long ago',
    { anniversary_in_last: [v('birth_date'), 36_501] },
    'out-of-range',
    '/anniversary_in_last/1',
  ],
  ['a negative anniversary', { anniversary_in_next: [v('birth_date'), -1] }, 'out-of-range', '/anniversary_in_next/1'],
  ['member_for inside a relation', some({ member_for: ['a', 3, 'day'] }), 'outer-field', '/some/1'],
  ['member_for by the calendar', { member_for: ['a', 1, 'month'] }, 'unknown-unit', '/member_for/2', /days or weeks/],
  ['entered_in_last of no time', { entered_in_last: ['a', 0, 'day'] }, 'out-of-range', '/entered_in_last/1'],
  ['left_in_last without a key', { left_in_last: [7, 7, 'day'] }, 'wrong-type', '/left_in_last/0', /left_in_last/],
  ['member_for without its length', { member_for: ['a'] }, 'wrong-arity', ''],
  ['known_for inside a relation', some({ known_for: [3, 'day'] }), 'outer-field', '/some/1'],
  ['an outer field', some({ '==': [v('country'), 'ES'] }), 'outer-field', '/some/1/==/0', /contact\.country/],
  ['an outer field by another name', some({ '==': [v('contacts.country'), 'ES'] }), 'outer-field', '/some/1/==/0'],
  [
    'an unknown field of the contact',
    some({ '==': [v('contact.contry'), 'ES'] }),
    'unknown-field',
    '/some/1/==/0',
    /`country`/,
  ],
  [
    'an unknown field of the row around',
    some({ '==': [v('outer.contry'), 'ES'] }),
    'unknown-field',
    '/some/1/==/0',
    /`country`/,
  ],
  [
    'a field of the contact by `contact.` outside of relations',
    { '==': [v('contact.country'), 'ES'] },
    'unknown-field',
    '/==/0',
    /"country"/,
  ],
  ['another type around', some({ '==': [v('contact.country'), v('total')] }), 'wrong-type', '/some/1'],
  [
    'a number of the contact as a time',
    some({ in_last: [v('contact.points'), 1, 'day'] }),
    'wrong-type',
    '/some/1/in_last/0',
  ],
  ['a whole row', some({ '==': [v(''), 'ES'] }), 'whole-row', '/some/1/==/0', /column/],
  ['an unknown column', some({ '==': [v('statsu'), 'paid'] }), 'unknown-field', '/some/1/==/0', /`status`/],
  [
    'a relation in a relation',
    some({ some: [v('items'), { '==': [v('sku'), 'a'] }] }),
    'nested-relation',
    '/some/1/some/0',
    /`orders\.…`/,
  ],
  [
    'the middle as a relation',
    { some: [v('items'), { some: [v('orders'), true] }] },
    'nested-relation',
    '/some/1/some/0',
    /in scope/,
  ],
  [
    'rows of the rows that they go through, counted',
    some({ '>': [{ count: [v('items')] }, 1] }),
    'nested-relation',
    '/some/1/>/0/count/0',
    /outer/,
  ],
  [
    'a relation two relations deep',
    some({ some: [v('notes'), { some: [v('notes'), { '==': [v('body'), v('outer.body')] }] }] }),
    'nested-relation',
    '/some/1/some/1/some/0',
    /segment/,
  ],
  [
    'a field of the row around without `outer`',
    some({ some: [v('notes'), { '==': [v('body'), v('note')] }] }),
    'outer-field',
    '/some/1/some/1/==/1',
    /outer\.note/,
  ],
  [
    'an unknown field of the row around inside two relations',
    some({ some: [v('notes'), { '==': [v('body'), v('outer.nte')] }] }),
    'unknown-field',
    '/some/1/some/1/==/1',
    /`note`/,
  ],
  [
    'two words for rows around',
    some({ some: [v('notes'), { '==': [v('body'), v('outer.contact.city')] }] }),
    'unknown-field',
    '/some/1/some/1/==/1',
    /contact\.city/,
  ],
  ['in_segment inside a relation', some({ in_segment: ['a'] }), 'outer-field', '/some/1'],
  ['a relation as a field', { '>': [v('orders'), 3] }, 'relation-as-field', '/>/0', /count/],
  ['a column of a relation', { '>': [v('orders.total'), 3] }, 'relation-as-field', '/>/0', /some/],
  ['a field as a relation', { some: [v('tags'), true] }, 'field-as-relation', '/some/0', /has_any/],
  ['an unknown relation', { some: [v('order'), true] }, 'unknown-relation', '/some/0', /`orders`/],
  ['some over a list', { some: [['a'], true] }, 'not-a-relation', '/some/0'],
  [
    'filter around map',
    { '>': [{ sum: [{ filter: [{ map: [v('orders'), v('total')] }, true] }] }, 1] },
    'not-mapped',
    '/>/0/sum/0',
    /map/,
  ],
  [
    'map inside filter',
    { '>': [{ count: [{ filter: [{ map: [v('orders'), v('total')] }, true] }] }, 1] },
    'not-a-relation',
    '/>/0/count/0/filter/0',
    /filter/,
  ],
  ['sum of text', { '>': [{ sum: [{ map: [v('orders'), v('status')] }] }, 1] }, 'wrong-type', '/>/0/sum/0/map/1'],
  [
    'max of text',
    { '==': [{ max_of: [{ map: [v('orders'), v('note')] }] }, 'a'] },
    'wrong-type',
    '/==/0/max_of/0/map/1',
  ],
  ['filter with one argument', { '>': [{ count: [{ filter: [v('orders')] }] }, 1] }, 'wrong-arity', '/>/0/count/0'],
  [
    'last without a time column',
    { '==': [{ last: [v('notes'), v('body')] }, 'a'] },
    'no-time-column',
    '/==/0',
    /relations\.notes/,
  ],
  ['last of an array', { '==': [{ last: [v('orders'), v('codes')] }, 'a'] }, 'wrong-type', '/==/0/last/1'],
  [
    'last filtered twice',
    { '==': [{ last: [{ filter: [v('orders'), true] }, v('status'), true] }, 'paid'] },
    'two-filters',
    '/==/0/last/2',
    /and/,
  ],
  ['in_segment without a key', { in_segment: [5] }, 'wrong-type', '/in_segment/0'],
  ['NUL in text', { '==': [v('city'), 'a\u0000b'] }, 'nul', '/==/1'],
  ['a lone surrogate', { '==': [v('city'), 'a\ud800b'] }, 'lone-surrogate', '/==/1'],
  ['a slash and a tilde in a key', { 'a/b~c': [{ var: '' }] }, 'unknown-operator', ''],
];

describe('refused', () => {
  test.each(refusals.map((refusal) => ({ refusal, name: refusal[0] })))('$name', ({ refusal }) => {
    const [, json, code, pointer, hint] = refusal;
    const issues = issuesOf(json);
    const issue = issues.find((found) => found.code === code && found.pointer === pointer);
    expect(issue, JSON.stringify(issues)).toBeDefined();
    expect(issue?.message).toMatch(/\.$/);
    if (hint) expect(issue?.hint).toMatch(hint);
    for (const one of issues) expect(one.hint, one.message).toMatch(/\w/);
  });
});

test('all issues are reported, each at its place', () => {
  const issues = issuesOf({
    and: [
      { '==': [v('contry'), 'ES'] },
      { or: [] },
      { '>': [v('points'), 'x'] },
      some({ '==': [v('country'), 1] }),
      { in: [v('country'), [null, 1]] },
    ],
  });
  expect(issues.map((issue) => [issue.code, issue.pointer])).toEqual([
    ['unknown-field', '/and/0/==/0'],
    ['empty-group', '/and/1'],
    ['wrong-type', '/and/2/>/1'],
    ['outer-field', '/and/3/some/1/==/0'],
    ['null-value', '/and/4/in/1/0'],
    ['wrong-type', '/and/4/in/1/1'],
  ]);
});

describe('a mistake beside an unknown name is reported with it, whatever the name means', () => {
  const x = v('nmae');
  test.each<[unknown, ...string[]]>([
    [{ in: [x, []] }, 'unknown-field /in/0', 'empty-list /in/1'],
    [{ in: [x, 'ES'] }, 'unknown-field /in/0', 'wrong-type /in/1'],
    [
      { in: [x, ['ES', null, ['PT'], {}]] },
      'unknown-field /in/0',
      'null-value /in/1/1',
      'wrong-type /in/1/2',
      'wrong-type /in/1/3',
    ],
    [{ in: [null, x] }, 'unknown-field /in/1', 'null-value /in/0'],
    [{ in: [v('citty'), x] }, 'unknown-field /in/1', 'unknown-field /in/0'],
    [{ has_any: [x, []] }, 'unknown-field /has_any/0', 'empty-list /has_any/1'],
    [{ has_all: [x, [null]] }, 'unknown-field /has_all/0', 'null-value /has_all/1/0'],
    [{ iin: [x, []] }, 'unknown-field /iin/0', 'empty-list /iin/1'],
    [{ starts_with: [x, ''] }, 'unknown-field /starts_with/0', 'empty-needle /starts_with/1'],
    [{ '<=': ['a', x, 'b'] }, 'unknown-field /<=/1', 'wrong-type /<=/0', 'wrong-type /<=/2'],
    [{ '<': [x, true] }, 'unknown-field /</0', 'wrong-type /</1'],
    [{ '>=': [x, null] }, 'unknown-field />=/0', 'null-value '],
    [{ '==': [x, ['ES']] }, 'unknown-field /==/0', 'wrong-type /==/1'],
    [{ in_last: [x, 0, 'day'] }, 'unknown-field /in_last/0', 'out-of-range /in_last/1'],
    [{ some: [v('odrers'), { '==': [v('totl'), {}] }] }, 'unknown-relation /some/0', 'empty-object /some/1/==/1'],
    [
      {
        all: [
          v('odrers'),
          {
            and: [
              { in: [v('totl'), []] },
              { in_segment: ['a'] },
              { known_for: [1, 'day'] },
              { some: [v('items'), { some: [v('items'), true] }] },
            ],
          },
        ],
      },
      'unknown-relation /all/0',
      'empty-list /all/1/and/0/in/1',
      'outer-field /all/1/and/1',
      'outer-field /all/1/and/2',
      'nested-relation /all/1/and/3/some/1/some/0',
    ],
    [
      { '>': [{ count: [{ filter: [v('odrers'), { and: [] }] }] }, 'a'] },
      'unknown-relation />/0/count/0/filter/0',
      'empty-group />/0/count/0/filter/1',
      'wrong-type />/1',
    ],
    [
      { '>': [{ sum: [{ map: [{ filter: [v('odrers'), null] }, {}] }] }, 1] },
      'unknown-relation />/0/sum/0/map/0/filter/0',
      'wrong-type />/0/sum/0/map/0/filter/1',
      'empty-object />/0/sum/0/map/1',
    ],
    [
      { '==': [{ first: [{ filter: [v('orders'), { and: [] }] }, v('statsu')] }, 'x'] },
      'empty-group /==/0/first/0/filter/1',
      'unknown-field /==/0/first/1',
    ],
    [
      { '==': [{ first: [v('odrers'), {}, { and: [] }] }, 1] },
      'unknown-relation /==/0/first/0',
      'empty-object /==/0/first/1',
      'empty-group /==/0/first/2',
    ],
  ])('%j', (json, ...wanted) =>
    expect(issuesOf(json).map((issue) => `${issue.code} ${issue.pointer}`)).toEqual(wanted),
  );

  test.each([
    { in: [x, ['ES', 1, true, '2024-01-01']] },
    { '<=': ['1.5', x, 2] },
    { '<': ['2024-01-01', x, '2024-02-01T10:00:00Z'] },
    { '==': [x, null] },
    { '!=': [true, x] },
    {
      some: [
        v('odrers'),
        { and: [{ '==': [v('a'), 'b'] }, { '<': [v('c'), v('d')] }, v('e'), { has_any: [v('f'), [1]] }] },
      ],
    },
    { '==': [{ last: [v('odrers'), v('status'), { '==': [v('a'), 1] }] }, 'x'] },
  ])('and nothing that may be right: %j', (json) => expect(issuesOf(json)).toHaveLength(1));
});

test('an unknown segment is refused when keys are known', () => {
  const segments = (key: string): boolean => key === 'blocked';
  expect(issuesOf({ in_segment: ['blokced'] }, { segments }).map((issue) => issue.code)).toEqual(['unknown-segment']);
  expect(accepted({ in_segment: ['blocked'] }, { segments })).toEqual({ kind: 'segment', key: 'blocked' });
});

test('the base filter cannot depend on a segment', () => {
  expect(issuesOf({ in_segment: ['a'] }, { place: 'contacts.where' }).map((issue) => issue.code)).toEqual([
    'segment-in-filter',
  ]);
  expect(accepted({ is_empty: [v('email')] }, { place: 'contacts.where' })).toMatchObject({ kind: 'empty' });
});

test('an unknown zone is refused', () => {
  for (const timezone of ['Mars/Olympus', '+02:00', '', 'Europe/Madrid; drop']) {
    expect(issuesOf(true, { timezone }).map((issue) => issue.code)).toEqual(['unknown-timezone']);
  }
  expect(issuesOf(true, { timezone: 'America/Havana' })).toEqual([]);
});

test('known_for needs a created column', async () => {
  const { shop } = await import('./catalogue.ts');
  const { created: _created, ...contacts } = shop.contacts;
  expect(issuesOf({ known_for: [3, 'day'] }, { catalogue: { ...shop, contacts } }).map((issue) => issue.code)).toEqual([
    'no-created-column',
  ]);
});

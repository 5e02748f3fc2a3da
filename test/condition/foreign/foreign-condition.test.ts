/** What query builders write, in the words of this language: each form, its note, and the place of what is refused in it. */
import { describe, expect, test } from 'vitest';
import { checkCondition } from '../../../src/condition/check/check-condition.ts';
import { readCondition } from '../../../src/condition/foreign/foreign-condition.ts';
import { samples } from '../sample.ts';
import { shop } from '../catalogue.ts';
import { v } from '../ask.ts';

const read = (json: unknown) => readCondition(json, { catalogue: shop, timezone: 'Europe/Madrid' });
const paid = { '==': [v('status'), 'paid'] };
const now = { now: [] };
const today = { today: [] };
const add = (amount: number, unit: string, from: unknown = now) => ({ datetime_add: [from, amount, unit] });
const days = (amount: number, unit = 'day') => ({ date_add: [today, amount, unit] });
const created = v('created_at');
const birth = v('birth_date');
const inToday = (of: unknown) => ({ in_period: [of, 'day', 0] });

const forms: readonly (readonly [given: unknown, condition: unknown, note?: RegExp])[] = [
  [{ startsWith: [v('city'), 'Má'] }, { starts_with: [v('city'), 'Má'] }, /`startsWith` is read as `starts_with`/],
  [{ '!': { endsWith: [v('city'), 'ga'] } }, { '!': { ends_with: [v('city'), 'ga'] } }],
  [
    { some: [v('orders'), { startsWith: [v('note'), 'x'] }] },
    { some: [v('orders'), { starts_with: [v('note'), 'x'] }] },
  ],
  [
    {
      '>=': [
        { reduce: [{ filter: [v('orders'), { endsWith: [v('note'), 'x'] }] }, { '+': [1, v('accumulator')] }, 0] },
        2,
      ],
    },
    {
      '>=': [
        { reduce: [{ filter: [v('orders'), { ends_with: [v('note'), 'x'] }] }, { '+': [1, v('accumulator')] }, 0] },
        2,
      ],
    },
  ],
  [
    { xor: [v('vip'), { '==': [v('points'), 3] }] },
    {
      or: [
        { and: [v('vip'), { '!': [{ '==': [v('points'), 3] }] }] },
        { and: [{ '==': [v('points'), 3] }, { '!': [v('vip')] }] },
      ],
    },
    /one of them without the other/,
  ],
  [{ xor: [{ startsWith: [v('city'), 'M'] }] }, { starts_with: [v('city'), 'M'] }],
  [{ locked: { '!!': v('vip') } }, { '!!': v('vip') }],
  [{ logic: { and: [v('vip')] } }, { and: [v('vip')] }, /`logic` of the export/],
  [{ logic: { and: [v('vip')] }, data: { vip: null }, errors: [] }, { and: [v('vip')] }, /`logic` of the export/],
  [{ '==': [birth, '2024-05-01T00:00:00.000Z'] }, { '==': [birth, '2024-05-01'] }, /read as the day 2024-05-01/],
  [
    { '<=': ['2024-05-01T00:00:00.000Z', birth, '2024-05-09T00:00:00Z'] },
    { '<=': ['2024-05-01', birth, '2024-05-09'] },
  ],
  [{ in: [birth, ['2024-05-01T00:00:00.000Z', '2024-05-02']] }, { in: [birth, ['2024-05-01', '2024-05-02']] }],
  [{ 'date==': [birth, '2024-05-01T00:00:00.000Z'] }, { '==': [birth, '2024-05-01'] }],
  [{ 'date!=': [birth, '2024-05-01'] }, { '!=': [birth, '2024-05-01'] }, /`date!=` is read as `!=`/],
  [{ 'datetime==': [created, '2024-05-01T10:00:00.000Z'] }, { '==': [created, '2024-05-01T10:00:00.000Z'] }],
  [
    { '>': [created, '2024-07-01T10:00'] },
    { '>': [created, '2024-07-01T08:00:00Z'] },
    /in Europe\/Madrid: 2024-07-01T08:00:00Z/,
  ],
  [{ '>': [created, '2024-01-01 10:00:30'] }, { '>': [created, '2024-01-01T09:00:30Z'] }],
  // A time that the clocks skip is read with the offset before, and of one that comes twice the later counts, as in Postgres.
  [{ '>': [created, '2024-03-31T02:30'] }, { '>': [created, '2024-03-31T01:30:00Z'] }],
  [{ '>': [created, '2024-10-27T02:30'] }, { '>': [created, '2024-10-27T01:30:00Z'] }],
  [
    { '>': [{ last: [v('orders'), v('placed_at')] }, '2024-07-01T10:00'] },
    { '>': [{ last: [v('orders'), v('placed_at')] }, '2024-07-01T08:00:00Z'] },
  ],
  [
    {
      '>': [
        { max_of: [{ map: [{ filter: [v('orders'), { startsWith: [v('note'), 'x'] }] }, v('placed_at')] }] },
        '2024-07-01T10:00',
      ],
    },
    {
      '>': [
        { max_of: [{ map: [{ filter: [v('orders'), { starts_with: [v('note'), 'x'] }] }, v('placed_at')] }] },
        '2024-07-01T08:00:00Z',
      ],
    },
  ],
  [{ '!': v('city') }, { is_empty: [v('city')] }, /`!` of a value is read as \{"is_empty"/],
  [{ '!!': v('city') }, { '!': [{ is_empty: [v('city')] }] }],
  [{ '!': [v('tags')] }, { is_empty: [v('tags')] }],
  [{ '!!': [birth] }, { '!': [{ '==': [birth, null] }] }],
  [{ '<': [created, now] }, { is_past: [created] }],
  [{ '<=': [now, created] }, { is_future: [created] }],
  [{ '>': [birth, now] }, { is_future: [birth] }],
  [
    { '>=': [created, add(-30, 'day')] },
    { or: [{ in_last: [created, 30, 'day'] }, { is_future: [created] }] },
    /A day has 24 hours/,
  ],
  [{ '<': [created, add(-2, 'hours')] }, { before_last: [created, 2, 'hour'] }],
  [{ '<=': [created, add(3, 'month')] }, { or: [{ is_past: [created] }, { in_next: [created, 3, 'month'] }] }],
  [{ '>': [created, add(3, 'day')] }, { and: [{ is_future: [created] }, { '!': [{ in_next: [created, 3, 'day'] }] }] }],
  [
    { '<=': [add(-30, 'day'), created, now] },
    { and: [{ or: [{ in_last: [created, 30, 'day'] }, { is_future: [created] }] }, { is_past: [created] }] },
  ],
  [{ '==': [birth, today] }, inToday(birth)],
  [{ 'date!=': [birth, today] }, { '!': [inToday(birth)] }],
  [{ '<': [birth, today] }, { and: [{ is_past: [birth] }, { '!': [inToday(birth)] }] }],
  [{ '>=': [created, { start_of_today: [] }] }, { or: [{ is_future: [created] }, inToday(created)] }],
  [{ '==': [birth, days(-1)] }, { in_period: [birth, 'day', -1] }],
  [{ '<': [birth, days(-7)] }, { before_last: [birth, 8, 'day'] }],
  [{ '>=': [birth, days(-1, 'week')] }, { or: [{ in_last: [birth, 8, 'day'] }, { is_future: [birth] }] }],
  [{ '<': [birth, days(1)] }, { is_past: [birth] }],
  [{ '<=': [birth, days(-18, 'year')] }, { before_last: [birth, 18, 'year'] }],
  [
    { '==': [{ toLowerCase: [v('city')] }, 'málaga'] },
    { ieq: [v('city'), 'málaga'] },
    /`toLowerCase` is read as `ieq`/,
  ],
  [{ '!=': ['málaga', { toLowerCase: v('city') }] }, { '!': [{ ieq: [v('city'), 'málaga'] }] }],
  [{ '==': [{ method: [v('city'), 'toLowerCase'] }, 'a'] }, { ieq: [v('city'), 'a'] }],
  [{ in: ['lag', { toLowerCase: [v('city')] }] }, { icontains: [v('city'), 'lag'] }],
  [{ in: [{ toLowerCase: [v('city')] }, ['a', 'b']] }, { iin: [v('city'), ['a', 'b']] }],
  [{ startsWith: [{ toLowerCase: [v('city')] }, 'a'] }, { istarts_with: [v('city'), 'a'] }],
  [{ some: [v('tags'), { in: [v(''), ['a', 'b']] }] }, { has_any: [v('tags'), ['a', 'b']] }],
  [{ all: [v('tags'), { in: [v(''), ['a', 'b']] }] }, { has_only: [v('tags'), ['a', 'b']] }],
  [{ none: [v('sizes'), { '==': [3, v('')] }] }, { '!': [{ has_any: [v('sizes'), [3]] }] }],
  [
    { some: [v('tags'), { or: [{ '==': [v(''), 'a'] }, { '===': [v(''), 'b'] }] }] },
    { has_any: [v('tags'), ['a', 'b']] },
  ],
  [
    { all: [v('tags'), { and: [{ '!=': [v(''), 'a'] }, { '!': { '==': [v(''), 'b'] } }] }] },
    { and: [{ '>': [{ size: [v('tags')] }, 0] }, { '!': [{ has_any: [v('tags'), ['a', 'b']] }] }] },
  ],
  [
    { some: [v('tags'), { '!=': [v(''), 'a'] }] },
    { and: [{ '>': [{ size: [v('tags')] }, 0] }, { '!': [{ has_only: [v('tags'), ['a']] }] }] },
  ],
];

describe('a form of a query builder', () => {
  test.each(forms.map((form) => ({ form, name: JSON.stringify(form[0]) })))('$name', ({ form }) => {
    const [given, condition, note] = form;
    const found = read(given);
    expect(found.condition).toEqual(condition);
    expect(found.notes.length).toBeGreaterThan(0);
    if (note) expect(found.notes.map(({ message }) => message).join('\n')).toMatch(note);
    expect(checkCondition(found.condition, { catalogue: shop })).toMatchObject({ ok: true });
    expect(checkCondition(given, { catalogue: shop })).toMatchObject({ ok: false });
  });
});

test('a condition of this language stays as it is', () => {
  for (const { json } of Object.values(samples)) {
    const { condition, notes } = read(json);
    expect(condition).toBe(json);
    expect(notes).toEqual([]);
  }
});

test('notes and issues stand where the caller wrote', () => {
  const given = {
    logic: {
      and: [
        { startsWith: [v('contry'), 'E'] },
        { some: [v('orders'), { endsWith: [v('note'), 5] }] },
        { xor: [{ '==': [v('pints'), 1] }, paid] },
        { in: [birth, ['2024-05-01T00:00:00.000Z', 'x']] },
        { '>': [v('created_at'), 'yesterday'] },
      ],
    },
    data: {},
    errors: [],
  };
  const found = read(given);
  const { condition, notes } = found;
  expect(notes.map(({ pointer }) => pointer)).toEqual([
    '',
    '/logic/and/0',
    '/logic/and/1/some/1',
    '/logic/and/2',
    '/logic/and/3/in/1/0',
  ]);
  const checked = checkCondition(condition, { catalogue: shop });
  expect(found.placed(checked.ok ? [] : checked.issues).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
    'unknown-field /logic/and/0/startsWith/0',
    'wrong-type /logic/and/1/some/1/endsWith/1',
    'unknown-field /logic/and/2/xor/0/==/0',
    'unknown-field /logic/and/2/xor/1/==/0',
    'wrong-type /logic/and/3/in/1/1',
    'wrong-type /logic/and/4/>/1',
  ]);
});

test('an export that the builder itself calls incomplete is refused', () => {
  const { issues } = read({ logic: v('vip'), data: {}, errors: ['Operator proximity is not supported'] });
  expect(issues).toMatchObject([{ code: 'incomplete-export', pointer: '/errors' }]);
  expect(issues[0]?.message).toContain('proximity');
  expect(read({ data: {}, errors: [] }).issues).toMatchObject([{ code: 'incomplete-export', pointer: '' }]);
});

test.each([
  [{ xor: [v('vip'), v('vip'), v('vip')] }],
  [{ '==': [created, now] }],
  [{ '>': [created, { start_of_today: [] }] }],
  [{ '>': [v('city'), now] }],
  [{ '>': [created, add(1.5, 'day')] }],
  [{ '>': [created, add(1, 'fortnight')] }],
  [{ '<': [birth, days(-1, 'month')] }],
  [{ '==': [{ toLowerCase: [v('city')] }, 'Málaga'] }],
  [{ '==': [{ toUpperCase: [v('city')] }, 'A'] }],
  [{ '!': v('points') }],
  [{ some: [v('tags'), { startsWith: [v(''), 'a'] }] }],
  [{ all: [v('tags'), { or: [{ '==': [v(''), 'a'] }, { '!=': [v(''), 'b'] }] }] }],
  [{ '==': [birth, '2024-05-01T22:00:00.000Z'] }],
  [{ '>': [created, '2024-02-30T10:00'] }],
])('what has no meaning is refused: %j', (given) => {
  const { condition } = read(given);
  expect(checkCondition(condition, { catalogue: shop })).toMatchObject({ ok: false });
});

test('many `xor` inside one another are not written out', () => {
  let given: unknown = v('vip');
  for (let n = 0; n < 15; n += 1) given = { xor: [given, { '==': [v('points'), n] }] };
  const { condition } = read(given);
  expect(JSON.stringify(condition).length).toBeLessThan(10 * JSON.stringify(given).length);
  expect(checkCondition(condition, { catalogue: shop })).toMatchObject({ ok: false });
});

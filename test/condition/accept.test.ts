/** What is accepted becomes canonical: sugar removed, literals typed, sides turned. */
import { describe, expect, test } from 'vitest';
import { accepted, v } from './ask.ts';

const same = (a: unknown, b: unknown): void => expect(accepted(a)).toEqual(accepted(b));

test('constants alone', () => {
  expect(accepted(true)).toEqual({ kind: 'constant', value: true });
  expect(accepted(false)).toEqual({ kind: 'constant', value: false });
});

describe('literals', () => {
  const literal = (field: string, raw: unknown): unknown => {
    const condition = accepted({ '==': [v(field), raw] });
    return condition.kind === 'compare' && condition.right.kind === 'literal' ? condition.right.value : condition;
  };

  test.each([
    [1, '1'],
    [-0, '0'],
    ['-0.00', '0'],
    [1.5, '1.5'],
    ['1.50', '1.5'],
    ['007', '7'],
    [1e-7, '0.0000001'],
    [1.5e-9, '0.0000000015'],
    [1.25e2, '125'],
    ['12345678901234567890.123456789', '12345678901234567890.123456789'],
    [-2.5, '-2.5'],
  ])('number %s is %s', (raw, canonical) => expect(literal('balance', raw)).toBe(canonical));

  test.each([
    ['2024-05-01T10:00:00Z', '2024-05-01T10:00:00.000000Z'],
    ['2024-05-01T10:00:00.1+02:00', '2024-05-01T08:00:00.100000Z'],
    ['2024-05-01 00:30:00.123456+02', '2024-04-30T22:30:00.123456Z'],
    ['2024-02-29T23:59-0530', '2024-03-01T05:29:00.000000Z'],
    ['0099-12-31T23:59:59Z', '0099-12-31T23:59:59.000000Z'],
  ])('instant %s is %s', (raw, canonical) => expect(literal('created_at', raw)).toBe(canonical));

  test('uuids are lower case', () => {
    expect(literal('token', 'ABCDEF00-0000-4000-8000-00000000000F')).toBe('abcdef00-0000-4000-8000-00000000000f');
  });
});

describe('equal ways to write', () => {
  test('=== is ==, !== is !=', () => {
    same({ '===': [v('country'), 'ES'] }, { '==': [v('country'), 'ES'] });
    same({ '!==': [v('country'), 'ES'] }, { '!=': [v('country'), 'ES'] });
  });
  test('!= is the complement of ==', () =>
    same({ '!=': [v('country'), 'ES'] }, { '!': [{ '==': [v('country'), 'ES'] }] }));
  test('a literal on the left is turned round', () => {
    same({ '<': [18, v('points')] }, { '>': [v('points'), 18] });
    same({ '>=': [18, v('points')] }, { '<=': [v('points'), 18] });
    same({ '==': ['ES', v('country')] }, { '==': [v('country'), 'ES'] });
    same({ '==': [null, v('country')] }, { '==': [v('country'), null] });
  });
  test('between is two comparisons', () => {
    same({ '<=': [1, v('points'), 5] }, { and: [{ '>=': [v('points'), 1] }, { '<=': [v('points'), 5] }] });
    same({ '<': [1, v('points'), 5] }, { and: [{ '>': [v('points'), 1] }, { '<': [v('points'), 5] }] });
    same(
      { '<': [v('points'), v('balance'), 5] },
      { and: [{ '<': [v('points'), v('balance')] }, { '<': [v('balance'), 5] }] },
    );
  });
  test('a bare boolean', () => {
    same(v('vip'), { '==': [v('vip'), true] });
    same({ '!': [v('vip')] }, { '!=': [v('vip'), true] });
    same({ '!': v('vip') }, { '!': [v('vip')] });
  });
  test('groups', () => {
    const [a, b, c] = [{ '==': [v('country'), 'ES'] }, v('vip'), { '>': [v('points'), 1] }];
    same({ '!!': [a] }, a);
    same({ and: [a] }, a);
    same({ '!': [{ '!': [a] }] }, a);
    same({ and: [a, { and: [b, c] }] }, { and: [a, b, c] });
    same({ if: [a, b, c] }, { or: [{ and: [a, b] }, { and: [{ '!': [a] }, c] }] });
    same({ if: [a, b] }, { and: [a, b] });
    same({ if: [a, true, b] }, { or: [a, { and: [{ '!': [a] }, b] }] });
    same({ if: [a, true, b, false, c] }, { or: [a, { and: [{ '!': [a] }, { '!': [b] }, c] }] });
  });
  test('none and all', () => {
    const paid = { '==': [v('status'), 'paid'] };
    same({ none: [v('orders'), paid] }, { '!': [{ some: [v('orders'), paid] }] });
    same(
      { all: [v('orders'), paid] },
      { and: [{ some: [v('orders'), true] }, { '!': [{ some: [v('orders'), { '!': [paid] }] }] }] },
    );
  });
  test('the count that query builders export', () => {
    const rows = { filter: [v('orders'), { '==': [v('status'), 'paid'] }] };
    const count = { '>=': [{ count: [rows] }, 3] };
    same({ '>=': [{ reduce: [rows, { '+': [1, v('accumulator')] }, 0] }, 3] }, count);
    same({ '>=': [{ reduce: [rows, { '+': [v('accumulator'), 1] }, 0] }, 3] }, count);
    same({ '>=': [{ count: rows }, 3] }, count);
    same(
      { '>': [{ reduce: [v('orders'), { '+': [1, v('accumulator')] }, 0] }, 3] },
      { '>': [{ count: [v('orders')] }, 3] },
    );
  });
  test('first and last with a filter around or as third argument, names bare or not', () => {
    const paid = { '==': [v('status'), 'paid'] };
    const last = { '==': [{ last: [v('orders'), v('note'), paid] }, 'x'] };
    same({ '==': [{ last: [{ filter: [v('orders'), paid] }, v('note')] }, 'x'] }, last);
    same({ '==': [{ last: ['orders', 'note', paid] }, 'x'] }, last);
  });
  test('repeated values count once', () => same({ in: [v('points'), [1, '1.0', 2]] }, { in: [v('points'), [1, 2]] }));
  test('the short form with one bare argument', () => same({ is_empty: v('email') }, { is_empty: [v('email')] }));
  test('anniversary_today', () =>
    same({ anniversary_today: [v('birth_date')] }, { anniversary_in_next: [v('birth_date'), 0] }));
  test('anniversary_in_last of no days', () =>
    same({ anniversary_today: [v('birth_date')] }, { anniversary_in_last: [v('birth_date'), 0] }));
  test('known_for is a window over the created column', () =>
    same({ known_for: [30, 'day'] }, { before_last: [v('created_at'), 30, 'day'] }));
});

test('in has three meanings', () => {
  expect(accepted({ in: [v('country'), ['ES', 'PT']] })).toMatchObject({
    kind: 'in',
    values: [{ value: 'ES' }, { value: 'PT' }],
  });
  expect(accepted({ in: ['ala', v('city')] })).toMatchObject({
    kind: 'text',
    operator: 'contains',
    fold: false,
    needles: ['ala'],
  });
  expect(accepted({ in: ['vip', v('tags')] })).toMatchObject({
    kind: 'array',
    operator: 'has_any',
    values: [{ value: 'vip' }],
  });
});

test('a list as needle is any of its texts, each once', () => {
  for (const [name, operator] of [
    ['starts_with', 'starts_with'],
    ['ends_with', 'ends_with'],
    ['icontains', 'contains'],
    ['istarts_with', 'starts_with'],
    ['iends_with', 'ends_with'],
  ] as const)
    expect(accepted({ [name]: [v('email'), ['a', 'b', 'a']] })).toMatchObject({ operator, needles: ['a', 'b'] });
  expect(accepted({ in: [['a', 'b'], v('city')] })).toMatchObject({ operator: 'contains', needles: ['a', 'b'] });
});

test('a date against an instant is the local day', () => {
  expect(accepted({ '<': [v('created_at'), '2024-05-01'] })).toMatchObject({
    kind: 'compare_day',
    operator: '<',
    day: '2024-05-01',
  });
  expect(accepted({ in: [v('created_at'), ['2024-05-01', '2024-05-02T00:00:00Z']] })).toMatchObject({
    kind: 'or',
    children: [{ kind: 'compare_day' }, { kind: 'in' }],
  });
});

test('a middle row is in scope by name', () => {
  expect(
    accepted({ some: [v('items'), { and: [{ '==': [v('orders.status'), 'paid'] }, { '==': [v('sku'), 'a'] }] }] }),
  ).toMatchObject({
    kind: 'some',
    relation: 'items',
    where: {
      children: [
        { left: { field: { owner: 'orders', name: 'status' } } },
        { left: { field: { owner: 'items', name: 'sku' } } },
      ],
    },
  });
});

test('an average in a list is compared without division', () => {
  const avg = { avg: [{ map: [v('orders'), v('total')] }] };
  expect(accepted({ in: [avg, [1, 2]] })).toEqual(accepted({ or: [{ '==': [avg, 1] }, { '==': [avg, 2] }] }));
});

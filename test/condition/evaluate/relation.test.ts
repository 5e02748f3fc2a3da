/** Related rows: quantifiers, aggregates, first and last, two hops. */
import { describe, expect, test } from 'vitest';
import { v } from '../ask.ts';
import { holds } from './holds.ts';

const paid = { '==': [v('status'), 'paid'] };
const order = (status: string | null, total: string | null, placed_at: string | null = '2024-05-01 10:00:00+00') => ({
  status,
  total,
  placed_at,
});

test('some, none and all over the rows of a relation', () => {
  const over = (orders: readonly ReturnType<typeof order>[]): boolean[] =>
    ['some', 'none', 'all'].map((name) => holds({ [name]: [v('orders'), paid] }, { orders }));
  expect(over([])).toEqual([false, true, false]);
  expect(over([order('paid', '1')])).toEqual([true, false, true]);
  expect(over([order('paid', '1'), order('new', '1')])).toEqual([true, false, false]);
  expect(over([order(null, '1')])).toEqual([false, true, false]);
  expect(holds({ some: [v('orders'), true] }, { orders: [order(null, null)] })).toBe(true);
});

describe('aggregates', () => {
  const orders = [order('paid', '100.10'), order('paid', '0.20'), order('paid', null), order('new', '1000')];
  const rows = { filter: [v('orders'), paid] };
  const of = (name: string): unknown => ({ [name]: [{ map: [rows, v('total')] }] });
  test.each([
    [{ '==': [{ count: [rows] }, 3] }],
    [{ '==': [{ count: [v('orders')] }, 4] }],
    [{ '==': [of('sum'), '100.30'] }],
    [{ '==': [of('avg'), '50.15'] }],
    [{ '==': [of('min_of'), '0.2'] }],
    [{ '==': [of('max_of'), '100.1'] }],
  ])('%j', (json) => expect(holds(json, { orders })).toBe(true));

  test('over no rows: count and sum are 0, the others missing', () => {
    expect(holds({ '==': [{ count: [rows] }, 0] })).toBe(true);
    expect(holds({ '==': [of('sum'), 0] })).toBe(true);
    for (const name of ['avg', 'min_of', 'max_of']) {
      expect(holds({ '<': [of(name), 1] })).toBe(false);
      expect(holds({ '>=': [of(name), 1] })).toBe(false);
      expect(holds({ '!=': [of(name), 1] })).toBe(true);
      expect(holds({ '==': [of(name), null] })).toBe(true);
    }
    expect(holds({ '==': [of('avg'), null] }, { orders: [order('paid', null)] })).toBe(true);
  });
  test('an average is exact without division', () => {
    const thirds = [order('paid', '1'), order('paid', '1'), order('paid', '2')];
    expect(holds({ '<': [of('avg'), '1.3333333333333333333333333334'] }, { orders: thirds })).toBe(true);
    expect(holds({ '>': [of('avg'), '1.3333333333333333333333333333'] }, { orders: thirds })).toBe(true);
  });
  test('sums are exact, infinities included, NaN is skipped', () => {
    expect(
      holds(
        { '==': [of('sum'), '0.3'] },
        { orders: [order('paid', '0.1'), order('paid', '0.2'), order('paid', 'NaN')] },
      ),
    ).toBe(true);
    expect(holds({ '>': [of('sum'), 1] }, { orders: [order('paid', 'Infinity'), order('paid', '1')] })).toBe(true);
    expect(holds({ '==': [of('sum'), 1] }, { orders: [order('paid', 'Infinity'), order('paid', '-Infinity')] })).toBe(
      false,
    );
  });
  test('the latest instant in a window', () => {
    const latest = { max_of: [{ map: [v('orders'), v('placed_at')] }] };
    const given = [order('paid', '1', '2024-05-15 11:30:00+00'), order('new', '1', '2024-01-01 00:00:00+00')];
    expect(holds({ in_last: [latest, 1, 'hour'] }, { orders: given })).toBe(true);
    expect(holds({ in_period: [latest, 'month', 0] }, { orders: given })).toBe(true);
    expect(holds({ '==': [latest, '2024-05-15'] }, { orders: given })).toBe(true);
    expect(holds({ before_last: [latest, 1, 'hour'] }, { orders: given })).toBe(false);
    expect(holds({ before_last: [latest, 1, 'hour'] })).toBe(false);
  });
});

describe('first and last', () => {
  const orders = [
    order('paid', '5', '2024-05-02 10:00:00+00'),
    order('new', '7', '2024-05-03 10:00:00+00'),
    order('refunded', '1', '2024-05-01 10:00:00+00'),
    order('paid', '99', null),
  ];
  test.each([
    [{ '==': [{ last: [v('orders'), v('status')] }, 'new'] }],
    [{ '==': [{ first: [v('orders'), v('status')] }, 'refunded'] }],
    [{ '==': [{ last: [v('orders'), v('total'), paid] }, 5] }],
    [{ in: [{ last: [v('orders'), v('status')] }, ['new', 'paid']] }],
    [{ istarts_with: [{ last: [v('orders'), v('status')] }, 'NE'] }],
    [{ '==': [{ last: [v('orders'), v('note')] }, null] }],
    [{ '!=': [{ last: [v('orders'), v('note')] }, 'x'] }],
  ])('%j', (json) => expect(holds(json, { orders })).toBe(true));

  test('the last row decides, whatever it holds', () => {
    const rows = [order('new', '5', '2024-05-01 10:00:00+00'), order('new', null, '2024-05-02 10:00:00+00')];
    expect(holds({ '==': [{ last: [v('orders'), v('total')] }, 5] }, { orders: rows })).toBe(false);
    expect(holds({ '==': [{ last: [v('orders'), v('total')] }, null] }, { orders: rows })).toBe(true);
    expect(holds({ '==': [{ first: [v('orders'), v('total')] }, 5] }, { orders: rows })).toBe(true);
  });
  test('rows without a time come last in both orders', () => {
    const [timed, untimed] = [order('new', '5', '2024-05-01 10:00:00+00'), order('paid', '9', null)];
    for (const which of ['first', 'last']) {
      expect(holds({ '==': [{ [which]: [v('orders'), v('total')] }, 5] }, { orders: [untimed, timed] }), which).toBe(
        true,
      );
      expect(holds({ '==': [{ [which]: [v('orders'), v('total')] }, 9] }, { orders: [untimed] }), which).toBe(true);
    }
  });
  test('at the same instant a missing value comes after all others', () => {
    const rows = [order('new', null, '2024-05-01 10:00:00+00'), order('new', '5', '2024-05-01 10:00:00+00')];
    for (const which of ['first', 'last'])
      expect(holds({ '==': [{ [which]: [v('orders'), v('total')] }, 5] }, { orders: rows }), which).toBe(true);
  });
  test('at the same instant: the smallest first, the greatest last, text by code point', () => {
    const notes = ['b', 'a', '\uffee', '💐'].map((note) => ({ note, placed_at: '2024-05-01 10:00:00+00' }));
    expect(holds({ '==': [{ first: [v('orders'), v('note')] }, 'a'] }, { orders: notes })).toBe(true);
    expect(holds({ '==': [{ last: [v('orders'), v('note')] }, '💐'] }, { orders: notes })).toBe(true);
  });
});

test('a row counts once, though several ways lead to it', () => {
  const way = (row: string, middle: string, quantity: string, total: string) => ({
    fields: { quantity },
    middle: { orders: { total } },
    identity: [
      { relation: 'items', row },
      { relation: 'orders', row: middle },
    ],
  });
  const items = [way('a', 'x', '2', '10'), way('a', 'y', '2', '20'), way('b', 'y', '3', '20')];
  const rows = (where: unknown): unknown => ({ filter: [v('items'), where] });
  expect(holds({ '==': [{ count: [v('items')] }, 2] }, { items })).toBe(true);
  expect(holds({ '==': [{ sum: [{ map: [v('items'), v('quantity')] }] }, 5] }, { items })).toBe(true);
  expect(holds({ '==': [{ avg: [{ map: [v('items'), v('quantity')] }] }, '2.5'] }, { items })).toBe(true);
  expect(holds({ '==': [{ count: [rows({ '==': [v('orders.total'), 20] })] }, 2] }, { items })).toBe(true);
  expect(holds({ '==': [{ sum: [{ map: [v('items'), v('orders.total')] }] }, 50] }, { items })).toBe(true);
  expect(holds({ all: [v('items'), { '>': [v('orders.total'), 10] }] }, { items })).toBe(false);
});

test('a condition over two hops reads the row in between', () => {
  const items = [
    { fields: { sku: 'a', quantity: '2' }, middle: { orders: { status: 'paid' } } },
    { fields: { sku: 'b', quantity: '9' }, middle: { orders: { status: 'new' } } },
  ];
  const of = (sku: string): unknown => ({
    some: [v('items'), { and: [{ '==': [v('sku'), sku] }, { '==': [v('orders.status'), 'paid'] }] }],
  });
  expect(holds(of('a'), { items })).toBe(true);
  expect(holds(of('b'), { items })).toBe(false);
  expect(
    holds(
      {
        '==': [
          { sum: [{ map: [{ filter: [v('items'), { '==': [v('orders.status'), 'paid'] }] }, v('quantity')] }] },
          2,
        ],
      },
      { items },
    ),
  ).toBe(true);
});

/** Rows inside rows: a relation inside the rows of another, and fields of the rows around, in all statements, against the evaluator. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, matching, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const over = (relation: string, where: unknown): unknown => ({ filter: [v(relation), where] });
const later = { '>': [v('placed_at'), v('outer.placed_at')] };
const sameOrder = { '==': [v('orders.note'), v('outer.note')] };
const inTime = { '<=': [v('placed_at'), v('outer.made_at')] };
/** Bought, and no refund after it. */
const kept = {
  some: [
    v('orders'),
    {
      and: [
        { '==': [v('status'), 'paid'] },
        { none: [v('orders'), { and: [{ '==': [v('status'), 'refunded'] }, later] }] },
      ],
    },
  ],
};

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  await database.query(`
    insert into public.contact (id, t, num, ts, d, i8, b) values
      (1, 'a', 100, '2024-05-01 09:30+00', '2024-05-02', 1, true), (2, 'b', 0.1, '2024-05-15 11:00+00', null, null, null),
      (3, 'c', 'NaN', null, '2024-05-16', 2, false), (4, null, null, '2024-05-01 10:00+00', '2024-05-15', 3, true),
      (5, 'e', 5, '2024-05-14 12:00+00', '2024-05-01', 4, false), (6, 'f', -5, 'infinity', '2024-05-01', 0, null);
    insert into public."Order" (id, contact_id, status, note, total, weight, units, placed_at, due_on) values
      (10, 1, 'paid', 'a', 100, 0.1, 1, '2024-05-01 10:00+00', '2024-05-02'),
      (11, 1, 'refunded', 'a', 200, 0.2, 2, '2024-05-14 10:00+00', '2024-05-15'),
      (12, 1, 'paid', 'b', null, 'NaN', null, '2024-05-15 11:00+00', null),
      (20, 2, 'paid', 'x', 10, 1, 5, '2024-05-14 12:00+00', null),
      (21, 2, 'refunded', 'x', 10, 1, 5, '2024-05-14 12:00:00.000001+00', null),
      (30, 3, 'refunded', 'y', 1, 1, 1, '2024-05-01 00:00+00', null),
      (31, 3, 'paid', 'y', 'NaN', 1, 1, '2024-05-02 00:00+00', null),
      (40, 4, 'paid', null, null, null, null, null, null),
      (41, 4, null, null, null, null, null, null, null),
      (50, 5, 'paid', 'q', 7, 7, 7, '2024-05-14 12:00+00', '2024-05-01'),
      (99, null, 'refunded', 'a', 1, 1, 1, '2030-01-01 00:00+00', null);
    insert into public.item (id, order_id, sku, price, made_at) values
      (1, 10, 'A', 10, '2024-05-01 10:00'), (2, 11, 'A', 20, '2024-05-15 11:00'), (3, 12, 'B', null, '2024-05-15 11:00'),
      (4, 20, 'A', 1, null), (5, 21, 'C', 1, '2024-05-15 11:00'), (6, 31, 'A', 1, '2024-05-15 11:00'), (7, 99, 'A', 5, '2024-05-15 11:00')`);
});

afterAll(() => database.drop());

const conditions: unknown[] = [
  kept,
  // The same product twice.
  {
    some: [
      v('items'),
      {
        some: [
          v('items'),
          { and: [{ '==': [v('sku'), v('outer.sku')] }, { '!=': [v('made_at'), v('outer.made_at')] }] },
        ],
      },
    ],
  },
  // An order of at least as much as the contact's number, within the month before the contact's day.
  { some: [v('orders'), { '>=': [v('total'), v('contact.num')] }] },
  { some: [v('orders'), { '>=': [v('contact.num'), v('total')] }] },
  { none: [v('orders'), { '<': [v('placed_at'), v('contact.ts')] }] },
  { all: [v('orders'), { '!=': [v('note'), v('contact.t')] }] },
  { all: [v('orders'), { '==': [v('note'), v('outer.t')] }] },
  { '>=': [{ count: [over('orders', { '<=': [v('placed_at'), v('contact.ts')] })] }, 1] },
  { '>': [{ count: [over('orders', { or: [v('contact.b'), { '>': [v('total'), 5] }] })] }, 1] },
  { '>': [{ sum: [{ map: [v('orders'), { '*': [v('total'), v('contact.i8')] }] }] }, 100] },
  { '==': [{ max_of: [{ map: [v('orders'), v('contact.num')] }] }, 100] },
  { '==': [{ last: [v('orders'), v('note'), { '<': [v('placed_at'), v('contact.ts')] }] }, 'x'] },
  { some: [v('items'), { and: [{ '==': [v('orders.note'), v('contact.t')] }, { '>': [v('price'), 5] }] }] },
  { '>=': [{ count: [over('items', { '==': [v('orders.note'), v('contact.t')] })] }, 2] },
  { some: [v('orders'), { before_last: [v('contact.ts'), 1, 'day'] }] },
  { some: [v('orders'), { in_period: [v('contact.d'), 'month', 0] }] },
  { some: [v('orders'), { is_empty: [v('contact.d')] }] },
  { some: [v('orders'), { has_any: [v('contact.tags'), ['a']] }] },
  // Rows inside rows.
  { some: [v('orders'), { some: [v('items'), sameOrder] }] },
  { all: [v('orders'), { some: [v('items'), sameOrder] }] },
  { none: [v('orders'), { none: [v('items'), sameOrder] }] },
  { some: [v('orders'), { all: [v('items'), { '>=': [v('made_at'), v('outer.placed_at')] }] }] },
  { some: [v('orders'), { '>=': [{ count: [over('items', sameOrder)] }, 2] }] },
  { some: [v('orders'), { '==': [{ count: [over('orders', later)] }, 1] }] },
  {
    some: [
      v('orders'),
      {
        '>': [
          v('total'),
          { avg: [{ map: [over('orders', { '!=': [v('placed_at'), v('outer.placed_at')] }), v('total')] }] },
        ],
      },
    ],
  },
  {
    some: [
      v('orders'),
      { '==': [v('note'), { last: [v('orders'), v('note'), { '<': [v('placed_at'), v('outer.placed_at')] }] }] },
    ],
  },
  {
    some: [
      v('items'),
      {
        '<': [
          v('made_at'),
          { max_of: [{ map: [over('orders', { '==': [v('note'), v('outer.orders.note')] }), v('placed_at')] }] },
        ],
      },
    ],
  },
  { '>=': [{ count: [over('orders', { none: [v('orders'), later] })] }, 1] },
  {
    '>=': [
      {
        count: [
          over('items', {
            some: [v('orders'), { and: [{ '==': [v('note'), v('outer.orders.note')] }, inTime] }],
          }),
        ],
      },
      1,
    ],
  },
  { '>=': [{ sum: [{ map: [v('orders'), { '*': [v('total'), { count: [over('orders', later)] }] }] }] }, 100] },
  // A value that is made of the row around alone.
  { some: [v('orders'), { '>': [{ sum: [{ map: [over('orders', later), v('outer.total')] }] }, 50] }] },
  { some: [v('orders'), { '==': [{ max_of: [{ map: [over('orders', later), v('contact.num')] }] }, 100] }] },
  { '==': [{ first: [over('orders', { none: [v('orders'), later] }), v('note')] }, 'b'] },
  { some: [v('orders'), { some: [v('items'), { and: [sameOrder, { '>': [v('price'), v('contact.num')] }] }] }] },
  {
    some: [
      v('orders'),
      {
        and: [
          { in_last: [v('placed_at'), 2, 'day'] },
          { none: [v('orders'), { and: [{ in_last: [v('placed_at'), 1, 'hour'] }, later] }] },
        ],
      },
    ],
  },
  { some: [v('orders'), { some: [v('orders'), { before_last: [v('outer.placed_at'), 1, 'day'] }] }] },
  { if: [kept, { some: [v('orders'), { '==': [v('total'), v('contact.num')] }] }, { '!': [kept] }] },
];

test('in all statements, against the evaluator', async () => {
  for (const zone of ['Europe/Madrid', 'America/Havana'])
    expect(await compareAll(database, conditions, { zone, timestamps: 'America/Havana' })).toBe(conditions.length * 6);
});

test('what stands for what', async () => {
  const who = (json: unknown): Promise<number[]> => matching(database, json);
  expect(await who(kept), 'a row without a time is after nothing').toEqual([1, 3, 4, 5]);
  expect(await who({ some: [v('orders'), { some: [v('orders'), later] }] })).toEqual([1, 2, 3]);
  expect(
    await who({ some: [v('orders'), { '==': [v('outer.t'), 'a'] }] }),
    'the row around a relation of the contact is the contact',
  ).toEqual([1]);
  expect(await who({ some: [v('orders'), { some: [v('orders'), { '==': [v('note'), v('contact.t')] }] }] })).toEqual([
    1,
  ]);
  expect(
    await who({ some: [v('orders'), { '!=': [v('total'), v('contact.num')] }] }),
    'the complement of an equality holds where a side is missing',
  ).toEqual([1, 2, 3, 4, 5]);
  expect(
    await who({
      some: [v('orders'), { '==': [{ count: [over('orders', { '==': [v('note'), v('outer.note')] })] }, 0] }],
    }),
    'a missing value equals none, its own row included',
  ).toEqual([4]);
  expect(
    await who({ some: [v('orders'), { and: [{ '==': [v('status'), 'paid'] }, { none: [v('items'), sameOrder] }] }] }),
  ).toEqual([4, 5]);
});

/** A compiler that takes a row around for the row itself, or the row for one around, gives these answers. */
test.each([
  [{ some: [v('orders'), { some: [v('orders'), later] }] }, 'outer.placed_at', 'placed_at'],
  [kept, 'outer.placed_at', 'placed_at'],
  [{ some: [v('orders'), { '==': [{ count: [over('orders', later)] }, 1] }] }, 'outer.placed_at', 'placed_at'],
  [
    { some: [v('orders'), { none: [v('items'), { and: [sameOrder, { '==': [v('sku'), 'A'] }] }] }] },
    'orders.note',
    'outer.note',
  ],
  [{ some: [v('orders'), { '>=': [v('total'), v('contact.num')] }] }, 'contact.num', 'total'],
])('another answer: %j with %s or %s', async (json, from, to) => {
  const mistaken: unknown = JSON.parse(JSON.stringify(json).replaceAll(`"${from}"`, `"${to}"`));
  expect(await matching(database, mistaken)).not.toEqual(await matching(database, json));
});

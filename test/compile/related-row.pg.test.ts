/** Related rows: existence, aggregates, first and last, one and two hops away, for contacts with and without rows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, matching, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const orders = (where?: unknown): unknown => (where === undefined ? v('orders') : { filter: [v('orders'), where] });
const map = (field: string, where?: unknown): unknown => ({ map: [orders(where), v(field)] });
const paid = { '==': [v('status'), 'paid'] };

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  await database.query(`
    insert into public.contact (id, t) select n, 'c' || n from generate_series(1, 9) as n;
    insert into segmentd.membership values (900, 1), (900, 3), (901, 2);
    insert into public."Order" (id, contact_id, status, note, total, weight, units, placed_at, due_on, extra) values
      (10, 1, 'paid', 'a', 100.10, 0.1, 1, '2024-05-01 10:00+00', '2024-05-02', '{"ref":"x"}'),
      (11, 1, 'paid', 'b', 200.20, 0.2, 2, '2024-05-14 10:00+00', '2024-05-15', '{"ref":7}'),
      (12, 1, 'new', 'A', null, 'NaN', null, '2024-05-14 10:00+00', null, null),
      (20, 2, 'refunded', null, 'NaN', 'Infinity', 5, null, 'infinity', '{}'),
      (21, 2, 'paid', 'ä', 0.1, 0.1, 5, '2024-05-15 12:00+00', '2024-05-15', null),
      (22, 2, 'paid', 'z', 0.2, 0.2, 5, '2024-05-15 12:00+00', '2024-05-15', null),
      (30, 3, 'new', 'n', 'Infinity', 'Infinity', 2147483647, 'infinity', '-infinity', null),
      (31, 3, 'new', 'm', '-Infinity', '-Infinity', 2147483647, '-infinity', null, null),
      (40, 4, null, null, null, null, null, null, null, null),
      (50, 5, 'paid', 'Z', 12345678901234567890.12, 1e300, 1, '2023-01-01 00:00+00', '2024-05-16', null),
      (51, 5, 'paid', 'É', 0.01, 1e300, 1, '2023-01-01 00:00+00', '2024-05-16', null),
      (60, 6, 'refunded', 'x', -5, -0.5, -1, '2024-05-15 11:59:59.999999+00', '5874897-12-31', null),
      (99, null, 'paid', 'orphan', 1000, 1, 1, now(), null, null);
    insert into public.item (id, order_id, sku, price, made_at) values
      (1, 10, 'A1', 10, '2024-05-01 10:00'), (2, 10, 'B1', 20, '2024-05-15 11:00'), (3, 11, 'A1', null, '2024-05-15 11:00'),
      (4, 21, 'C', 'NaN', null), (5, 60, 'A1', 1, 'infinity'), (6, null, 'A1', 5, '2024-05-15 11:00'), (7, 99, 'A1', 5, '2024-05-15 11:00')`);
});

afterAll(() => database.drop());

const conditions: unknown[] = [
  { some: [v('orders'), paid] },
  { none: [v('orders'), paid] },
  { all: [v('orders'), paid] },
  { some: [v('orders'), { '==': [v('note'), null] }] },
  { some: [v('orders'), { '==': [v('ref'), 'x'] }] },
  { all: [v('orders'), { '!=': [v('note'), 'a'] }] },
  ...['==', '!=', '<', '<=', '>', '>='].flatMap((operator) => [
    ...[0, 1, 2, 3].map((number) => ({ [operator]: [{ count: [orders()] }, number] })),
    { [operator]: [{ count: [orders(paid)] }, '1.5'] },
    ...['0', '300.30', '0.3', '-5', '12345678901234567890.13'].map((number) => ({
      [operator]: [{ sum: [map('total')] }, number],
    })),
    { [operator]: [{ sum: [map('weight', paid)] }, '0.3'] },
    { [operator]: [{ sum: [map('units')] }, '4294967294'] },
    ...['150.15', '0.15', '0'].map((number) => ({ [operator]: [{ avg: [map('total')] }, number] })),
    { [operator]: [{ avg: [map('units')] }, '1.5'] },
    { [operator]: [{ avg: [map('weight', paid)] }, '0.15'] },
    { [operator]: [{ min_of: [map('total')] }, '0.1'] },
    { [operator]: [{ max_of: [map('weight')] }, '0.2'] },
    { [operator]: [{ max_of: [map('units')] }, 5] },
    { [operator]: [{ max_of: [map('placed_at')] }, '2024-05-15T12:00:00Z'] },
    { [operator]: [{ min_of: [map('placed_at')] }, '2024-05-01'] },
    { [operator]: [{ max_of: [map('due_on')] }, '2024-05-15'] },
    { [operator]: [{ last: [v('orders'), v('total')] }, '0.2'] },
    { [operator]: [{ first: [v('orders'), v('weight'), paid] }, '0.1'] },
    { [operator]: [{ last: [v('orders'), v('due_on')] }, '2024-05-15'] },
    { [operator]: [{ max_of: [{ map: [v('items'), v('made_at')] }] }, '2024-05-15T11:00:00Z'] },
    { [operator]: [{ sum: [{ map: [v('items'), v('price')] }] }, 30] },
  ]),
  ...['a', 'A', 'b', 'z', 'ä', 'Z', 'É'].flatMap((note) => [
    { '==': [{ first: [v('orders'), v('note')] }, note] },
    { '==': [{ last: [v('orders'), v('note')] }, note] },
  ]),
  { '==': [{ last: [v('orders'), v('status')] }, 'paid'] },
  { '!=': [{ last: [v('orders'), v('status')] }, 'paid'] },
  { '==': [{ last: [v('orders'), v('ref')] }, 'x'] },
  { '==': [{ avg: [map('total')] }, null] },
  { '==': [{ last: [v('orders'), v('note')] }, null] },
  { '!=': [{ max_of: [map('weight')] }, null] },
  { in: [{ last: [v('orders'), v('note')] }, ['b', 'z']] },
  { icontains: [{ last: [v('orders'), v('note')] }, 'B'] },
  { in: ['Z', { first: [v('orders'), v('note')] }] },
  { in: [{ count: [orders()] }, [2, 3]] },
  { in: [{ avg: [map('total')] }, ['150.15', '0.15']] },
  { in: [{ max_of: [map('placed_at')] }, ['2024-05-15T12:00:00Z', '2024-05-14']] },
  { in: [{ max_of: [map('placed_at')] }, Array.from({ length: 12 }, (_, n) => `2024-05-${n + 10}`)] },
  { in_last: [{ max_of: [map('placed_at')] }, 1, 'day'] },
  { before_last: [{ max_of: [map('placed_at')] }, 1, 'day'] },
  { in_next: [{ last: [v('orders'), v('due_on')] }, 1, 'day'] },
  { in_period: [{ min_of: [map('placed_at')] }, 'month', 0] },
  { in_period: [{ max_of: [{ map: [v('items'), v('made_at')] }] }, 'day', 0] },
  { in_last: [{ last: [v('items'), v('made_at')] }, 1, 'hour'] },
  { some: [v('items'), { and: [{ '==': [v('sku'), 'A1'] }, { '==': [v('orders.note'), 'b'] }] }] },
  { none: [v('items'), { '>': [v('orders.total'), 100] }] },
  { all: [v('items'), { '==': [v('sku'), 'A1'] }] },
  { some: [v('items'), { '>': [v('orders.total'), v('price')] }] },
  { some: [v('orders'), { '==': [v('units'), v('total')] }] },
  { '>=': [{ count: [{ filter: [v('items'), { in_last: [v('made_at'), 2, 'hour'] }] }] }, 2] },
  { in_segment: ['blocked'] },
  { and: [{ '!': [{ in_segment: ['blocked'] }] }, { '<': [{ count: [orders()] }, 2] }] },
  { or: [{ in_segment: ['other'] }, { '>': [{ sum: [map('total')] }, 100] }] },
];

test('in all statements, against the evaluator', async () => {
  for (const zone of ['Europe/Madrid', 'America/Havana']) {
    expect(await compareAll(database, conditions, { zone, timestamps: 'America/Havana' })).toBe(conditions.length * 9);
  }
});

test('what stands for what', async () => {
  const who = (json: unknown): Promise<number[]> => matching(database, json);
  expect(await who({ all: [v('orders'), { '>=': [v('units'), -1] }] }), '`all` of no rows is false').toEqual([
    2, 3, 5, 6,
  ]);
  expect(await who({ none: [v('orders'), paid] }), '`none` of no rows is true').toEqual([3, 4, 6, 7, 8, 9]);
  expect(await who({ '==': [{ sum: [map('total', paid)] }, 0] }), 'the sum of no rows is 0').toEqual([
    3, 4, 6, 7, 8, 9,
  ]);
  expect(await who({ '<': [{ avg: [map('total')] }, 1_000] }), 'the average of no rows is no number').toEqual([
    1, 2, 6,
  ]);
  expect(await who({ '==': [{ sum: [map('total')] }, '0.3'] }), 'NaN is skipped, decimals are exact').toEqual([2]);
  expect(await who({ '==': [{ sum: [map('weight', paid)] }, '0.3'] }), 'floats sum as decimals').toEqual([1, 2]);
  expect(await who({ '==': [{ sum: [map('total')] }, '12345678901234567890.13'] })).toEqual([5]);
  expect(await who({ '==': [{ last: [v('orders'), v('note')] }, 'ä'] }), 'ties by code point: z before ä').toEqual([2]);
  expect(await who({ '==': [{ first: [v('orders'), v('note')] }, 'Z'] }), 'ties by code point: Z before É').toEqual([
    5,
  ]);
  expect(await who({ some: [v('items'), { '==': [v('orders.note'), 'a'] }] })).toEqual([1]);
  expect(
    await who({ '==': [{ last: [v('orders'), v('ref')] }, null] }),
    'the last row decides, a row without a time comes last',
  ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await who({ '==': [{ first: [v('orders'), v('ref')] }, 'x'] })).toEqual([1]);
  expect(
    await who({ '==': [{ last: [v('orders'), v('units')] }, 2] }),
    'of rows at the same time, one with a value',
  ).toEqual([1]);
  expect(await who({ '==': [{ last: [v('orders'), v('weight')] }, null] }), 'NaN is missing').toEqual([4, 7, 8, 9]);
  expect(await who({ '==': [{ count: [{ filter: [v('items'), { '==': [v('sku'), 'A1'] }] }] }, 2] })).toEqual([1]);
});

test('the last row without a value is found, and a value wins among rows without a time', async () => {
  await database.query(
    `insert into public.item (id, order_id, sku, price, made_at) values (20, 10, 'D', null, '2024-06-01 10:00'), (21, 21, null, 3, null)`,
  );
  const last = { last: [v('items'), v('price')] };
  expect(await matching(database, { and: [{ some: [v('items'), true] }, { '==': [last, null] }] })).toEqual([1]);
  expect(
    await matching(database, { '==': [{ last: [v('items'), v('price'), { '!=': [v('sku'), 'D'] }] }, 20] }),
  ).toEqual([1]);
  expect(
    await matching(database, { '==': [{ last: [v('items'), v('price'), { '==': [v('sku'), null] }] }, 3] }),
    'no time, but the only row',
  ).toEqual([2]);
  await database.query('delete from public.item where id >= 20');
});

test('numbers as large as there are neither overflow a sum nor an average', async () => {
  await database.query(`
    insert into public."Order" (id, contact_id, status, total) values
      (70, 7, 'paid', 9e131071), (71, 7, 'paid', 9e131071), (80, 8, 'paid', -9e131071), (81, 8, 'paid', -9e131071)`);
  const large = conditions.filter((condition) => /"(sum|avg)"/.test(JSON.stringify(condition)));
  expect(await compareAll(database, large, { zone: 'UTC', timestamps: 'UTC' })).toBe(large.length * 9);
  expect(await matching(database, { '>': [{ sum: [map('total', paid)] }, '999999999999999999999999999999'] })).toEqual([
    7,
  ]);
});

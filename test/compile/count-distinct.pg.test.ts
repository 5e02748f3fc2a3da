/** The number of different values, in every family that has an equality: each value is one with those that `==` calls equal to it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, matching, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const different = (of: unknown, rows: unknown = v('orders')) => ({ count_distinct: [{ map: [rows, of] }] });

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  await database.query(`
    insert into public.contact (id) select generate_series(1, 5);
    insert into public."Order" (id, contact_id, status, note, total, weight, units, placed_at, due_on, extra) values
      (1, 1, 'paid', 'a', 1.0, 0, 1, '2024-05-01 10:00+00', '2024-05-01', '{"ref": "x"}'),
      (2, 1, 'paid', 'A', 1.00, '-0', 1, '2024-05-01 12:00+02', '2024-05-01', '{"ref": 7}'),
      (3, 1, 'new', 'a ', 'NaN', 'NaN', null, 'infinity', 'infinity', '{"ref": "X"}'),
      (4, 1, null, '', 'Infinity', 'Infinity', 2, '-infinity', null, null),
      (5, 2, null, null, null, null, null, null, null, null),
      (6, 2, null, null, 'NaN', 'NaN', null, null, null, '{"ref": null}'),
      (7, 3, 'new', 'é', 0.1, 0.1, 3, '2024-05-01 10:00+00', '2024-05-01', null),
      (8, 3, 'new', E'e\\u0301', 0.10, 0.1, 3, '2024-05-01 10:00:00.000001+00', '2024-05-02', null);
    insert into public.item (id, order_id, sku, price, made_at) values
      (1, 1, 'A', 1, '2024-05-01 10:00'), (2, 2, 'A', 1, '2024-05-01 10:00'), (3, 2, 'B', 2, 'infinity'), (4, 7, null, 3, null);
  `);
});

afterAll(() => database.drop());

test('every family in all statements, against the evaluator', async () => {
  const own = ['status', 'note', 'total', 'weight', 'units', 'placed_at', 'due_on', 'ref'].map((name) =>
    different(v(name)),
  );
  const further = ['sku', 'price', 'made_at', 'orders.note'].map((name) => different(v(name), v('items')));
  const filtered = different(v('note'), { filter: [v('orders'), { '>=': [v('total'), 1] }] });
  const computed = different({ '*': [v('total'), v('units')] });
  const values = [...own, ...further, filtered, computed];
  const leaves = values.flatMap((value) => [
    { '==': [value, 0] },
    { '>': [value, 0] },
    { '>=': [value, 1] },
    { '==': [value, 1] },
    { '<=': [2, value, 3] },
    { in: [value, [0, 3, '1.5']] },
    { '<': [value, { count: [v('orders')] }] },
    { '==': [{ '-': [{ count: [v('orders')] }, value] }, 1] },
  ]);
  expect(await compareAll(database, leaves)).toBe(5 * leaves.length);
});

test('what a person worked out', async () => {
  // 1.0 and 1.00 are one number, NaN is missing, infinity is a value.
  expect(await matching(database, { '==': [different(v('total')), 2] })).toEqual([1]);
  expect(await matching(database, { '==': [different(v('weight')), 2] })).toEqual([1]);
  // 10:00 in UTC and 12:00 two hours east of it are one instant.
  expect(await matching(database, { '==': [different(v('placed_at')), 3] })).toEqual([1]);
  // Text by its bytes.
  expect(await matching(database, { '==': [different(v('note')), 4] })).toEqual([1]);
  expect(await matching(database, { '==': [different(v('note')), 2] })).toEqual([3]);
  // No rows, and rows without a value, make 0, which is never missing.
  expect(await matching(database, { '==': [different(v('note')), 0] })).toEqual([2, 4, 5]);
  expect(await matching(database, { '<': [different(v('note')), 3] })).toEqual([2, 3, 4, 5]);
  expect(await matching(database, { '==': [different(v('sku'), v('items')), 2] })).toEqual([1]);
});

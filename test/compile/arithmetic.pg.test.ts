/** Arithmetic is exact and never raises: numbers of 131,072 digits, NaN and infinity in fields, in rows and in sums of them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, matching, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const mapped = (name: string, value: unknown) => ({ [name]: [{ map: [v('orders'), value] }] });

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  await database.query(`
    insert into public.contact (id, i2, i8, num, f4, f8, j) values
      (1, 3, 9223372036854775807, 0.1, 0.1, 0.1, '{"deep": {"number": 1.50}, "whole": 5}'),
      (2, -32768, -9223372036854775808, ('9' || repeat('9', 131071))::numeric, 3e38, 1.7e308, '{"deep": {"number": 1e1000}, "whole": 5.5}'),
      (3, 32767, 2, ('-1' || repeat('0', 1000))::numeric, 1e-45, 5e-324, '{"deep": {"number": -1e131071}}'),
      (4, 0, 0, ('0.' || repeat('0', 16382) || '7')::numeric, 'NaN', 'Infinity', '{"deep": {"number": 0}}'),
      (5, 1, 1, 'Infinity', 'Infinity', 'NaN', '{"deep": {"number": "1"}}'),
      (6, 1, 1, 'NaN', '-Infinity', '-Infinity', null),
      (7, null, null, null, null, null, null),
      (8, 2, 3, ('9' || repeat('9', 999))::numeric, 2, 2, '{"deep": {"number": 2}}'),
      (9, 2, 3, ('-0.' || repeat('0', 8191) || '15')::numeric, 2, 2, '{"deep": {"number": 2}}');
    insert into public."Order" (id, contact_id, total, weight, units) values
      (1, 1, 0.1, 0.2, 3), (2, 1, 0.2, 0.1, 2147483647), (3, 2, ('1' || repeat('0', 131071))::numeric, 1e308, 2147483647),
      (4, 2, ('1' || repeat('0', 131071))::numeric, 1e308, 2147483647), (5, 3, 'NaN', 1, 1), (6, 3, 2, 'Infinity', 1), (7, 4, 'Infinity', 1, 0),
      (8, 4, '-Infinity', 1, 1), (9, 5, null, 1, 1), (10, 5, 1, null, 1), (11, 8, ('9' || repeat('9', 999))::numeric, 2, 2), (12, 8, 3, 2, 2);
    update public.contact set d = (array['infinity', '-infinity', '0044-03-15 BC', '5874897-12-31', '2000-02-29', '2004-02-28', '0001-01-01', '10000-01-01'])[id]::date,
      i2 = coalesce(i2, 0) + case id when 5 then 22 else 0 end;`);
});

afterAll(() => database.drop());

const average = mapped('avg', v('total'));

test('pairs of numbers in all statements, against the evaluator', async () => {
  const numbers = ['i8', 'num', 'f8', 'j.number'].map(v);
  const values = numbers.flatMap((a) =>
    numbers.flatMap((b) => ['+', '-', '*'].map((operator) => ({ [operator]: [a, b] }))),
  );
  const leaves = values.flatMap((value) => [{ '>': [value, '0.3'] }, { '==': [value, null] }]);
  expect(await compareAll(database, leaves)).toBe(9 * leaves.length);
});

test('small numbers and rows in all statements, against the evaluator', async () => {
  const values = [
    ...[v('i2'), v('f4'), v('j.whole')].map((one) => ({ '-': [{ '*': [one, '0.1'] }, one] })),
    mapped('sum', { '*': [v('total'), v('weight')] }),
    mapped('avg', { '-': [v('total'), v('units')] }),
    mapped('max_of', { '*': [v('units'), v('units'), v('total')] }),
    { '+': [average, { '*': [average, mapped('avg', v('weight'))] }, v('i2')] },
    { '-': [{ count: [v('orders')] }, average] },
  ];
  const leaves = values.flatMap((value) => [
    { '>': [value, '0.3'] },
    { '<=': [value, 0] },
    { in: [value, ['0.2', 6, '0.01']] },
    { '<': [value, average] },
    { '==': [value, value] },
  ]);
  expect(await compareAll(database, leaves)).toBe(9 * leaves.length);
});

test('ages as values: infinite dates, dates of any year, and 29 February', async () => {
  const leaves = [
    { '>': [{ age: [v('d')] }, { '-': [v('i2'), 1] }] },
    { '==': [{ age: [v('d')] }, { '+': [v('i2'), 0] }] },
    { '<': [{ '*': [{ age: [v('d')] }, 2] }, 0] },
    { '>': [{ '+': [{ age: [v('d')] }, 0] }, 2000] },
  ];
  for (const now of ['2024-02-28T12:00:00Z', '2023-02-28T12:00:00Z', '2023-02-27T12:00:00Z', '2024-02-29T12:00:00Z'])
    expect(await compareAll(database, leaves, { now })).toBe(9 * leaves.length);
});

test('as many factors as are allowed, each as large as is finite', async () => {
  const values = [
    { '*': Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? v('j.number') : v('num'))) },
    mapped('sum', { '*': Array.from({ length: 20 }, () => v('total')) }),
    { '*': Array.from({ length: 10 }, () => mapped('sum', { '*': [v('total'), v('units')] })) },
  ];
  const leaves = values.map((value) => ({ '>': [value, 0] }));
  expect(await compareAll(database, leaves)).toBe(9 * leaves.length);
});

test('what a person worked out', async () => {
  // 0.1 * 0.2 + 0.2 * 0.1, which doubles do not give.
  const sum = mapped('sum', { '*': [v('total'), v('weight')] });
  expect(await matching(database, { and: [{ '==': [sum, '0.04'] }, { '<': [v('id'), 2] }] })).toEqual([1]);
  // The average of 0.1 and 0.2, times 2, is 0.3; that of one row is its value.
  expect(await matching(database, { '==': [{ '*': [2, mapped('avg', v('total'))] }, '0.3'] })).toEqual([1]);
  // Two averages: 0.15 and 0.15.
  expect(await matching(database, { '==': [mapped('avg', v('total')), mapped('avg', v('weight'))] })).toContain(1);
  expect(await matching(database, { '>': [{ '*': [v('i8'), v('i8')] }, '9'.repeat(30)] })).toEqual([1, 2]);
  // No rows: a count is 0, an average is missing.
  expect(await matching(database, { '==': [{ '+': [{ count: [v('orders')] }, v('i2')] }, 1] })).toEqual([6]);
  expect(await matching(database, { '!=': [{ '+': [mapped('avg', v('total')), 1] }, null] })).not.toContain(6);
});

import { expect, test } from 'vitest';
import { TransactionAge } from '../../src/worker/transaction-age.ts';

test('a transaction is at most as old as the last note before it', () => {
  const age = new TransactionAge();
  expect(age.atMost('5', 0)).toBeUndefined();
  age.note('100', 1_000);
  age.note('200', 2_000);
  age.note('200', 3_000);
  expect(age.atMost('99', 4_000)).toBeUndefined();
  expect(age.atMost('100', 4_000)).toBe(3_000);
  expect(age.atMost('199', 4_000)).toBe(3_000);
  expect(age.atMost('200', 4_000)).toBe(1_000);
});

test('ids that start lower date nothing that came before', () => {
  const age = new TransactionAge();
  age.note('1000', 1_000);
  age.note('10', 2_000);
  expect(age.atMost('1500', 3_000)).toBe(1_000);
  expect(age.atMost('9', 3_000)).toBeUndefined();
});

test('old notes are thinned out, never so that work looks younger', () => {
  const age = new TransactionAge();
  for (let n = 0; n < 5_000; n += 1) age.note(String(n), n);
  for (let n = 1_000; n < 5_000; n += 7) expect(age.atMost(String(n), 5_000)).toBeGreaterThanOrEqual(5_000 - n);
  expect(age.atMost('4999', 5_000)).toBe(1);
});

/** What an SQLSTATE says about a retry. */
import { expect, test } from 'vitest';
import { isHeldByAnother, isOwnTimeout, isPoison, readingOf, type Reading } from '../../src/base/error.ts';

const postgres = (code: string, more: object = {}): Error => Object.assign(new Error('x'), { code, ...more });

test.each<[Reading, readonly string[]]>([
  ['passing', ['08006', '40001', '40P01', '53200', '53300', '55P03', '55006', '57P01', '57P02', '57P03', '25P03']],
  ['cancelled', ['57014']],
  ['poison', ['0A000', '21000', '22012', '22P02', '38000', '39004', '42501', '42703', '54001', 'P0001']],
  ['caller', ['23505', '25006', '28P01', '3D000', '53100', '55000']],
  ['internal', ['XX000', 'XX001', '58030', 'HV000']],
])('%s', (reading, codes) => {
  expect(codes.map((code) => [code, readingOf(code)])).toEqual(codes.map((code) => [code, reading]));
});

test('only what another session holds is tried again in place', () => {
  expect(['40001', '40P01', '55006', '55P03'].every((code) => isHeldByAnother(postgres(code)))).toBe(true);
  expect(['XX000', '57014', '08006', '42501', '22012', 'P0001'].some((code) => isHeldByAnother(postgres(code)))).toBe(
    false,
  );
  expect(isHeldByAnother(postgres('XX000', { routine: 'simple_heap_update' }))).toBe(true);
  expect(isHeldByAnother(postgres('XX000', { routine: 'relation_open' }))).toBe(false);
  expect(isHeldByAnother(new Error('x'))).toBe(false);
});

test('a limit of ours cannot strike before its time', () => {
  expect(isOwnTimeout(postgres('57014'), 4_999, 5_000)).toBe(false);
  expect(isOwnTimeout(postgres('57014'), 5_000, 5_000)).toBe(true);
  expect(isOwnTimeout(postgres('55P03'), 9_000, 5_000)).toBe(false);
  expect([isPoison('57014'), isPoison('22012'), isPoison('XX000'), isPoison('40P01')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

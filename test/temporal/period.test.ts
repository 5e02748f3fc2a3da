import { expect, test } from 'vitest';
import { intervalText } from '../../src/temporal/interval-text.ts';
import { periodStep } from '../../src/temporal/period.ts';

test('durations are hours, minutes or seconds, never days', () => {
  expect([86_400, 90 * 60, 61, 0, 36_500 * 86_400].map(intervalText)).toEqual([
    '24 hours',
    '90 minutes',
    '61 seconds',
    '0 hours',
    '876000 hours',
  ]);
  expect(() => intervalText(-1)).toThrow(RangeError);
  expect(() => intervalText(0.5)).toThrow(RangeError);
});

test('periods step from the current one', () => {
  expect(periodStep('week', -1)).toEqual({ unit: 'week', start: '-7 days', end: '0 days' });
  expect(periodStep('quarter', 1)).toEqual({ unit: 'quarter', start: '3 months', end: '6 months' });
  expect(periodStep('year', 0)).toEqual({ unit: 'year', start: '0 months', end: '12 months' });
});

test('a period beyond what Postgres computes with is none', () => {
  expect(periodStep('year', 6_500)).toBeDefined();
  expect(periodStep('year', 6_501)).toBeUndefined();
  expect(periodStep('day', -3_000_000)).toBeUndefined();
});

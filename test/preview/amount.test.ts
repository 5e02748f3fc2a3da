/** Estimates and their bounds, against populations that are known. */
import { expect, test } from 'vitest';
import {
  exactAmount,
  extrapolatedAmount,
  plannerAmount,
  shareAmount,
  clampAmount,
  subtractAmount,
} from '../../src/preview/amount.ts';
import { tableSample } from '../../src/preview/table-sample.ts';
import { random } from '../support/random.ts';

const ROUNDS = 2_000;

test.each([0, 1, 20, 500, 20_000, 39_990, 40_000])(
  'of 40,000 of which %i are such, 95 of 100 samples bound the number',
  (truth) => {
    const r = random(7);
    const chance = 0.02;
    let [all, share] = [0, 0];
    for (let round = 0; round < ROUNDS; round += 1) {
      const normal =
        Math.sqrt(-2 * Math.log((r.below(1_000_000) + 1) / 1_000_001)) *
        Math.cos((2 * Math.PI * r.below(1_000_000)) / 1_000_000);
      const draw = (of: number): number =>
        of * chance < 30
          ? Array.from({ length: of }, () => r.chance(chance)).filter(Boolean).length
          : Math.max(0, Math.round(of * chance + normal * Math.sqrt(of * chance * (1 - chance))));
      const found = draw(truth);
      const looked = found + Math.min(40_000 - truth, draw(40_000 - truth));
      const total = extrapolatedAmount(found, { chance, spread: 1 });
      const part = shareAmount(40_000, found, looked, { spread: 1 });
      for (const { value, low, high, basis } of [total, part]) {
        expect(basis).toBe('sample');
        expect(Number(low)).toBeLessThanOrEqual(value);
        expect(Number(high)).toBeGreaterThanOrEqual(value);
      }
      if (Number(total.low) <= truth && truth <= Number(total.high)) all += 1;
      if (Number(part.low) <= truth && truth <= Number(part.high)) share += 1;
    }
    expect(all / ROUNDS).toBeGreaterThan(0.93);
    expect(share / ROUNDS).toBeGreaterThan(0.93);
  },
);

test('the bounds of a sample are narrow enough to be useful', () => {
  expect(shareAmount(1_000_000, 500, 5_000, { spread: 1 })).toMatchObject({
    value: 100_000,
    low: expect.toSatisfy((low: number) => low > 90_000),
    high: expect.toSatisfy((high: number) => high < 110_000),
  });
  expect(extrapolatedAmount(0, { chance: 0.005, spread: 1 })).toMatchObject({
    value: 0,
    low: 0,
    high: expect.toSatisfy((high: number) => high < 1_000),
  });
});

test('the difference of two amounts has the weaker basis of the two', () => {
  expect(subtractAmount(exactAmount(10), exactAmount(3))).toEqual(exactAmount(7));
  expect(subtractAmount(exactAmount(100), shareAmount(100, 5, 10, { spread: 1 }))).toMatchObject({
    value: 50,
    basis: 'sample',
  });
  expect(subtractAmount(exactAmount(10), plannerAmount(300))).toEqual({
    value: 0,
    basis: 'planner',
    low: null,
    high: null,
  });
});

test('an estimate stays within the known bounds', () => {
  expect(clampAmount({ value: 5, basis: 'sample', low: 2, high: 8 }, 6, 7)).toEqual({
    value: 6,
    basis: 'sample',
    low: 6,
    high: 7,
  });
  expect(clampAmount(plannerAmount(500), 0, 20)).toEqual({ value: 20, basis: 'planner', low: null, high: null });
  expect(clampAmount(exactAmount(3), 5)).toEqual(exactAmount(3));
});

test('small tables are read whole; a sample by pages has wider bounds', () => {
  expect(tableSample(20_000, 1_000_000)).toMatchObject({ complete: true, chance: 1 });
  expect(tableSample(40_000, 1_000_000)).toMatchObject({ complete: false, chance: 0.125, spread: 1 });
  expect(tableSample(4_000_000, 1_000_000).spread).toBeGreaterThan(1);
});

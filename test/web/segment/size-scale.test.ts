import { expect, test } from 'vitest';
import { sizePoints, sizeSummary, sliderScale } from '../../../src/web/segment/size-scale.ts';

const day = (name: string, members: number, entered: number, left: number) => ({ day: name, members, entered, left });
const NOW = Date.parse('2026-11-30T12:00:00Z');
const DAYS = [day('2026-11-28', 0, 0, 0), day('2026-11-29', 90, 100, 10), day('2026-11-30', 95, 5, 0)];

test('points begin with the day of creation and end now', () => {
  expect(sizePoints(DAYS, '2026-11-29T08:00:00.000000Z', NOW)).toEqual([
    { at: Date.parse('2026-11-29T00:00:00Z') / 1000, members: 0, entered: 0, left: 0 },
    { at: Date.parse('2026-11-30T00:00:00Z') / 1000, members: 90, entered: 100, left: 10 },
    { at: NOW / 1000, members: 95, entered: 5, left: 0 },
  ]);
});

test('a segment of today has a line as well', () => {
  const points = sizePoints(DAYS, '2026-11-30T11:00:00.000000Z', NOW);
  expect(points.map(({ members }) => members)).toEqual([90, 95]);
});

test('the slider ends at or after now, in whole steps', () => {
  const { from, to, step } = sliderScale(sizePoints(DAYS, '2026-11-01T00:00:00Z', NOW), NOW);
  expect(from).toBe(Date.parse('2026-11-28T00:00:00Z'));
  expect(to).toBeGreaterThanOrEqual(NOW);
  expect(to - NOW).toBeLessThan(step);
  expect((to - from) % step).toBe(0);
});

test('without days the slider has a length still', () => {
  const { from, to } = sliderScale([], NOW);
  expect(to).toBeGreaterThan(from);
});

test('the summary says where it begins and ends', () => {
  expect(sizeSummary(sizePoints(DAYS, '2026-11-29T08:00:00Z', NOW))).toBe('From 0 to 95 members in 2 days');
  expect(sizeSummary([])).toBe('No sizes are known yet');
});

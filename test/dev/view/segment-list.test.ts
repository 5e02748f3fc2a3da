import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowOf } from '../../../src/dev/view/segment-list.ts';

test('the window follows the selection, and no room is left while more would fit', () => {
  const heights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(heights, fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 30 }), (all, at, before, room) => {
      const selected = Math.min(at, all.length - 1);
      const { top, end } = windowOf(all, { room, selected, top: before });
      const sum = (from: number, to: number) => all.slice(from, to).reduce((height, one) => height + one, 0);
      expect(top).toBeLessThanOrEqual(selected);
      expect(end).toBeGreaterThan(selected);
      expect(end).toBeLessThanOrEqual(all.length);
      if (end - top > 1) expect(sum(top, end)).toBeLessThanOrEqual(room);
      if (end < all.length) expect(sum(top, end + 1)).toBeGreaterThan(room);
      else if (top > 0) expect(sum(top - 1, end)).toBeGreaterThan(room);
    }),
  );
});

test('it moves no further than the selection asks', () => {
  const heights = Array.from({ length: 20 }, () => 1);
  const at = (selected: number, top: number) => windowOf(heights, { room: 5, selected, top });
  expect(at(3, 0)).toEqual({ top: 0, end: 5 });
  expect(at(5, 0)).toEqual({ top: 1, end: 6 });
  expect(at(4, 3)).toEqual({ top: 3, end: 8 });
  expect(at(2, 3)).toEqual({ top: 2, end: 7 });
  expect(windowOf([], { room: 5, selected: -1, top: 0 })).toEqual({ top: 0, end: 0 });
});

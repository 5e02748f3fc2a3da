import fc from 'fast-check';
import { expect, test } from 'vitest';
import { movedBase, ROW, rowWindow, STRETCH } from '../../../src/web/segment/row-window.ts';

/** Every browser draws an element of this height. */
const MOST_PIXELS = 15_000_000;

test('a list of any length has a height that a browser draws, and shows what is in sight', () => {
  fc.assert(
    fc.property(
      fc.nat(10_000_000),
      fc.nat(10_000_000),
      fc.double({ min: 0, max: STRETCH * ROW, noNaN: true }),
      fc.integer({ min: 0, max: 3_000 }),
      (count, base, top, height) => {
        const { first, end, above, below } = rowWindow(count, base, top, height);
        expect(above + (end - first) * ROW + below).toBeLessThanOrEqual(MOST_PIXELS);
        expect(end - first).toBeLessThanOrEqual(Math.ceil(height / ROW) + 22);
        const inSight = base + Math.floor(top / ROW);
        if (inSight < Math.min(count, base + STRETCH) && height > 0) {
          expect(first).toBeLessThanOrEqual(inSight);
          expect(end).toBeGreaterThan(inSight);
        }
      },
    ),
  );
});

test('one scrolls through ten million rows and back, and each stretch goes on where the one before was', () => {
  const count = 10_000_000;
  let base = 0;
  let top = 0;
  const seen = new Set([base]);
  const scroll = (step: number): void => {
    const before = base + top / ROW;
    top = Math.max(0, top + step);
    const moved = movedBase(count, base, top);
    top -= (moved - base) * ROW;
    base = moved;
    expect(base + top / ROW).toBeCloseTo(Math.max(0, before + step / ROW), 3);
    seen.add(base);
  };
  const step = 20_000 * ROW;
  const row = (): number => base + top / ROW;
  while (row() < count - 20_000) scroll(step);
  expect(base + STRETCH).toBeGreaterThanOrEqual(count);
  expect(seen.size).toBeGreaterThan(40);
  while (row() > 0) scroll(-step);
  expect([base, top]).toEqual([0, 0]);
});

test('a short list never moves', () => {
  expect(movedBase(1_000, 0, 900 * ROW)).toBe(0);
});

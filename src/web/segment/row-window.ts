/**
 * Which rows of equal height are in sight, of a list of any length. A browser draws nothing beyond some 33 million pixels, so that
 * the list shows a stretch of the rows at a time and moves it when its end comes near. Pure.
 */

/** Pixels of a row. */
export const ROW = 36;
/** Rows of a stretch: 14 million pixels, which every browser draws. */
export const STRETCH = 400_000;
/** Rows drawn above and below what is in sight. */
const SPARE = 10;

export interface RowWindow {
  /** First row that is drawn, and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Pixels above the first and below the last. */
  readonly above: number;
  readonly below: number;
}

/** @param base first row of the stretch @param top pixels that were scrolled @param height pixels of the view */
export function rowWindow(count: number, base: number, top: number, height: number): RowWindow {
  const length = Math.max(0, Math.min(STRETCH, count - base));
  const first = Math.min(length, Math.max(0, Math.floor(top / ROW) - SPARE));
  const end = Math.min(length, Math.ceil((top + height) / ROW) + SPARE);
  return { first: base + first, end: base + end, above: first * ROW, below: (length - end) * ROW };
}

/** Where the stretch should begin so that one can go on scrolling; `base` when it is well where it is. */
export function movedBase(count: number, base: number, top: number): number {
  const at = Math.floor(top / ROW);
  const quarter = STRETCH / 4;
  if (at > STRETCH - quarter && base + STRETCH < count) return base + STRETCH / 2;
  if (at < quarter && base > 0) return Math.max(0, base - STRETCH / 2);
  return base;
}

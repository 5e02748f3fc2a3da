/**
 * Calendar periods counted from the current one: the shift to a period in days or months, and how far a period may lie so
 * that Postgres can compute with its years. Pure.
 */
import type { Unit } from '../condition/ast.ts';
import { periods } from '../condition/time-unit.ts';

export interface Step {
  /** What `date_trunc` is given to find the start of the current period. */
  readonly unit: Unit;
  /** Shift of the period's start and of its end (the start of the next), as interval texts. */
  readonly start: string;
  readonly end: string;
}

/** 6,500 years each way from any date of our era stay within a timestamp (4713 BC to 294276). */
const FARTHEST = { days: 6_500 * 365, months: 6_500 * 12 } as const;

/** `undefined` when the period is so far away that no date of years 1 to 9999 lies in it. */
export function periodStep(unit: Unit, offset: number): Step | undefined {
  const { count, of } = periods[unit];
  const start = offset * count;
  if (!Number.isSafeInteger(start) || Math.abs(start) > FARTHEST[of]) return undefined;
  return { unit, start: `${start} ${of}`, end: `${start + count} ${of}` };
}

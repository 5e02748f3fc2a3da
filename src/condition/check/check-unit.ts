/** Whole numbers and units, as they stand in windows, periods and durations. */
import { didYouMean } from '../../base/suggest.ts';
import { windowMonths } from '../time-unit.ts';
import { type Argument, type Check, quote } from './check-context.ts';

/** A whole number in the range. @param what it is, as the begin of a sentence */
export function integer(c: Check, arg: Argument, low: number, high: number, what: string): number | undefined {
  const { value, at } = arg;
  if (typeof value !== 'number')
    return c.issues.report('wrong-type', at, `${what} is a whole number, not ${quote(value)}.`);
  if (!Number.isInteger(value) || value < low || value > high) {
    return c.issues.report(
      'out-of-range',
      at,
      `${what} is a whole number from ${low} to ${high}, not ${quote(value)}.`,
    );
  }
  return value === 0 ? 0 : value; // -0 is 0
}

export function unitOf<U extends string>(c: Check, arg: Argument, units: readonly U[]): U | undefined {
  const found = units.find((unit) => unit === arg.value);
  if (found !== undefined) return found;
  const written = typeof arg.value === 'string' ? arg.value : '';
  const isMonths = Object.hasOwn(windowMonths, written) && !units.some((unit) => Object.hasOwn(windowMonths, unit));
  return c.issues.report(
    'unknown-unit',
    arg.at,
    `The unit is one of ${units.map((unit) => `"${unit}"`).join(', ')}, not ${quote(arg.value)}.`,
    /fiscal/i.test(written)
      ? 'for a fiscal year or quarter add a generated column that holds it, and compare that'
      : isMonths
        ? 'months and years have no fixed length: write days or weeks'
        : didYouMean(written, units),
  );
}

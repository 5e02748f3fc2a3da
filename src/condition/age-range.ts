/**
 * A list of ages as ranges. Neighbouring ages make one range, so that "0, 1, … 99" turns on two birthdays and not on a
 * hundred. Ages that no person can have are left out: fractions, and ages that no calendar holds. Pure.
 */
import { parseDecimal } from './decimal.ts';

/** Beyond these ages `today - n years` leaves the range of Postgres' dates, and every finite date has the same answer. */
export const OLDEST = 6_500;
export const UNBORN = -280_000;

/** Ages from `from` to before `until`. */
export interface AgeRange {
  readonly from: number;
  readonly until: number;
}

/** The ranges in ascending order, with a gap between any two. @throws {Error} on a text that is no decimal */
export function ageRanges(literals: readonly string[]): readonly AgeRange[] {
  const ages = [...new Set(literals.map(wholeAge))].filter((age) => age !== undefined).toSorted((a, b) => a - b);
  const ranges: { from: number; until: number }[] = [];
  for (const age of ages) {
    const last = ranges.at(-1);
    if (last?.until === age) last.until = age + 1;
    else ranges.push({ from: age, until: age + 1 });
  }
  return ranges;
}

function wholeAge(literal: string): number | undefined {
  const value = parseDecimal(literal);
  if (value === undefined || typeof value === 'string') throw new Error(`not a decimal: ${literal}`);
  const unit = 10n ** BigInt(value.scale);
  const age = value.units / unit;
  return value.units % unit === 0n && age >= BigInt(UNBORN) && age <= BigInt(OLDEST) ? Number(age) : undefined;
}

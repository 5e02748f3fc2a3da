/**
 * Which whole ages decide a comparison of an age with a decimal: `age < 18.5` turns on the 19th birthday. Pure.
 */
import { ageRanges, OLDEST, UNBORN } from '../condition/age-range.ts';
import type { Comparison } from '../condition/ast.ts';
import { parseDecimal } from '../condition/decimal.ts';

/** Ages on whose birthday `age operator literal` changes. */
export function agesBetween(operator: Comparison, literal: string): readonly number[] {
  const value = parseDecimal(literal);
  if (value === undefined || typeof value === 'string') throw new Error(`not a decimal: ${literal}`);
  const unit = 10n ** BigInt(value.scale);
  const rest = ((value.units % unit) + unit) % unit;
  const floor = (value.units - rest) / unit;
  return deciding(operator, floor, rest === 0n)
    .filter((age) => age >= BigInt(UNBORN) && age <= BigInt(OLDEST))
    .map(Number);
}

function deciding(operator: Comparison, floor: bigint, whole: boolean): readonly bigint[] {
  switch (operator) {
    case '==':
    case '!=':
      // No age is a fraction.
      return whole ? [floor, floor + 1n] : [];
    case '<':
    case '>=':
      return [whole ? floor : floor + 1n];
    case '<=':
    case '>':
      return [floor + 1n];
  }
}

/** Ages on whose birthday `age in […]` changes: the ends of its ranges. */
export function agesAround(literals: readonly string[]): readonly number[] {
  return ageRanges(literals)
    .flatMap(({ from, until }) => [from, until])
    .filter((age) => age <= OLDEST);
}

/**
 * What is wrong with a fixed value whatever it is compared with. These checks run beside a name that is unknown or refused:
 * they report every issue that stays when the name is corrected, and no other.
 */
import type { Comparison } from '../ast.ts';
import { comparisons } from '../comparison.ts';
import { type Check, quote, sayKind } from './check-context.ts';
import { canonicalDecimal, isDate, parseInstant } from '../literal.ts';

/** One fixed value. */
export function checkValueAlone(c: Check, raw: unknown, at: string): void {
  if (raw === null)
    c.issues.report(
      'null-value',
      at,
      'Nothing can be compared with null here.',
      'use `{"==": [x, null]}` or `is_empty`',
    );
  else if (typeof raw === 'object') c.issues.report('wrong-type', at, `Expected a fixed value, found ${sayKind(raw)}.`);
}

/** A list of values. Reports and returns false for anything else, and for an empty list. */
export function checkListAlone(c: Check, raw: unknown, at: string): raw is readonly unknown[] {
  if (!Array.isArray(raw)) {
    c.issues.report('wrong-type', at, `Expected a list of values, found ${sayKind(raw)}.`, 'write [ … ]');
    return false;
  }
  if (raw.length > 0) return true;
  c.issues.report(
    'empty-list',
    at,
    'An empty list matches no contact; it is refused.',
    'add values, or remove this part',
  );
  return false;
}

export function checkListItemsAlone(c: Check, raw: unknown, at: string): void {
  if (!checkListAlone(c, raw, at) || raw.length > c.limits.values) return; // check-shape reported a list that is too long
  for (const [index, item] of raw.entries()) checkValueAlone(c, item, `${at}/${index}`);
}

/** A fixed value on one side of a comparison; `at` is the comparison's. */
export function checkComparedAlone(c: Check, operator: Comparison, raw: unknown, at: string, rawAt: string): void {
  const isEquality = !comparisons[operator].needsOrder;
  if (raw === null) {
    if (!isEquality) noOrderOfNull(c, at);
  } else if (Array.isArray(raw)) {
    c.issues.report('wrong-type', rawAt, 'A value is compared with a list.', 'use `in` for a list of values');
  } else if (!isEquality && !hasOrder(raw)) {
    c.issues.report(
      'wrong-type',
      rawAt,
      `\`${operator}\` compares numbers, dates and instants; ${quote(raw)} is none of them.`,
    );
  }
}

export function noOrderOfNull(c: Check, at: string): undefined {
  return c.issues.report('null-value', at, 'null has no order.', 'use `== null`, `!= null` or `is_empty`');
}

function hasOrder(raw: unknown): boolean {
  if (typeof raw === 'number') return true;
  return (
    typeof raw === 'string' && (canonicalDecimal(raw) !== undefined || isDate(raw) || parseInstant(raw) !== undefined)
  );
}

/** How many rows a contact has, as people say it: "has at least 3 orders". Pure. */
import type { Comparison, ConditionOf } from '../ast.ts';
import { describeRows, ownerWords, type Reading } from './describe-operand.ts';

const AMOUNTS: Readonly<Record<Exclude<Comparison, '!='>, string>> = {
  '>=': 'at least',
  '>': 'more than',
  '<=': 'at most',
  '<': 'fewer than',
  '==': 'exactly',
};
/** A count is never missing, so that the complement of a comparison is the opposite one. */
const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '<': '>=',
  '==': '!=',
  '!=': '==',
};
/** Comparisons with 0 and 1 that ask whether there is a row. */
const ANY: ReadonlySet<string> = new Set(['>= 1', '> 0', '!= 0']);
const NONE: ReadonlySet<string> = new Set(['< 1', '<= 0', '== 0']);

/** Undefined for what is no count beside a number, and for rows without a label. */
export function describeCount(
  { left, operator, right }: Pick<ConditionOf<'compare'>, 'left' | 'operator' | 'right'>,
  side: 'holds' | 'complement',
  reading: Reading,
): string | undefined {
  if (left.kind !== 'aggregate' || left.function !== 'count' || right.kind !== 'literal') return undefined;
  if (reading.wording.relations.get(left.relation)?.about === undefined) return undefined;
  const rows = describeRows(left, reading);
  const asked = side === 'holds' ? operator : OPPOSITE[operator];
  const amount = `${asked} ${right.value}`;
  const who = ownerWords(reading);
  if (ANY.has(amount)) return `${who}has ${rows}`;
  if (NONE.has(amount)) return `${who}has no ${rows}`;
  // "1 orders" reads badly, and a label has no singular.
  const number = right.value === '1' ? '1 of' : right.value;
  return asked === '!='
    ? `${who}does not have exactly ${number} ${rows}`
    : `${who}has ${AMOUNTS[asked]} ${number} ${rows}`;
}

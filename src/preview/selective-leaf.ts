/** Finds the leaves that so few contacts satisfy that an index on their field would find these contacts. Pure. */
import type { Field } from '../catalogue/catalogue.ts';
import type { Condition, Operand } from '../condition/ast.ts';
import { byKind, type PerKind } from '../condition/kind.ts';
import type { SelectiveField } from './index-advice.ts';
import type { PartCount } from './part-count.ts';
import type { PreviewPart } from './preview-part.ts';

/** Postgres uses an index for less than about this share of a table. */
const SELECTIVE_SHARE = 0.02;

/** Fields of leaves that every member must satisfy: an index on one branch of an `or` does not spare the scan. */
export function selectiveFields(part: PreviewPart, counted: PartCount): readonly SelectiveField[] {
  if (part.kind === 'all')
    return part.children.flatMap((child) =>
      child.kind === 'all' || child.kind === 'leaf' ? selectiveFields(child, counted) : [],
    );
  const { leaf } = part;
  if (!leaf || counted.size === 0) return [];
  const field = indexableField(leaf.condition);
  return field && counted.count(part) / counted.size < SELECTIVE_SHARE ? [{ field, text: leaf.text }] : [];
}

const never = (): undefined => undefined;

/** By kind of leaf: the operand that an index would serve; undefined where none would. */
const indexedOperands: PerKind<Condition, [], Operand | undefined> = {
  constant: never,
  // A value between two bounds: both ask for the same field.
  and: ({ children }) => commonOperand(children.map(indexedOperand)),
  or: ({ children }) => commonOperand(children.map(indexedOperand)),
  not: never,
  compare: ({ operator, left, right }) => (right.kind === 'literal' && operator !== '!=' ? left : undefined),
  compare_day: ({ operator, left }) => (operator === '!=' ? undefined : left),
  missing: never,
  empty: never,
  in: ({ operand }) => operand,
  text: ({ operator, fold, operand }) => (operator === 'equals' && !fold ? operand : undefined),
  array: never, // a plain index does not serve elements
  tense: ({ operand }) => operand,
  window: ({ operand }) => operand,
  calendar_window: ({ operand }) => operand,
  period: ({ operand }) => operand,
  anniversary: never, // the day of the year is computed, so no plain index serves it
  anniversary_period: never, // the same
  within_km: ({ latitude }) => ({ kind: 'field', field: latitude }),
  some: never,
  among: never,
  admitted: never,
  segment: never,
  past: never,
  override: never,
};

function indexedOperand(condition: Condition): Operand | undefined {
  return byKind(indexedOperands, condition);
}

/** The field that all of them are, if they are one. */
function commonOperand(operands: readonly (Operand | undefined)[]): Operand | undefined {
  const [first] = operands;
  const isSame = operands.every((one) => one?.kind === 'field' && first?.kind === 'field' && one.field === first.field);
  return isSame ? first : undefined;
}

/** The column that an index would serve: a plain column of contacts that the leaf compares as it stands. */
function indexableField(condition: Condition): Field | undefined {
  const operand = indexedOperand(condition);
  if (operand?.kind !== 'field') return undefined;
  const { field } = operand;
  const isBare =
    field.path === undefined &&
    !field.array &&
    !field.castText &&
    field.family !== 'boolean' &&
    field.owner === 'contact';
  return isBare ? field : undefined;
}

/** Finds the leaves that so few contacts satisfy that an index on their field would find these contacts. Pure. */
import type { Field } from '../catalogue/catalogue.ts';
import type { LeafCondition, Operand } from '../condition/ast.ts';
import { byKind, type PerKind } from '../condition/kind.ts';
import type { ConditionTree, ExplainedLeaf } from '../explain/condition-tree.ts';
import type { SelectiveField } from './index-advice.ts';

/** Postgres uses an index for less than about this share of a table. */
const SELECTIVE_SHARE = 0.02;

/**
 * Fields of leaves that every member must satisfy: an index on one branch of an `or` does not spare the scan.
 * @param total contacts of the sample
 * @param holding how many of them satisfy a part
 */
export function selectiveFields(
  tree: ConditionTree,
  total: number,
  holding: (part: ConditionTree) => number,
): readonly SelectiveField[] {
  if (tree.kind === 'all')
    return tree.children.flatMap((child) =>
      child.kind === 'all' || child.kind === 'leaf' ? selectiveFields(child, total, holding) : [],
    );
  if (tree.kind !== 'leaf' || total === 0) return [];
  const field = indexableField(tree);
  return field && holding(tree) / total < SELECTIVE_SHARE ? [{ field, text: tree.text }] : [];
}

const never = (): undefined => undefined;

/** By kind of leaf: the operand that an index would serve; undefined where none would. */
const indexedOperands: PerKind<LeafCondition, [], Operand | undefined> = {
  constant: never,
  compare: ({ operator, left, right }) => (right.kind === 'literal' && operator !== '!=' ? left : undefined),
  compare_day: ({ operator, left }) => (operator === '!=' ? undefined : left),
  missing: never,
  empty: never,
  in: ({ operand }) => operand,
  text: ({ operator, fold, operand }) => (operator === 'equals' && !fold ? operand : undefined),
  array: never, // a plain index does not serve elements
  window: ({ operand }) => operand,
  period: ({ operand }) => operand,
  anniversary: never, // the day of the year is computed, so no plain index serves it
  some: never,
  segment: never,
  override: never,
};

/** The column that an index would serve: a plain column of contacts that the leaf compares as it stands. */
function indexableField({ condition, negated }: ExplainedLeaf): Field | undefined {
  if (negated) return undefined;
  const operand = byKind(indexedOperands, condition);
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

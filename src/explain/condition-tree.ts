/**
 * A condition as a tree of groups and leaves with their results. Leaves are numbered in order; who evaluates them hands
 * in an array of results. Groups are worked out here, which is exact because every leaf is true or false. Pure.
 */
import type { Condition } from '../condition/ast.ts';
import { describe } from '../condition/describe/describe.ts';

export type UngroupedCondition = Exclude<Condition, { readonly kind: 'and' | 'or' | 'not' }>;

export interface ExplainedLeaf {
  readonly kind: 'leaf';
  readonly index: number;
  readonly condition: UngroupedCondition;
  /** The condition holds where the leaf does not. */
  readonly negated: boolean;
  /** In English, the negation included. */
  readonly text: string;
}

export type ConditionTree =
  | ExplainedLeaf
  | { readonly kind: 'all' | 'any' | 'not'; readonly children: readonly ConditionTree[] };

export interface Outline {
  readonly root: ConditionTree;
  readonly leaves: readonly ExplainedLeaf[];
}

export function outlineOf(condition: Condition): Outline {
  const leaves: ExplainedLeaf[] = [];
  const leaf = (of: UngroupedCondition, negated: boolean): ExplainedLeaf => {
    const text = describe(negated ? { kind: 'not', child: of } : of);
    const made: ExplainedLeaf = { kind: 'leaf', index: leaves.length, condition: of, negated, text };
    leaves.push(made);
    return made;
  };
  const visit = (node: Condition): ConditionTree => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return { kind: node.kind === 'and' ? 'all' : 'any', children: node.children.map(visit) };
      case 'not': {
        const { child } = node;
        const isLeaf = (of: Condition): of is UngroupedCondition =>
          of.kind !== 'and' && of.kind !== 'or' && of.kind !== 'not';
        return isLeaf(child) ? leaf(child, true) : { kind: 'not', children: [visit(child)] };
      }
      default:
        return leaf(node, false);
    }
  };
  return { root: visit(condition), leaves };
}

/** @param held by leaf: whether its condition held, before any negation */
export function resultOf(tree: ConditionTree, held: readonly boolean[]): boolean {
  switch (tree.kind) {
    case 'leaf':
      return (held[tree.index] === true) !== tree.negated;
    case 'all':
      return tree.children.every((child) => resultOf(child, held));
    case 'any':
      return tree.children.some((child) => resultOf(child, held));
    case 'not':
      return !tree.children.every((child) => resultOf(child, held));
  }
}

/** The leaves whose change changed the whole: those reached through parts that changed, and no others. */
export function leavesThatChanged(
  tree: ConditionTree,
  before: readonly boolean[],
  after: readonly boolean[],
): readonly ExplainedLeaf[] {
  if (resultOf(tree, before) === resultOf(tree, after)) return [];
  return tree.kind === 'leaf' ? [tree] : tree.children.flatMap((child) => leavesThatChanged(child, before, after));
}

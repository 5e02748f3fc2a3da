/**
 * A condition as a tree of groups and leaves with their results. Leaves are numbered in order; a caller that evaluates
 * the leaves passes an array of results. Groups are computed here, which is exact because every leaf is true or false. Pure.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Condition, LeafCondition } from '../condition/ast.ts';
import { describe } from '../condition/describe/describe.ts';

function isLeaf(condition: Condition): condition is LeafCondition {
  return condition.kind !== 'and' && condition.kind !== 'or' && condition.kind !== 'not';
}

export interface ExplainedLeaf {
  readonly kind: 'leaf';
  readonly index: number;
  readonly condition: LeafCondition;
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

/** The tree of a condition. A negated leaf is one leaf, so that it reads as one sentence. */
export function outlineOf(condition: Condition): Outline {
  const leaves: ExplainedLeaf[] = [];
  const leaf = (of: LeafCondition, negated: boolean): ExplainedLeaf => {
    const text = describe(negated ? { kind: 'not', child: of } : of);
    const made: ExplainedLeaf = { kind: 'leaf', index: leaves.length, condition: of, negated, text };
    leaves.push(made);
    return made;
  };
  const visit = (node: Condition): ConditionTree => {
    if (isLeaf(node)) return leaf(node, false);
    switch (node.kind) {
      case 'and':
        return { kind: 'all', children: node.children.map(visit) };
      case 'or':
        return { kind: 'any', children: node.children.map(visit) };
      case 'not':
        return isLeaf(node.child) ? leaf(node.child, true) : { kind: 'not', children: [visit(node.child)] };
      default:
        return unreachable(node);
    }
  };
  return { root: visit(condition), leaves };
}

/** The result of a part. @param held by leaf: whether its condition held, before any negation */
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

/** The leaves whose change changed the whole: those that lie in parts that changed, and no others. */
export function leavesThatChanged(
  tree: ConditionTree,
  before: readonly boolean[],
  after: readonly boolean[],
): readonly ExplainedLeaf[] {
  if (resultOf(tree, before) === resultOf(tree, after)) return [];
  return tree.kind === 'leaf' ? [tree] : tree.children.flatMap((child) => leavesThatChanged(child, before, after));
}

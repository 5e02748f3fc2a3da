/**
 * A condition as a tree of groups and leaves with their results, by the rows in which it is written. Leaves are numbered in order; a
 * caller that evaluates the leaves passes an array of results. Groups are computed here, which is exact because every leaf is true or
 * false. Pure.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition, LeafCondition } from '../condition/ast.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import type { Wording } from '../condition/describe/describe-name.ts';
import { describe } from '../condition/describe/describe.ts';
import { choiceHolds, writtenRows, type WrittenKind, type WrittenRow } from '../condition/written-row.ts';
import type { VersionPlan } from '../followed/plan.ts';

export interface ExplainedLeaf {
  readonly kind: 'leaf';
  readonly index: number;
  /** JSON pointer into the condition of the row that it is, or is a part of; null for the base filter and overrides. */
  readonly pointer: string | null;
  readonly condition: LeafCondition;
  /** The condition holds where the leaf does not. */
  readonly negated: boolean;
  /** In English, the negation included. */
  readonly text: string;
}

export interface ExplainedGroup {
  readonly kind: Exclude<WrittenKind, 'leaf'>;
  readonly pointer: string | null;
  readonly children: readonly ConditionTree[];
}

export type ConditionTree = ExplainedLeaf | ExplainedGroup;

export interface Outline {
  readonly root: ConditionTree;
  readonly leaves: readonly ExplainedLeaf[];
}

/** The tree of a typed condition: what has no rows of its own. */
export function outlineOf(condition: Condition, wording: Wording): Outline {
  const leaves: ExplainedLeaf[] = [];
  return { root: treeOf(condition, null, leaves, wording), leaves };
}

/**
 * The tree of a version by its rows, behind the base filter and its overrides.
 * @param json what the plan was made of
 */
export function outlineOfPlan(catalogue: Catalogue, plan: VersionPlan, json: unknown): Outline {
  const { parts, timezone, kind, id, overrides, condition } = plan;
  if (kind !== 'dynamic' || json === null) return outlineOf(condition, catalogue);
  const leaves: ExplainedLeaf[] = [];
  const typed = (one: Condition): ConditionTree => treeOf(one, null, leaves, catalogue);
  const written = (row: WrittenRow): ConditionTree => {
    if (row.kind !== 'leaf') return { kind: row.kind, pointer: row.pointer, children: row.children.map(written) };
    const checked = checkCondition(row.json, { catalogue, timezone });
    if (!checked.ok) throw new Error('a row of a checked condition checks');
    return treeOf(checked.condition, row.pointer, leaves, catalogue);
  };
  const base = conjunctsOf(parts.base).map(typed);
  if (!overrides) return { root: behind(base, written(writtenRows(json))), leaves };
  const included = typed({ kind: 'override', override: 'include', segment: id });
  const excluded = typed({ kind: 'not', child: { kind: 'override', override: 'exclude', segment: id } });
  const own = behind([excluded], written(writtenRows(json)));
  return { root: behind(base, { kind: 'any', pointer: null, children: [included, own] }), leaves };
}

function conjunctsOf(base: Condition): readonly Condition[] {
  if (base.kind === 'constant' && base.value) return [];
  return base.kind === 'and' ? base.children : [base];
}

/** One list of what must hold, when the condition is one. */
function behind(first: readonly ConditionTree[], own: ConditionTree): ConditionTree {
  if (first.length === 0) return own;
  return own.kind === 'all'
    ? { ...own, children: [...first, ...own.children] }
    : { kind: 'all', pointer: null, children: [...first, own] };
}

function isLeaf(condition: Condition): condition is LeafCondition {
  return (
    condition.kind !== 'and' && condition.kind !== 'or' && condition.kind !== 'not' && condition.kind !== 'admitted'
  );
}

/** A negated leaf is one leaf, so that it reads as one sentence. */
function treeOf(
  condition: Condition,
  pointer: string | null,
  leaves: ExplainedLeaf[],
  wording: Wording,
): ConditionTree {
  const leaf = (of: LeafCondition, negated: boolean): ExplainedLeaf => {
    const text = describe(negated ? { kind: 'not', child: of } : of, wording);
    const made: ExplainedLeaf = { kind: 'leaf', index: leaves.length, pointer, condition: of, negated, text };
    leaves.push(made);
    return made;
  };
  const visit = (node: Condition): ConditionTree => {
    if (isLeaf(node)) return leaf(node, false);
    switch (node.kind) {
      case 'and':
        return { kind: 'all', pointer, children: node.children.map(visit) };
      case 'or':
        return { kind: 'any', pointer, children: node.children.map(visit) };
      case 'not':
        return isLeaf(node.child) ? leaf(node.child, true) : { kind: 'not', pointer, children: [visit(node.child)] };
      case 'admitted':
        return visit(node.where);
      default:
        return unreachable(node);
    }
  };
  return visit(condition);
}

/** The result of a part. @param held by leaf: whether its condition held, before any negation */
export function resultOf(tree: ConditionTree, held: readonly boolean[]): boolean {
  const holds = (child: ConditionTree): boolean => resultOf(child, held);
  switch (tree.kind) {
    case 'leaf':
      return (held[tree.index] === true) !== tree.negated;
    case 'all':
      return tree.children.every(holds);
    case 'any':
      return tree.children.some(holds);
    case 'not':
      return !tree.children.every(holds);
    case 'choice':
      return choiceHolds(tree.children, holds);
    default:
      return unreachable(tree);
  }
}

/** The leaves whose change changed the whole: those that lie in parts that changed, and no others. */
export function leavesThatChanged(
  tree: ConditionTree,
  before: readonly boolean[],
  after: readonly boolean[],
): readonly ExplainedLeaf[] {
  if (resultOf(tree, before) === resultOf(tree, after)) return [];
  if (tree.kind === 'leaf') return [tree];
  const decided = (held: readonly boolean[]): ReadonlySet<ConditionTree> =>
    new Set(tree.kind === 'choice' ? partsRead(tree.children, held) : tree.children);
  const read = new Set([...decided(before), ...decided(after)]);
  return tree.children.filter((child) => read.has(child)).flatMap((child) => leavesThatChanged(child, before, after));
}

/** Of tests and answers in turns: the tests up to the first that holds, and its answer. */
function partsRead(parts: readonly ConditionTree[], held: readonly boolean[]): readonly ConditionTree[] {
  const [test, answer, ...rest] = parts;
  if (test === undefined) return [];
  if (answer === undefined || resultOf(test, held)) return answer === undefined ? [test] : [test, answer];
  return [test, ...partsRead(rest, held)];
}

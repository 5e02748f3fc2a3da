/**
 * Simplifications that change nothing on any row, exact because every leaf is two-valued: groups of one, groups in
 * groups of the same kind, double negation, constants. The order of children stays as written.
 * Lowered `if`s share subtrees; shared in gives shared out, so the work is linear in what was written.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Condition, Operand } from './ast.ts';

const constant = (value: boolean): Condition => ({ kind: 'constant', value });

export function normalise(condition: Condition): Condition {
  return simplify(condition, new Map());
}

function simplify(condition: Condition, done: Map<Condition, Condition>): Condition {
  const known = done.get(condition);
  if (known) return known;
  const result = simplified(condition, done);
  done.set(condition, result);
  return result;
}

function simplified(condition: Condition, done: Map<Condition, Condition>): Condition {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return group(
        condition.kind,
        condition.children.map((child) => simplify(child, done)),
      );
    case 'not':
      return negated(simplify(condition.child, done));
    case 'some': {
      const where = simplify(condition.where, done);
      if (where.kind === 'constant' && !where.value) return where;
      return { ...condition, where };
    }
    case 'compare': {
      const right = condition.right.kind === 'literal' ? condition.right : operand(condition.right, done);
      return { ...condition, left: operand(condition.left, done), right };
    }
    case 'compare_day':
      return { ...condition, left: operand(condition.left, done) };
    case 'missing':
    case 'in':
      return { ...condition, operand: operand(condition.operand, done) };
    case 'text':
      return { ...condition, operand: operand(condition.operand, done) };
    case 'window':
    case 'period':
      return { ...condition, operand: operand(condition.operand, done) };
    case 'constant':
    case 'empty':
    case 'array':
    case 'anniversary':
    case 'segment':
    case 'override':
      return condition;
    default:
      return unreachable(condition);
  }
}

function group(kind: 'and' | 'or', children: readonly Condition[]): Condition {
  const neutral = kind === 'and';
  const flat: Condition[] = [];
  for (const child of children) {
    if (child.kind === 'constant') {
      if (child.value !== neutral) return child;
    } else if (child.kind === kind) flat.push(...child.children);
    else flat.push(child);
  }
  const [first] = flat;
  if (!first) return constant(neutral);
  return flat.length === 1 ? first : { kind, children: flat };
}

function negated(child: Condition): Condition {
  if (child.kind === 'not') return child.child;
  if (child.kind === 'constant') return constant(!child.value);
  return { kind: 'not', child };
}

function operand<O extends Operand>(value: O, done: Map<Condition, Condition>): O {
  if (value.kind !== 'aggregate' && value.kind !== 'pick') return value;
  return { ...value, where: simplify(value.where, done) };
}

/** Size of the tree as it would be written out, shared parts counted each time. Linear in the distinct nodes. */
export function measure(condition: Condition): { readonly nodes: number; readonly depth: number } {
  return sizeOf(condition, new Map());
}

interface Size {
  readonly nodes: number;
  readonly depth: number;
}

function sizeOf(condition: Condition, known: Map<Condition, Size>): Size {
  const before = known.get(condition);
  if (before) return before;
  const inner = childrenOf(condition).map((child) => sizeOf(child, known));
  const size = {
    nodes: inner.reduce((sum, child) => sum + child.nodes, 1),
    depth: inner.reduce((most, child) => Math.max(most, child.depth), 0) + 1,
  };
  known.set(condition, size);
  return size;
}

/** The conditions right inside one, the filters of its operands included. */
export function childrenOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.children;
    case 'not':
      return [condition.child];
    case 'some':
      return [condition.where];
    default:
      return operandsOf(condition).flatMap((value) =>
        value.kind === 'aggregate' || value.kind === 'pick' ? [value.where] : [],
      );
  }
}

/** The values that a leaf looks at; none for groups, `empty`, `array`, `anniversary` (those name a field). */
export function operandsOf(condition: Condition): readonly Operand[] {
  switch (condition.kind) {
    case 'compare':
      return condition.right.kind === 'literal' ? [condition.left] : [condition.left, condition.right];
    case 'compare_day':
      return [condition.left];
    case 'missing':
    case 'in':
    case 'text':
    case 'window':
    case 'period':
      return [condition.operand];
    default:
      return [];
  }
}

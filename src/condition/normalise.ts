/**
 * Simplifications that change nothing on any row, exact because every leaf is true or false: groups of one, groups in
 * groups of the same kind, double negation, constants. The order of children stays as written.
 * An `if` that was written out shares subtrees. Shared in gives shared out, so the work is linear in what was written.
 */
import type { Condition } from './ast.ts';
import { mapChildren } from './shape.ts';

export function normalise(condition: Condition): Condition {
  return simplify(condition, new Map());
}

function simplify(condition: Condition, done: Map<Condition, Condition>): Condition {
  const known = done.get(condition);
  if (known) return known;
  const result = simplified(mapChildren(condition, (child) => simplify(child, done)));
  done.set(condition, result);
  return result;
}

/** @param node whose children are simple already. A kind without a rule here is simple then, whatever it means. */
function simplified(node: Condition): Condition {
  if (node.kind === 'and' || node.kind === 'or') return simpleGroup(node.kind, node.children);
  if (node.kind === 'not') return negated(node.child);
  // No row satisfies `false`.
  if (node.kind === 'some' && node.where.kind === 'constant' && !node.where.value) return node.where;
  return node;
}

const constant = (value: boolean): Condition => ({ kind: 'constant', value });

function negated(child: Condition): Condition {
  if (child.kind === 'not') return child.child;
  return child.kind === 'constant' ? constant(!child.value) : { kind: 'not', child };
}

function simpleGroup(kind: 'and' | 'or', children: readonly Condition[]): Condition {
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

/**
 * Simplifications that change nothing on any row, exact because every leaf is true or false: groups of one, groups in
 * groups of the same kind, double negation, constants. The order of children stays as written.
 * An `if` that was written out shares subtrees. Shared in gives shared out, so the work is linear in what was written.
 */
import type { Condition } from './ast.ts';
import { byKind, type PerKind } from './kind.ts';
import { mapChildren } from './shape.ts';

export function normalise(condition: Condition): Condition {
  return simplify(condition, new Map());
}

function simplify(condition: Condition, done: Map<Condition, Condition>): Condition {
  const known = done.get(condition);
  if (known) return known;
  const result = byKind(
    rules,
    mapChildren(condition, (child) => simplify(child, done)),
  );
  done.set(condition, result);
  return result;
}

const constant = (value: boolean): Condition => ({ kind: 'constant', value });
const asItIs = (node: Condition): Condition => node;

/** What a node becomes whose children are simple already. */
const rules: PerKind<Condition, [], Condition> = {
  and: ({ children }) => simpleGroup('and', children),
  or: ({ children }) => simpleGroup('or', children),
  not({ child }) {
    if (child.kind === 'not') return child.child;
    return child.kind === 'constant' ? constant(!child.value) : { kind: 'not', child };
  },
  // No row satisfies `false`.
  some: (node) => (node.where.kind === 'constant' && !node.where.value ? node.where : node),
  constant: asItIs,
  compare: asItIs,
  compare_day: asItIs,
  missing: asItIs,
  empty: asItIs,
  in: asItIs,
  text: asItIs,
  array: asItIs,
  window: asItIs,
  period: asItIs,
  anniversary: asItIs,
  segment: asItIs,
  override: asItIs,
};

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

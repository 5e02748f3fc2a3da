/**
 * How many edges of time a condition makes at most (temporal/edge.ts makes them, equal ones once): a bound that can be known
 * before anything is compiled. Each is looked at when its day begins, and belongs to every statement that does that.
 */
import { ageRanges } from './age-range.ts';
import type { Condition } from './ast.ts';
import { childrenOf } from './normalise.ts';

export function countEdges(condition: Condition): number {
  let count = 0;
  // Lowered `if`s share subtrees.
  const seen = new Set<Condition>();
  const visit = (node: Condition): void => {
    if (seen.has(node)) return;
    seen.add(node);
    count += madeBy(node);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(condition);
  return count;
}

function madeBy(node: Condition): number {
  switch (node.kind) {
    case 'window':
      return node.operator === 'before_last' ? 1 : 2;
    case 'period':
    case 'anniversary':
      return 2;
    case 'compare':
      if (node.right.kind !== 'literal') return [node.left, node.right].filter((side) => side.kind === 'age').length;
      if (node.left.kind !== 'age') return 0;
      return node.operator === '==' || node.operator === '!=' ? 2 : 1;
    case 'in':
      return node.operand.kind === 'age' ? 2 * ageRanges(node.values.map(({ value }) => value)).length : 0;
    default:
      return 0;
  }
}

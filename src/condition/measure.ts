/** How large a condition is, for the limits: its nodes, its depth, its edges of time. Linear in the distinct nodes. */
import type { Condition } from './ast.ts';
import { childrenOf, shapeOf, walk } from './shape.ts';

export interface Size {
  readonly nodes: number;
  readonly depth: number;
}

/** Size of the tree as it would be written out, shared parts counted each time. */
export function measure(condition: Condition): Size {
  return sizeOf(condition, new Map());
}

function sizeOf(condition: Condition, known: Map<Condition, Size>): Size {
  const before = known.get(condition);
  if (before) return before;
  // What the catalogue adds to a filter is no part of what was written.
  const inner = childrenOf(condition)
    .filter((child) => child.condition.kind !== 'admitted')
    .map((child) => sizeOf(child.condition, known));
  const size = {
    nodes: inner.reduce((sum, child) => sum + child.nodes, 1),
    depth: inner.reduce((most, child) => Math.max(most, child.depth), 0) + 1,
  };
  known.set(condition, size);
  return size;
}

/**
 * How many edges of time a condition makes at most: a bound that is known before anything is compiled. temporal/edge.ts
 * makes them, equal ones once. An edge is swept when its day begins, by one statement that has an arm for each edge.
 */
export function countEdges(condition: Condition): number {
  let count = 0;
  walk(condition, (node) => {
    count += shapeOf(node).edges(node);
  });
  return count;
}

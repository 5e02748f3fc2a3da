/** What is true of each comparison operator. Pure data; the words are in describe/describe-leaf.ts. */
import type { Comparison } from './ast.ts';

export interface ComparisonShape {
  /** The operator that says the same with its sides swapped. */
  readonly swapped: Comparison;
  /** It asks for an order, which only numbers, dates and instants have. */
  readonly needsOrder: boolean;
}

export const comparisons = {
  '==': { swapped: '==', needsOrder: false },
  '!=': { swapped: '!=', needsOrder: false },
  '<': { swapped: '>', needsOrder: true },
  '<=': { swapped: '>=', needsOrder: true },
  '>': { swapped: '<', needsOrder: true },
  '>=': { swapped: '<=', needsOrder: true },
} as const satisfies Readonly<Record<Comparison, ComparisonShape>>;

/**
 * The two faces of a leaf. `positive` stands where the leaf must hold: a plain comparison with the column bare, which
 * may be NULL for a missing value (only `and`, `or`, WHERE, FILTER and WHEN stand above it, and they take NULL for
 * false). `negative` is its exact complement and never NULL. `not` is therefore never put around a predicate.
 */
import { empty, join, sql, type Fragment } from './fragment.ts';

export interface LeafSql {
  readonly positive: Fragment;
  readonly negative: Fragment;
}

export const TRUE: Fragment = sql`true`;
export const FALSE: Fragment = sql`false`;

export const always: LeafSql = { positive: TRUE, negative: FALSE };
export const never: LeafSql = { positive: FALSE, negative: TRUE };

export function complement(leaf: LeafSql): LeafSql {
  return { positive: leaf.negative, negative: leaf.positive };
}

/** `all` and `any` join predicates; one child stands alone, none is the neutral element. */
export function all(parts: readonly Fragment[]): Fragment {
  const [only] = parts;
  if (only === undefined) return TRUE;
  return parts.length === 1 ? only : sql`(${join(parts, sql` and `)})`;
}

export function any(parts: readonly Fragment[]): Fragment {
  const [only] = parts;
  if (only === undefined) return FALSE;
  return parts.length === 1 ? only : sql`(${join(parts, sql` or `)})`;
}

export function allOf(leaves: readonly LeafSql[]): LeafSql {
  return { positive: all(leaves.map((leaf) => leaf.positive)), negative: any(leaves.map((leaf) => leaf.negative)) };
}

export function anyOf(leaves: readonly LeafSql[]): LeafSql {
  return { positive: any(leaves.map((leaf) => leaf.positive)), negative: all(leaves.map((leaf) => leaf.negative)) };
}

/** A WHERE clause with a space before it, or nothing. */
export function where(filter: readonly Fragment[]): Fragment {
  return filter.length === 0 ? empty : sql` where ${join(filter, sql` and `)}`;
}

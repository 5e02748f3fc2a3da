/**
 * The scope of a relation's rows that stand in a level of their own. Such rows can be limited in number: a window over the level numbers
 * them, and a filter over the level asks for the number.
 */
import type { Field } from '../catalogue/catalogue.ts';
import type { Condition, ConditionOf } from '../condition/ast.ts';
import { limitOf } from '../condition/shape.ts';
import { integer, join, sql, type Fragment } from './fragment.ts';
import type { Layer } from './layer.ts';
import { all, type LeafSql } from './leaf.ts';
import { limitOrder } from './relation.ts';
import { rowScope, whereOf, type Rows, type RowScope } from './relation-rows.ts';
import type { SqlScope } from './scope.ts';

/** @param sight whether the contact's row is out of sight */
export function layerScope(
  outer: SqlScope,
  rows: Rows,
  layer: Layer,
  { apart = false }: { readonly apart?: boolean } = {},
): RowScope {
  const plain = rowScope(outer, rows, { raw: (column) => layer.raw(column), apart });
  const scope: RowScope = {
    ...plain,
    column: (field: Field) => layer.field(field, plain.column(field)),
    once: (expression) => layer.once(expression),
    related: { ...plain.related, among: (limit) => among(scope, layer.raw(rows.contact), layer, limit) },
  };
  return scope;
}

/**
 * One pass over the contact's rows numbers those that match: equal numbers for the ways of one row, so that it counts once. Rows that do
 * not match are numbered apart.
 * @param scope in which a leaf is its own text: leaves that are shared stand in a level above
 */
function among(scope: RowScope, contact: Fragment, layer: Layer, limit: ConditionOf<'among'>): LeafSql {
  const matches = whereOf(scope, limit.where);
  const parts = [contact, ...(matches.length === 0 ? [] : [sql`${all(matches)} is true`])];
  const order = limitOrder(scope, limit);
  const number = sql`dense_rank() over (partition by ${join(parts, sql`, `)} order by ${order})`;
  const rank = layer.window(limitsWithin(limit.where), number);
  return { positive: sql`${rank} <= ${integer(limit.count)}`, negative: sql`${rank} > ${integer(limit.count)}` };
}

/** How many limits stand inside one another. */
function limitsWithin(where: Condition): number {
  const { limit } = limitOf(where);
  return limit ? 1 + limitsWithin(limit.where) : 0;
}

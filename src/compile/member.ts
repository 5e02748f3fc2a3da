/**
 * The members of one segment as a plain query over the contacts: sargable WHERE, each question about related rows its
 * own subquery. For previews, first plans and selective conditions; over whole tables `rangeQuery` is cheaper where
 * aggregates are asked for.
 */
import { ident, integer, sql } from './fragment.ts';
import type { Leaf } from './leaf.ts';
import { correlated } from './relation.ts';
import type { Scope } from './scope.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';

const CONTACT = ident('c');

/** The contact's row is `c`; nothing is shared, constants stand where they are used so that the planner sees them. */
export function plainScope(catalogue: Catalogue, timezone: string, segmentId: (key: string) => number): Scope {
  const key = sql`${CONTACT}.${ident(catalogue.contacts.key.column)}`;
  return {
    catalogue,
    timezone,
    column: (field) => sql`${CONTACT}.${ident(field.column)}`,
    once: (expression) => expression,
    constant: (expression) => expression,
    leaf: (leaf) => leaf,
    related: correlated(key),
    member(segment): Leaf {
      const row = sql`exists (select from segmentd.membership m where m.segment_id = ${integer(segmentId(segment))} and m.contact_id = ${key})`;
      return { positive: row, negative: sql`not ${row}` };
    },
  };
}

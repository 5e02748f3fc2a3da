/**
 * Where a condition is read for one contact: the row `c` of the contacts table, and a subquery for each use of related
 * rows. Leaves share nothing, so each leaf can be read alone. This is expensive for many contacts and right for one. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { correlated, countOf } from '../compile/correlated.ts';
import { ident, integer, literal, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { LeafSql } from '../compile/leaf.ts';
import { pastLeaf } from '../compile/past-leaf.ts';
import { existence } from '../compile/relation.ts';
import { rowsOf } from '../compile/relation-rows.ts';
import type { Related, SqlScope } from '../compile/scope.ts';
import { contactColumn } from '../compile/to-one-column.ts';
import type { Condition } from '../condition/ast.ts';
import { limitOf } from '../condition/shape.ts';

export const CONTACT: Fragment = sql`c`;

/** The key of the contact in scope. */
export function contactKey(catalogue: Catalogue): Fragment {
  return sql`${CONTACT}.${ident(catalogue.contacts.key.column)}`;
}

/** The contacts table under the alias of the scope. */
export function contactTable(catalogue: Catalogue): Fragment {
  return sql`${tableName(catalogue.contacts.table)} as ${CONTACT}`;
}

/**
 * The scope of one contact.
 * @param others the verdicts on other segments
 * @param standing a condition on an override `w`: only overrides that satisfy it count; by default all do
 */
export function contactScope(
  catalogue: Catalogue,
  timezone: string,
  others: Pick<SqlScope, 'member' | 'past'>,
  standing: Fragment = sql`true`,
): SqlScope {
  return {
    catalogue,
    timezone,
    column: (field) => contactColumn({ catalogue, timezone }, CONTACT, field),
    once: (expression) => expression,
    constant: (expression) => expression,
    leaf: (leaf) => leaf,
    related: subqueries(catalogue),
    ...others,
    override(segment, kind): LeafSql {
      const row = sql`exists (select from segmentd.override w where w.segment_id = ${integer(segment)} and w.contact_id = ${contactKey(catalogue)}
        and w.kind = ${literal(kind)} and ${standing})`;
      return { positive: row, negative: sql`not ${row}` };
    },
  };
}

/** Other segments as they are stored. */
export function storedMembership(
  catalogue: Catalogue,
  segmentId: (key: string) => number,
): Pick<SqlScope, 'member' | 'past'> {
  const contact = contactKey(catalogue);
  return {
    member(key): LeafSql {
      const row = sql`exists (select from segmentd.membership m where m.segment_id = ${integer(segmentId(key))} and m.contact_id = ${contact})`;
      return { positive: row, negative: sql`not ${row}` };
    },
    past: (leaf) => pastLeaf(leaf, { segment: integer(segmentId(leaf.key)), contact }),
  };
}

/** How many rows of the relation the contact has that satisfy `where`. */
export function countRows(scope: SqlScope, relation: string, condition: Condition): Fragment {
  const { catalogue } = scope;
  return countOf(scope, rowsOf(catalogue, relation, 0), () => contactKey(catalogue), condition);
}

function subqueries(catalogue: Catalogue): Related {
  const related = correlated(() => contactKey(catalogue), false);
  const exists = existence(CONTACT, catalogue);
  return {
    ...related,
    some: (scope, relation, condition) =>
      (limitOf(condition).limit ? related : { some: exists }).some(scope, relation, condition),
  };
}

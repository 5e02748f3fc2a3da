/**
 * Where a condition is read for one contact: the row `c` of the contacts table, and a subquery for each use of related
 * rows. Leaves share nothing, so each leaf can be read alone. This is expensive for many contacts and right for one. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, literal, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { LeafSql } from '../compile/leaf.ts';
import { pastLeaf } from '../compile/past-leaf.ts';
import { aggregateCalls, aggregateScalar, existence, pickParts, type Call } from '../compile/relation.ts';
import { operandDepth, rowScope, rowsOf, whereOf, type Rows } from '../compile/relation-rows.ts';
import type { Related, SqlScope } from '../compile/scope.ts';
import { contactColumn } from '../compile/to-one-column.ts';
import type { Condition } from '../condition/ast.ts';

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
    column: (field) => contactColumn(catalogue, CONTACT, field),
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
export function countRows(scope: SqlScope, relation: string, where: Condition): Fragment {
  const rows = rowsOf(scope.catalogue, relation, 0);
  return select(rows, contactKey(scope.catalogue), sql`count(*)`, whereOf(rowScope(scope, rows), where));
}

function select(rows: Rows, key: Fragment, what: Fragment, filter: readonly Fragment[]): Fragment {
  return sql`(select ${what} ${rows.of({ filter: (contact) => [sql`${contact} = ${key}`] }, filter)})`;
}

function subqueries(catalogue: Catalogue): Related {
  const key = contactKey(catalogue);
  return {
    some: existence(CONTACT, catalogue),
    aggregate(scope, operand) {
      const rows = rowsOf(scope.catalogue, operand.relation, operandDepth(scope.catalogue, operand));
      const compute = ({ call, filter }: Call): Fragment => select(rows, key, call, filter);
      return aggregateScalar(operand, aggregateCalls(rowScope(scope, rows), operand), compute);
    },
    pick(scope, operand) {
      const rows = rowsOf(scope.catalogue, operand.relation, operandDepth(scope.catalogue, operand));
      const { type, value, citext, filter, order } = pickParts(rowScope(scope, rows), operand);
      const first = sql`(${select(rows, key, sql`array_agg(${value} order by ${order})`, filter)})[1]`;
      return { type, value: first, nullable: true, computed: true, ...(citext ? { citext } : {}) };
    },
  };
}

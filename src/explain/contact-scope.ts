/**
 * Where a condition is read for one contact: the row `c` of the contacts table, and a subquery for each use of related
 * rows. Leaves share nothing, so each leaf can be read alone. This is expensive for many contacts and right for one. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, literal, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { where, type LeafSql } from '../compile/leaf.ts';
import { aggregateCalls, aggregateScalar, existence, pickParts, type Call } from '../compile/relation.ts';
import { NESTED, operandDepth, rowsOf, someDepth, whereOf } from '../compile/relation-rows.ts';
import { nothingShared, RelationLayer } from '../compile/shared.ts';
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
 * @param member the verdict of `in_segment`
 * @param standing a condition on an override `w`: only overrides that satisfy it count; by default all do
 */
export function contactScope(
  catalogue: Catalogue,
  timezone: string,
  member: (key: string) => LeafSql,
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
    member,
    override(segment, kind): LeafSql {
      const row = sql`exists (select from segmentd.override w where w.segment_id = ${integer(segment)} and w.contact_id = ${contactKey(catalogue)}
        and w.kind = ${literal(kind)} and ${standing})`;
      return { positive: row, negative: sql`not ${row}` };
    },
  };
}

/** How many rows of the relation the contact has that satisfy `where`. */
export function countRows(scope: SqlScope, relation: string, condition: Condition): Fragment {
  const { rows, key } = rowsOfContact(scope, relation, 0);
  return select(rows, key, sql`count(*)`, whereOf(rows.scope(scope), condition));
}

function rowsOfContact(scope: SqlScope, relation: string, depth: number) {
  const { catalogue } = scope;
  return { rows: new RelationLayer(rowsOf(catalogue, relation, depth), 0, nothingShared), key: contactKey(catalogue) };
}

/** One subquery. What the rows are asked for is known by then, so that it has the columns and windows that the filter reads. */
function select(layer: RelationLayer, key: Fragment, what: Fragment, filter: readonly Fragment[]): Fragment {
  const rows = layer.layer.from(layer.rows.of({ filter: (contact) => [sql`${contact} = ${key}`] }));
  return sql`(select ${what} from ${rows}${where(filter)})`;
}

function subqueries(catalogue: Catalogue): Related {
  const exists = existence(CONTACT, catalogue);
  return {
    ...NESTED,
    some(scope, relation, condition) {
      if (!limitOf(condition).limit) return exists(scope, relation, condition);
      const { rows, key } = rowsOfContact(scope, relation, someDepth(catalogue, relation, condition));
      const count = select(rows, key, sql`count(*)`, whereOf(rows.scope(scope), condition));
      return { positive: sql`${count} > 0`, negative: sql`${count} = 0` };
    },
    aggregate(scope, operand) {
      const { rows, key } = rowsOfContact(scope, operand.relation, operandDepth(catalogue, operand));
      const compute = ({ call, filter }: Call): Fragment => select(rows, key, call, filter);
      return aggregateScalar(operand, aggregateCalls(rows.scope(scope), operand), compute);
    },
    pick(scope, operand) {
      const { rows, key } = rowsOfContact(scope, operand.relation, operandDepth(catalogue, operand));
      const { type, value, citext, filter, order } = pickParts(rows.scope(scope), operand);
      const first = sql`(${select(rows, key, sql`array_agg(${value} order by ${order})`, filter)})[1]`;
      return { type, value: first, nullable: true, computed: true, ...(citext ? { citext } : {}) };
    },
  };
}

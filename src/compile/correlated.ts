/**
 * Related rows as a subquery for each use, correlated by the key of the contact: where the rows of one contact are read, and for rows of
 * a relation inside the rows of another. Postgres turns existence into a semi or an anti join where that is cheaper.
 */
import type { AggregateOperand } from '../condition/ast.ts';
import { readOfRows } from '../condition/row-read.ts';
import { sql, type Fragment } from './fragment.ts';
import { where } from './leaf.ts';
import { aggregateCalls, aggregateScalar, pickParts, type Call } from './relation.ts';
import {
  EVERY_ROW,
  NESTED,
  operandDepth,
  rowScope,
  rowsOf,
  whereOf,
  type Rows,
  type RowScope,
} from './relation-rows.ts';
import type { Related, SqlScope } from './scope.ts';

/** `what` over the rows of one contact for which all of `filter` hold, as a subquery. */
export function selectOf(rows: Rows, key: Fragment, what: Fragment, filter: readonly Fragment[]): Fragment {
  return sql`(select ${what} ${rows.of({ filter: (contact) => [sql`${contact} = ${key}`] }, filter)})`;
}

/** Related rows of the contact with that key. @param nested whether the scope is that of another relation's rows */
export function correlated(key: () => Fragment, nested: boolean): Related {
  return {
    some(scope, relation, condition) {
      const rows = rowsOf(scope.catalogue, relation, undefined, nested);
      const filter = [sql`${rows.contact} = ${key()}`, ...whereOf(rowScope(scope, rows), condition)];
      const rowsExist = sql`exists (select from ${rows.from}${where(filter)})`;
      return { positive: rowsExist, negative: sql`not ${rowsExist}` };
    },
    aggregate(scope, operand) {
      const rows = rowsOf(scope.catalogue, operand.relation, operandDepth(scope.catalogue, operand), nested);
      const compute = ({ call, filter }: Call): Fragment => selectOf(rows, key(), call, filter);
      return aggregateScalar(operand, aggregateCalls(ofTheseRows(scope, rows, operand), operand), compute);
    },
    pick(scope, operand) {
      const rows = rowsOf(scope.catalogue, operand.relation, operandDepth(scope.catalogue, operand), nested);
      const { type, value, citext, filter, order } = pickParts(rowScope(scope, rows), operand);
      const first = sql`(${selectOf(rows, key(), sql`array_agg(${value} order by ${order})`, filter)})[1]`;
      return { type, value: first, nullable: true, computed: true, ...(citext ? { citext } : {}) };
    },
    inside: (inner) => (nested ? NESTED : correlated(inner, true)),
  };
}

/**
 * The scope of the rows that an aggregate is over. SQL takes an aggregate over columns of a query around for an aggregate of that query, so
 * a value that is made of rows around alone is made to depend on the row.
 */
function ofTheseRows(scope: SqlScope, rows: Rows, operand: AggregateOperand): RowScope {
  const inner = rowScope(scope, rows);
  if (operand.function === 'count' || readOfRows({ ...operand, where: EVERY_ROW }).own.size > 0) return inner;
  const dependent = (of: Fragment): Fragment => sql`(case when ${rows.contact} is not null then ${of} end)`;
  return { ...inner, column: (field) => dependent(inner.column(field)) };
}

/** Rows of a relation inside the rows of another. @param key the key of the contact, as a column of the rows around */
export function insideRows(key: () => Fragment): Related {
  return correlated(key, true);
}

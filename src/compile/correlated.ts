/**
 * Related rows as a subquery for each use, correlated by the key of the contact: where the rows of one contact are read, and for rows of
 * a relation inside the rows of another. Postgres turns existence into a semi or an anti join where that is cheaper.
 */
import type { AggregateOperand, Condition } from '../condition/ast.ts';
import { readOfRows } from '../condition/row-read.ts';
import { limitOf } from '../condition/shape.ts';
import { sql, type Fragment } from './fragment.ts';
import { Layer } from './layer.ts';
import { layerScope } from './layer-scope.ts';
import { where } from './leaf.ts';
import { aggregateCalls, aggregateScalar, countCall, pickParts, type Call } from './relation.ts';
import { EVERY_ROW, operandDepth, rowScope, rowsOf, whereOf, type Rows, type RowScope } from './relation-rows.ts';
import { NESTED } from './row-alone.ts';
import type { Related, SqlScope } from './scope.ts';

/** The rows of one contact as a subquery. */
interface Subquery {
  readonly scope: RowScope;
  /** `what` over the rows for which all of `filter` hold. Called when the scope was asked for all that both read. */
  readonly select: (what: Fragment, filter: readonly Fragment[]) => Fragment;
}

/** Rows that are limited in number stand in a level of their own, which numbers them. Other rows need none. */
function subquery(scope: SqlScope, rows: Rows, key: () => Fragment, condition: Condition): Subquery {
  const ofContact = { filter: (contact: Fragment) => [sql`${contact} = ${key()}`] };
  if (!limitOf(condition).limit)
    return {
      scope: rowScope(scope, rows),
      select: (what, filter) => sql`(select ${what} ${rows.of(ofContact, filter)})`,
    };
  const layer = new Layer(rows.nested ? 'i0' : 't0', false);
  return {
    scope: { ...layerScope(scope, rows, layer), leaf: (leaf) => leaf },
    select: (what, filter) => sql`(select ${what} from ${layer.from(rows.of(ofContact))}${where(filter)})`,
  };
}

/** How many rows of the relation the contact with that key has that satisfy the condition. */
export function countOf(scope: SqlScope, rows: Rows, key: () => Fragment, condition: Condition): Fragment {
  const { scope: inner, select } = subquery(scope, rows, key, condition);
  const { call, filter } = countCall(inner, condition);
  return select(call, filter);
}

/** Related rows of the contact with that key. @param nested whether the scope is that of another relation's rows */
export function correlated(key: () => Fragment, nested: boolean): Related {
  return {
    ...NESTED,
    some(scope, relation, condition) {
      const rows = rowsOf(scope.catalogue, relation, undefined, nested);
      if (limitOf(condition).limit) {
        const count = countOf(scope, rows, key, condition);
        return { positive: sql`${count} > 0`, negative: sql`${count} = 0` };
      }
      const filter = [sql`${rows.contact} = ${key()}`, ...whereOf(rowScope(scope, rows), condition)];
      const rowsExist = sql`exists (select from ${rows.from}${where(filter)})`;
      return { positive: rowsExist, negative: sql`not ${rowsExist}` };
    },
    aggregate(scope, operand) {
      const rows = rowsOf(scope.catalogue, operand.relation, operandDepth(scope.catalogue, operand), nested);
      const { scope: inner, select } = subquery(scope, rows, key, operand.where);
      const compute = ({ call, filter }: Call): Fragment => select(call, filter);
      return aggregateScalar(operand, aggregateCalls(ofTheseRows(inner, rows, operand), operand), compute);
    },
    pick(scope, operand) {
      const rows = rowsOf(scope.catalogue, operand.relation, operandDepth(scope.catalogue, operand), nested);
      const { scope: inner, select } = subquery(scope, rows, key, operand.where);
      const { type, value, citext, filter, order } = pickParts(inner, operand);
      const first = sql`(${select(sql`array_agg(${value} order by ${order})`, filter)})[1]`;
      return { type, value: first, nullable: true, computed: true, ...(citext ? { citext } : {}) };
    },
    inside: (inner) => (nested ? NESTED : correlated(inner, true)),
  };
}

/**
 * The scope of the rows that an aggregate is over. SQL takes an aggregate over columns of a query around for an aggregate of that query, so
 * a value that is made of rows around alone is made to depend on the row. The columns of a level are its own.
 */
function ofTheseRows(inner: RowScope, rows: Rows, operand: AggregateOperand): RowScope {
  if (operand.function === 'count' || limitOf(operand.where).limit) return inner;
  if (readOfRows({ ...operand, where: EVERY_ROW }).own.size > 0) return inner;
  const dependent = (of: Fragment): Fragment => sql`(case when ${rows.contact} is not null then ${of} end)`;
  return { ...inner, column: (field) => dependent(inner.column(field)) };
}

/** Rows of a relation inside the rows of another. @param key the key of the contact, as a column of the rows around */
export function insideRows(key: () => Fragment): Related {
  return correlated(key, true);
}

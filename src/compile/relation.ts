/**
 * What is asked of a relation's rows. Makes the parts (call, filter, order); the strategies put them together: a subquery
 * each (below) or aggregates shared by all segments (shared.ts).
 */
import type { AggregateOperand, Condition, PickOperand } from '../condition/ast.ts';
import { summable } from './compare.ts';
import { sql, type Fragment } from './fragment.ts';
import { all, where as whereAll, type LeafSql } from './leaf.ts';
import { rowScope, rowsOf, whereOf, type RowScope } from './rows.ts';
import { fieldScalar, hasNan, isNan, type Citext, type Scalar } from './scalar.ts';
import type { Related } from './scope.ts';

/** `call` over the rows for which all of `filter` hold. */
export interface Call {
  readonly call: Fragment;
  readonly filter: readonly Fragment[];
}

export function countCall(scope: RowScope, where: Condition): Call {
  return { call: sql`count(*)`, filter: whereOf(scope, where) };
}

export interface AggregateCalls {
  readonly type: Scalar['type'];
  readonly value: Call;
  /** Number of values that an average is over. */
  readonly over?: Call;
  /** The values may be infinite: infinity less infinity is NaN, which is missing. */
  readonly unbounded?: true;
}

/** Aggregates skip NULLs by themselves and NaN by the filter. */
export function aggregateCalls(scope: RowScope, operand: AggregateOperand): AggregateCalls {
  if (operand.function === 'count') return { type: 'integer', value: countCall(scope, operand.where) };
  if (operand.field === undefined) throw new Error(`${operand.function} needs a field`);
  const scalar = fieldScalar(scope, operand.field);
  const filter = [...whereOf(scope, operand.where), ...(hasNan(scalar) ? [sql`not (${isNan(scalar.value)})`] : [])];
  const total: AggregateCalls = {
    type: 'numeric',
    value: { call: sql`sum(${summable(scalar)})`, filter },
    ...(hasNan(scalar) ? { unbounded: true } : {}),
  };
  switch (operand.function) {
    case 'sum':
      return total;
    case 'avg':
      return { ...total, over: { call: sql`count(${scalar.value})`, filter } };
    case 'min':
      return { type: scalar.type, value: { call: sql`min(${scalar.value})`, filter } };
    case 'max':
      return { type: scalar.type, value: { call: sql`max(${scalar.value})`, filter } };
  }
}

export interface PickParts {
  readonly type: Scalar['type'];
  readonly value: Fragment;
  readonly citext?: Citext;
  readonly filter: readonly Fragment[];
  readonly order: Fragment;
}

/**
 * In the order of time, rows without a time last. Of rows at the same time, `first` takes the least value and `last` the
 * greatest, text by code point, and a missing value only where no other is. NaN is missing.
 */
export function pickParts(scope: RowScope, operand: PickOperand): PickParts {
  const scalar = fieldScalar(scope, operand.field);
  const time = fieldScalar(scope, operand.time);
  const value = hasNan(scalar) ? sql`nullif(${scalar.value}, 'NaN')` : scalar.value;
  const tie = scalar.type === 'text' ? sql`${value}${scalar.citext ? sql`::text` : sql``} collate "C"` : value;
  const order =
    operand.which === 'first' ? sql`${time.value}, ${tie}` : sql`${time.value} desc nulls last, ${tie} desc nulls last`;
  return {
    type: scalar.type,
    value,
    filter: whereOf(scope, operand.where),
    order,
    ...(scalar.citext ? { citext: scalar.citext } : {}),
  };
}

/** Scalars of the parts, whichever way they were computed: `sum` of no rows is 0, an average is never divided. */
export function aggregateScalar(
  operand: AggregateOperand,
  calls: AggregateCalls,
  compute: (call: Call) => Fragment,
): Scalar {
  const { type, unbounded = false } = calls;
  const computed = true;
  const of = compute(calls.value);
  if (operand.function === 'count') return { type, value: of, nullable: false, computed };
  const whole = operand.function === 'sum' ? sql`coalesce(${of}, 0)` : of;
  const nullable = operand.function !== 'sum' || unbounded;
  const over = calls.over ? { over: compute(calls.over) } : {};
  return { type, value: unbounded ? sql`nullif(${whole}, 'NaN')` : whole, nullable, computed, ...over };
}

/**
 * Existence of related rows as a subquery correlated by the contact's key; the planner turns it into a join where that
 * is cheaper. `also` narrows the rows by what is known of the key.
 */
export function existence(key: Fragment, also: (contact: Fragment) => readonly Fragment[]): Related['some'] {
  return (scope, relation, condition): LeafSql => {
    const rows = rowsOf(scope.catalogue, relation);
    const where = [sql`${rows.contact} = ${key}`, ...also(rows.contact), ...whereOf(rowScope(scope, rows), condition)];
    const rowsExist = sql`exists (select from ${rows.from}${whereAll(where)})`;
    return { positive: rowsExist, negative: sql`not ${rowsExist}` };
  };
}

/** Filter of an aggregate call, or nothing. */
export function filtered({ call, filter }: Call): Fragment {
  return filter.length === 0 ? call : sql`${call} filter (where ${all(filter)})`;
}

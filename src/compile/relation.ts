/**
 * What a statement computes of a relation's rows: existence, aggregates, the first or last value. Makes the parts (call,
 * filter, order). The statement puts the parts together: as a subquery each, or as aggregates that all segments share
 * (shared.ts).
 */
import { CONTACT, type Catalogue } from '../catalogue/catalogue.ts';
import { originOf } from '../catalogue/to-one-relation.ts';
import { aggregateShape } from '../condition/aggregate.ts';
import type {
  AggregateOperand,
  Condition,
  ConditionOf,
  FieldAggregateOperand,
  PickName,
  PickOperand,
} from '../condition/ast.ts';
import { readOfRow } from '../condition/row-read.ts';
import { summable } from './compare-leaf.ts';
import { ident, join, sql, type Fragment } from './fragment.ts';
import { all, where as whereAll, type LeafSql } from './leaf.ts';
import { linked } from './link.ts';
import { operandScalar } from './predicate.ts';
import { outwardRows, rowScope, rowsOf, whereOf, type RowScope } from './relation-rows.ts';
import { fieldScalar, hasNan, isNan } from './scalar.ts';
import type { Citext, Scalar } from './scalar-type.ts';
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

type Filter = readonly Fragment[];

function sumCalls(of: Scalar, filter: Filter): AggregateCalls {
  const value = { call: sql`sum(${summable(of)})`, filter };
  return { type: 'numeric', value, ...(hasNan(of) ? { unbounded: true } : {}) };
}

/** The calls for each function over the values of a field. */
const fieldAggregateCalls: Readonly<
  Record<FieldAggregateOperand['function'], (of: Scalar, filter: Filter) => AggregateCalls>
> = {
  count_distinct: (of, filter) => ({ type: 'integer', value: { call: sql`count(distinct ${of.value})`, filter } }),
  sum: sumCalls,
  avg: (of, filter) => ({ ...sumCalls(of, filter), over: { call: sql`count(${of.value})`, filter } }),
  min: (of, filter) => ({ type: of.type, value: { call: sql`min(${of.value})`, filter } }),
  max: (of, filter) => ({ type: of.type, value: { call: sql`max(${of.value})`, filter } }),
};

/** Aggregates skip NULL by themselves and NaN by the filter. */
export function aggregateCalls(scope: RowScope, operand: AggregateOperand): AggregateCalls {
  if (operand.function === 'count') return { type: 'integer', value: countCall(scope, operand.where) };
  const of = operand.field ? fieldScalar(scope, operand.field) : operandScalar(scope, operand.of);
  const filter = [...whereOf(scope, operand.where), ...(hasNan(of) ? [sql`not (${isNan(of.value)})`] : [])];
  return fieldAggregateCalls[operand.function](of, filter);
}

export interface PickParts {
  readonly type: Scalar['type'];
  readonly value: Fragment;
  readonly citext?: Citext;
  readonly filter: readonly Fragment[];
  readonly order: Fragment;
}

const pickOrder: Readonly<Record<PickName, (time: Fragment, tie: Fragment) => Fragment>> = {
  first: (time, tie) => sql`${time}, ${tie}`,
  last: (time, tie) => sql`${time} desc nulls last, ${tie} desc nulls last`,
};

/**
 * In the order of time, rows without a time last. Of rows at the same time, `first` takes the least value and `last` the
 * greatest, text by code point, and a missing value only where no other is. NaN is missing.
 */
export function pickParts(scope: RowScope, operand: PickOperand): PickParts {
  const scalar = fieldScalar(scope, operand.field);
  const time = fieldScalar(scope, operand.time);
  const value = hasNan(scalar) ? sql`nullif(${scalar.value}, 'NaN')` : scalar.value;
  const tie = scalar.type === 'text' ? sql`${value}${scalar.citext ? sql`::text` : sql``} collate "C"` : value;
  const order = pickOrder[operand.which](time.value, tie);
  return {
    type: scalar.type,
    value,
    filter: whereOf(scope, operand.where),
    order,
    ...(scalar.citext ? { citext: scalar.citext } : {}),
  };
}

/** The order of rows by time, then by key. Rows without a time come last. */
export function limitOrder(scope: RowScope, { which, time, rowKey }: ConditionOf<'among'>): Fragment {
  const by = [time, ...rowKey].map((field) => {
    const { type, value } = fieldScalar(scope, field);
    const of = type === 'text' ? sql`${value} collate "C"` : value;
    return which === 'newest' ? sql`${of} desc nulls last` : sql`${of} nulls last`;
  });
  return join(by, sql`, `);
}

/** The value of the calls, whichever way `compute` runs them. A sum of no rows is 0; an average is never divided. */
export function aggregateScalar(
  operand: AggregateOperand,
  calls: AggregateCalls,
  compute: (call: Call) => Fragment,
): Scalar {
  const { type, unbounded = false } = calls;
  const computed = true;
  const of = compute(calls.value);
  // A count of no rows is 0 by itself.
  if (operand.function === 'count') return { type, value: of, nullable: false, computed };
  const isZero = aggregateShape(operand.function).onNoRows === 'zero';
  const whole = isZero ? sql`coalesce(${of}, 0)` : of;
  const over = calls.over ? { over: compute(calls.over) } : {};
  return {
    type,
    value: unbounded ? sql`nullif(${whole}, 'NaN')` : whole,
    nullable: !isZero || unbounded,
    computed,
    ...over,
  };
}

/**
 * Existence of related rows as a subquery correlated by the contact's key, or by the column of the contact that refers to them; the
 * planner turns it into a join where that is cheaper.
 * @param contact alias of the contact's row @param also narrows the rows by what is known of the key
 */
export function existence(
  contact: Fragment,
  catalogue: Catalogue,
  also: (contact: Fragment) => readonly Fragment[] = () => [],
): Related['some'] {
  const column = (name: string): Fragment => sql`${contact}.${ident(name)}`;
  return (scope, relation, condition): LeafSql => {
    const { own, relations } = readOfRow(condition);
    // Rows of another relation are found by the key, which such rows do not have.
    const needsContact =
      relations.size > 0 || [...own].some((field) => originOf(catalogue, relation, field) === CONTACT);
    const outward = needsContact ? undefined : outwardRows(catalogue, relation);
    const rows = outward?.rows ?? rowsOf(catalogue, relation);
    const link = outward
      ? [linked(outward.link, column(outward.link.target), rows.contact)]
      : [sql`${rows.contact} = ${column(catalogue.contacts.key.column)}`, ...also(rows.contact)];
    const where = [...link, ...whereOf(rowScope(scope, rows), condition)];
    const rowsExist = sql`exists (select from ${rows.from}${whereAll(where)})`;
    return { positive: rowsExist, negative: sql`not ${rowsExist}` };
  };
}

/** Filter of an aggregate call, or nothing. */
export function filtered({ call, filter }: Call): Fragment {
  return filter.length === 0 ? call : sql`${call} filter (where ${all(filter)})`;
}

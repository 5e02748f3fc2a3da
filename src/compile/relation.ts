/**
 * Rows of a relation and what is asked of them. A relation's rows are `r0`, the rows it goes through `r1`, `r2` …, the
 * last of which carries the contact. Makes the parts (rows, link, call, filter); the strategies put them together: a
 * subquery each (below) or aggregates shared by all segments (shared.ts).
 */
import { relationPath, type Catalogue, type Relation } from '../catalogue/catalogue.ts';
import type { AggregateOperand, Condition, PickOperand } from '../condition/ast.ts';
import { summable } from './compare.ts';
import { ident, join, sql, tableName, type Fragment } from './fragment.ts';
import { all, TRUE, type Leaf } from './leaf.ts';
import { predicate } from './predicate.ts';
import { equality, fieldScalar, hasNan, isNan, type Citext, type Scalar } from './scalar.ts';
import type { Related, Scope } from './scope.ts';

export interface Rows {
  readonly from: Fragment;
  /** The column that equals the contact's key. */
  readonly contact: Fragment;
  /** Alias of the rows of each relation on the path. */
  readonly alias: ReadonlyMap<string, Fragment>;
}

export function rowsOf(catalogue: Catalogue, relation: string): Rows {
  const path = relationPath(catalogue, relation);
  const alias = new Map(path.map((hop, index) => [hop.name, ident(`r${index}`)]));
  const aliasOf = (hop: Relation): Fragment => alias.get(hop.name) ?? ident(hop.name);
  const joined = path.map((hop, index) => {
    const before = path[index - 1];
    const table = sql`${tableName(hop.table)} as ${aliasOf(hop)}`;
    if (before === undefined) return table;
    if (before.link.kind !== 'through') throw new Error(`${before.name} goes through nothing`);
    const { target, column } = before.link;
    return sql`join ${table} on ${linked(before.link, sql`${aliasOf(hop)}.${ident(target)}`, sql`${aliasOf(before)}.${ident(column)}`)}`;
  });
  const last = path.at(-1);
  if (last === undefined) throw new Error(`relation ${relation} has no rows`);
  return { from: join(joined, sql` `), contact: sql`${aliasOf(last)}.${ident(last.link.column)}`, alias };
}

/** A row's link leads to a row in the middle. */
export function linked({ citext }: { readonly citext?: string }, target: Fragment, link: Fragment): Fragment {
  return equality(citext === undefined ? {} : { citext: { schema: citext, type: 'citext' } }, target, link);
}

/** What leads to a contact can be a key: a link may be NULL, or wider than the key, and one odd row must not stop the others. */
export function canBeKey({ contacts }: Catalogue, contact: Fragment): Fragment {
  return contacts.key.type === 'integer' ? sql`${contact} between -2147483648 and 2147483647` : sql`${contact} is not null`;
}

/** The scope of a relation's rows: their fields by alias, and nothing that needs another relation. */
export function rowScope(outer: Scope, rows: Rows): Scope {
  return {
    ...outer,
    column(field) {
      const alias = rows.alias.get(field.owner);
      if (alias === undefined) throw new Error(`${field.owner}.${field.name} is not in scope`);
      return sql`${alias}.${ident(field.column)}`;
    },
    once: (expression) => expression,
    leaf: (leaf) => leaf,
    related: NESTED,
  };
}

/** Where no relation may be asked for. */
export const NESTED: Related = {
  some: () => {
    throw new Error('a relation inside a relation is refused by the checker');
  },
  aggregate: () => {
    throw new Error('an aggregate inside a relation is refused by the checker');
  },
  pick: () => {
    throw new Error('first and last inside a relation are refused by the checker');
  },
};

/** `call` over the rows for which all of `filter` hold. */
export interface Call {
  readonly call: Fragment;
  readonly filter: readonly Fragment[];
}

/** A row condition as conjuncts, so that what several aggregates have in common can be found. */
export function whereOf(scope: Scope, where: Condition): readonly Fragment[] {
  const parts = where.kind === 'and' ? where.children : [where];
  return parts.map((part) => predicate(scope, part)).filter((part) => part !== TRUE);
}

export function countCall(scope: Scope, where: Condition): Call {
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
export function aggregateCalls(scope: Scope, operand: AggregateOperand): AggregateCalls {
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

/** Among rows with both value and time; ties by the value, text by code point. */
export function pickParts(scope: Scope, operand: PickOperand): PickParts {
  const scalar = fieldScalar(scope, operand.field);
  const time = fieldScalar(scope, operand.time);
  const tie = scalar.type === 'text' ? sql`${scalar.value}${scalar.citext ? sql`::text` : sql``} collate "C"` : scalar.value;
  const filter = [
    ...whereOf(scope, operand.where),
    sql`${scalar.value} is not null`,
    sql`${time.value} is not null`,
    ...(hasNan(scalar) ? [sql`not (${isNan(scalar.value)})`] : []),
  ];
  const order = operand.which === 'first' ? sql`${time.value}, ${tie}` : sql`${time.value} desc, ${tie} desc`;
  return { type: scalar.type, value: scalar.value, filter, order, ...(scalar.citext ? { citext: scalar.citext } : {}) };
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
  return (scope, relation, condition): Leaf => {
    const rows = rowsOf(scope.catalogue, relation);
    const where = [sql`${rows.contact} = ${key}`, ...also(rows.contact), ...whereOf(rowScope(scope, rows), condition)];
    const rowsExist = sql`exists (select from ${rows.from} where ${join(where, sql` and `)})`;
    return { positive: rowsExist, negative: sql`not ${rowsExist}` };
  };
}

/** Filter of an aggregate call, or nothing. */
export function filtered({ call, filter }: Call): Fragment {
  return filter.length === 0 ? call : sql`${call} filter (where ${all(filter)})`;
}

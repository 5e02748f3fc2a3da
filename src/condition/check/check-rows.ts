/**
 * The rows of a relation that aggregates and quantifiers read: `{"var": "orders"}`, narrowed by `filter`, with a column
 * chosen by `map`. `filter` stands inside `map`, as JsonLogic evaluates them.
 */
import { type Relation, relationPath } from '../../catalogue/catalogue.ts';
import type { Condition, LimitName } from '../ast.ts';
import type { RowRead } from '../row-read.ts';
import { type Argument, type Check, sayKind, type NameScope, quote } from './check-context.ts';
import { callOf, operatorOf } from './check-node.ts';
import { nameOfVar, relationNamed } from './check-name.ts';
import { integer } from './check-unit.ts';

export interface Rows {
  readonly relation: Relation;
  readonly where: Condition;
}

export interface MappedRows {
  readonly relation: Relation;
  /** Absent when the filter has issues, which are reported. */
  readonly where?: Condition;
  readonly value: Argument;
}

/** The relation in `{"var": "orders"}`. */
export function relationOf(c: Check, arg: Argument | undefined, scope: NameScope): Relation | undefined {
  if (!arg) return undefined;
  const operator = operatorOf(arg.value);
  if (operator !== 'var') {
    const hint =
      operator === 'map'
        ? '`filter` comes first, `map` around it'
        : typeof arg.value === 'string'
          ? `write {"var": ${quote(arg.value)}}`
          : 'write {"var": "orders"}';
    return c.issues.report(
      'not-a-relation',
      arg.at,
      `Expected a relation here, found ${operator === undefined ? sayKind(arg.value) : `\`${operator}\``}.`,
      hint,
    );
  }
  const call = callOf(c, arg.value, arg.at, 'value');
  const name = call && nameOfVar(c, call.args, call.at);
  if (name === undefined) return undefined;
  const relation = relationNamed(c, name, arg.at, scope);
  if (relation) c.useRelation(arg.at);
  return relation;
}

/** The scope of the relation's rows. Of a relation that was refused no name is resolved. */
export function scopeOf(relation: Relation | undefined, around: NameScope): NameScope {
  return relation ? { relation, around } : { unknown: true, around };
}

/**
 * Rows of a relation inside a row that leads to some of them, or comes from one of them, are all rows of the contact, and people expect
 * those of that row. So such rows must say by `outer` how they belong to the row. Reports and returns false where they do not.
 * @param read what is read of these rows
 */
export function isBoundToRow(c: Check, relation: Relation, at: string, scope: NameScope, read: RowRead): boolean {
  if (!scope.relation || read.outer.size > 0) return true;
  const around = scope.relation;
  const goesThrough = relationPath(c.catalogue, relation.name)
    .slice(1)
    .some(({ name }) => name === around.name);
  const isMiddle = relationPath(c.catalogue, around.name)
    .slice(1)
    .some(({ name }) => name === relation.name);
  if (!goesThrough && !isMiddle) return true;
  const all = `\`${relation.name}\` inside \`${around.name}\` means all \`${relation.name}\` of the contact, not those of that row.`;
  const hint = goesThrough
    ? `use \`${relation.name}\` from the outside; inside it the columns of \`${around.name}\` are in scope by name (\`${around.name}.…\`). Or compare with the row: \`{"var": "outer.…"}\``
    : `the row of \`${relation.name}\` is in scope here: write \`{"var": "${relation.name}.…"}\`. Or compare with the row: \`{"var": "outer.…"}\``;
  c.issues.report('nested-relation', at, all, hint);
  return false;
}

/** A relation, or `filter` over one. Issues in the filter are reported even when the relation is wrong. */
export function rowsOf(c: Check, arg: Argument | undefined, scope: NameScope): Rows | undefined {
  const source = sourceOf(c, arg, scope);
  return source?.where && { relation: source.relation, where: source.where };
}

/** The same, also when the relation is known and its filter has issues. */
export function sourceOf(c: Check, arg: Argument | undefined, scope: NameScope): Source | undefined {
  if (!arg) return undefined;
  const operator = operatorOf(arg.value);
  if (operator === 'newest' || operator === 'oldest') return limitedRows(c, operator, arg, scope);
  if (operator !== 'filter') {
    return allRows(c, relationOf(c, arg, scope), arg.at);
  }
  const args = partsOf(c, arg, 'filter', '{"filter": [{"var": "orders"}, C]}');
  if (!args) return undefined;
  const source = isLimited(args[0])
    ? sourceOf(c, args[0], scope)
    : allRows(c, relationOf(c, args[0], scope), args[0].at);
  const where = c.condition(args[1].value, args[1].at, scopeOf(source?.relation, scope), 'alone');
  return (
    source && { relation: source.relation, ...(where && source.where ? { where: both(source.where, where) } : {}) }
  );
}

type Source = { readonly relation: Relation; readonly where?: Condition };

/** Every row that counts. */
export function allRows(c: Check, relation: Relation | undefined, at: string): Source | undefined {
  return relation && { relation, where: c.admitted(relation.name, at) };
}

/** Rows that satisfy one filter and then another. */
export function both(first: Condition, second: Condition): Condition {
  return first.kind === 'constant' && first.value ? second : { kind: 'and', children: [first, second] };
}

/** `newest` or `oldest`. */
export function isLimited(arg: Argument | undefined): boolean {
  const operator = operatorOf(arg?.value);
  return operator === 'newest' || operator === 'oldest';
}

/** More rows than these are a filter by time. */
const MOST_ROWS = 1_000;

/** `{"newest": [5, ROWS]}` */
function limitedRows(c: Check, which: LimitName, arg: Argument, scope: NameScope): Source | undefined {
  const args = partsOf(c, arg, which, `{"${which}": [5, {"var": "orders"}]}`);
  if (!args) return undefined;
  const count = integer(c, args[0], 1, MOST_ROWS, `The number of rows of \`${which}\``);
  const source = sourceOf(c, args[1], scope);
  if (!source) return undefined;
  const { relation, where } = source;
  const time = relation.time === undefined ? undefined : relation.fields.get(relation.time);
  if (!time) return noTime(c, which, relation, arg.at);
  const rowKey = relation.key?.map((name) => relation.fields.get(name)).filter((field) => field !== undefined);
  if (!rowKey)
    return c.issues.report(
      'no-row-key',
      arg.at,
      `\`${which}\` needs an order of rows at the same time, but nothing identifies a row of the relation \`${relation.name}\`.`,
      'give its table a primary key of integers, uuids or texts, and leave the columns of that key among the fields',
    );
  if (count === undefined || !where) return { relation };
  return { relation, where: { kind: 'among', which, count, owner: relation.name, where, time, rowKey } };
}

/** Reports that a relation has no order. */
export function noTime(c: Check, word: string, relation: Relation, at: string): undefined {
  return c.issues.report(
    'no-time-column',
    at,
    `\`${word}\` needs an order, but the relation \`${relation.name}\` has no time column.`,
    `set \`time\` under \`relations.${relation.name}\` in the config`,
  );
}

/** `{"map": [rows, {"var": column}]}`. */
export function mappedRowsOf(c: Check, arg: Argument | undefined, scope: NameScope): MappedRows | undefined {
  if (!arg) return undefined;
  const usage = '{"map": [{"var": "orders"}, {"var": "total"}]}';
  if (operatorOf(arg.value) !== 'map') {
    return c.issues.report(
      'not-mapped',
      arg.at,
      'Expected `map` here, which says the column to aggregate.',
      `write it like ${usage}`,
    );
  }
  const args = partsOf(c, arg, 'map', usage);
  if (!args) return undefined;
  const source = sourceOf(c, args[0], scope);
  if (!source) c.operand(args[1].value, args[1].at, scopeOf(undefined, scope));
  return source && { ...source, value: args[1] };
}

function partsOf(
  c: Check,
  arg: Argument,
  name: 'filter' | 'map' | LimitName,
  usage: string,
): [Argument, Argument] | undefined {
  const parts: unknown = (arg.value as Readonly<Record<string, unknown>>)[name];
  if (!Array.isArray(parts) || parts.length !== 2) {
    return c.issues.report('wrong-arity', arg.at, `\`${name}\` takes 2 arguments.`, `write it like ${usage}`);
  }
  return [
    { value: parts[0], at: `${arg.at}/${name}/0` },
    { value: parts[1], at: `${arg.at}/${name}/1` },
  ];
}

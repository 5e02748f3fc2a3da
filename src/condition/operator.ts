/**
 * The operator table: every word of the condition language once, with its place, its arguments and how it is written. The
 * checker dispatches by it, messages quote it, did-you-mean searches it, and a builder offers it. Pure data; check/ turns
 * an operator into a typed condition.
 */
import type { Family } from '../catalogue/catalogue.ts';
import { aggregates, picks } from './aggregate.ts';
import type { AggregateName, DerivedName, PickName } from './ast.ts';
import { derived } from './operand.ts';
import { periodUnits, windowUnits } from './time-unit.ts';

/** Where an operator may stand: as a condition, or as a value inside a comparison. */
export type Place = 'condition' | 'value';

/** What stands in the place of an argument. */
export type ArgumentForm =
  | { readonly type: 'condition' }
  /** A condition over the rows of the relation in the first argument. */
  | { readonly type: 'row-condition' }
  /** `{"var": "orders"}`. */
  | { readonly type: 'relation' }
  /** A relation, or `filter` over one. */
  | { readonly type: 'rows' }
  /** `map` of rows to a field of one of these families. */
  | { readonly type: 'mapped-rows'; readonly families: readonly Family[] }
  /** A field of the rows in the first argument. */
  | { readonly type: 'column'; readonly families: readonly Family[] }
  /** A field; any family when `families` is absent. */
  | { readonly type: 'field'; readonly families?: readonly Family[]; readonly array?: true }
  /** A field, or an operator whose place is `value`, of one of these families. */
  | { readonly type: 'value'; readonly families: readonly Family[] }
  /** A fixed value of the type of the value beside it. A comparison takes a field there too. */
  | { readonly type: 'literal' | 'literals' | 'text' | 'texts' }
  | { readonly type: 'whole-number'; readonly least?: number; readonly label: string }
  | { readonly type: 'choice'; readonly of: readonly string[]; readonly label: string }
  /** The key of a segment. */
  | { readonly type: 'segment' }
  /** The name of a field or relation. */
  | { readonly type: 'name' }
  /** The two fixed arguments of the count that query builders export. */
  | { readonly type: 'count-step' | 'zero' };

/** `optional` may be left out; `repeated` may come again, and none of it is needed. */
export type OperatorArgument = ArgumentForm & { readonly optional?: true; readonly repeated?: true };

export interface Operator {
  readonly place: Place;
  /** In words, as a builder offers it between the first argument and the others. */
  readonly label: string;
  readonly arguments: readonly OperatorArgument[];
  /** Another list of arguments that it takes: a value between two bounds. */
  readonly range?: readonly OperatorArgument[];
  /** How it is written, quoted in messages. */
  readonly usage: string;
}

function row<P extends Place>(
  place: P,
  label: string,
  of: readonly OperatorArgument[],
  usage: string,
): Operator & { readonly place: P } {
  return { place, label, arguments: of, usage };
}

const condition: OperatorArgument = { type: 'condition' };
const more: OperatorArgument = { type: 'condition', repeated: true };
const relation: OperatorArgument = { type: 'relation' };
const rowCondition: OperatorArgument = { type: 'row-condition' };
const rows: OperatorArgument = { type: 'rows' };
const text: OperatorArgument = { type: 'text' };
const texts: OperatorArgument = { type: 'texts' };
const literal: OperatorArgument = { type: 'literal' };
const literals: OperatorArgument = { type: 'literals' };
const array: OperatorArgument = { type: 'field', array: true };
const comparable: OperatorArgument = {
  type: 'value',
  families: ['text', 'number', 'boolean', 'date', 'instant', 'uuid'],
};
const ordered: OperatorArgument = { type: 'value', families: ['number', 'date', 'instant'] };
const textual: OperatorArgument = { type: 'value', families: ['text'] };
const timed: OperatorArgument = { type: 'value', families: ['date', 'instant'] };
const birthday: OperatorArgument = { type: 'field', families: ['date'] };
const amount: OperatorArgument = { type: 'whole-number', least: 1, label: 'how many' };
const windowUnit: OperatorArgument = { type: 'choice', of: windowUnits, label: 'unit' };

const equality = (sign: string, label: string): Operator & { readonly place: 'condition' } =>
  row('condition', label, [comparable, literal], `{"${sign}": [{"var": "country"}, "ES"]}`);

const order = (sign: string, label: string): Operator & { readonly place: 'condition' } =>
  row('condition', label, [ordered, literal], `{"${sign}": [{"var": "country"}, "ES"]}`);

const orderOrRange = (sign: string, label: string): Operator & { readonly place: 'condition' } => ({
  ...row('condition', label, [ordered, literal], `{"${sign}": [18, {"var": "age"}, 35]}`),
  range: [literal, ordered, literal],
});

const window = (label: string, usage: string): Operator & { readonly place: 'condition' } =>
  row('condition', label, [timed, amount, windowUnit], usage);

const derivedOf = (name: DerivedName, label: string, field: string): Operator & { readonly place: 'value' } =>
  row('value', label, [{ type: 'field', families: derived[name].families }], `{"${name}": [{"var": "${field}"}]}`);

const aggregateOf = (name: Exclude<AggregateName, 'count'>, label: string): Operator & { readonly place: 'value' } => {
  const { word, families } = aggregates[name];
  const usage = `{"${word}": [{"map": [{"filter": [{"var": "orders"}, C]}, {"var": "total"}]}]}`;
  return row('value', label, [{ type: 'mapped-rows', families }], usage);
};

const pickOf = (name: PickName, label: string): Operator & { readonly place: 'value' } => {
  const { word, families } = picks[name];
  const usage = `{"${word}": [{"var": "orders"}, {"var": "status"}, C]}`;
  return row('value', label, [rows, { type: 'column', families }, { ...rowCondition, optional: true }], usage);
};

export const operators = {
  and: row('condition', 'all of', [condition, more], '{"and": [C, C, …]}'),
  or: row('condition', 'any of', [condition, more], '{"or": [C, C, …]}'),
  '!': row('condition', 'not', [condition], '{"!": [C]}'),
  '!!': row('condition', 'is true', [condition], '{"!!": [C]}'),
  if: row('condition', 'if, then, else', [condition, condition, more], '{"if": [C, then, else]}'),

  '==': equality('==', 'is'),
  '===': equality('===', 'is'),
  '!=': equality('!=', 'is not'),
  '!==': equality('!==', 'is not'),
  '<': orderOrRange('<', 'is less than'),
  '<=': orderOrRange('<=', 'is at most'),
  '>': order('>', 'is greater than'),
  '>=': order('>=', 'is at least'),

  in: row('condition', 'is one of', [comparable, literals], '{"in": [{"var": "country"}, ["ES", "PT"]]}'),
  has_any: row('condition', 'has any of', [array, literals], '{"has_any": [{"var": "tags"}, ["vip", "press"]]}'),
  has_all: row('condition', 'has all of', [array, literals], '{"has_all": [{"var": "tags"}, ["vip", "press"]]}'),

  starts_with: row('condition', 'starts with', [textual, text], '{"starts_with": [{"var": "email"}, "ana"]}'),
  ends_with: row('condition', 'ends with', [textual, text], '{"ends_with": [{"var": "email"}, ".es"]}'),
  ieq: row('condition', 'is, in any case', [textual, text], '{"ieq": [{"var": "city"}, "málaga"]}'),
  icontains: row('condition', 'contains, in any case', [textual, text], '{"icontains": [{"var": "email"}, "@test."]}'),
  istarts_with: row(
    'condition',
    'starts with, in any case',
    [textual, text],
    '{"istarts_with": [{"var": "email"}, "ana"]}',
  ),
  iends_with: row('condition', 'ends with, in any case', [textual, text], '{"iends_with": [{"var": "email"}, ".ES"]}'),
  iin: row('condition', 'is one of, in any case', [textual, texts], '{"iin": [{"var": "city"}, ["málaga", "cádiz"]]}'),
  is_empty: row('condition', 'is empty or missing', [{ type: 'field' }], '{"is_empty": [{"var": "email"}]}'),

  in_last: window('is within the last', '{"in_last": [{"var": "last_seen_at"}, 30, "day"]}'),
  before_last: window('is longer ago than', '{"before_last": [{"var": "last_seen_at"}, 30, "day"]}'),
  in_next: window('is within the next', '{"in_next": [{"var": "renews_at"}, 7, "day"]}'),
  known_for: row('condition', 'has been a contact for', [amount, windowUnit], '{"known_for": [30, "day"]}'),
  in_period: row(
    'condition',
    'is in the period',
    [
      timed,
      { type: 'choice', of: periodUnits, label: 'unit' },
      { type: 'whole-number', label: 'periods from the current one' },
    ],
    '{"in_period": [{"var": "created_at"}, "month", 0]}',
  ),
  anniversary_in_next: row(
    'condition',
    'has an anniversary within the next days',
    [birthday, { type: 'whole-number', least: 0, label: 'days' }],
    '{"anniversary_in_next": [{"var": "birth_date"}, 7]}',
  ),
  anniversary_today: row(
    'condition',
    'has an anniversary today',
    [birthday],
    '{"anniversary_today": [{"var": "birth_date"}]}',
  ),

  some: row('condition', 'has a row that satisfies', [relation, rowCondition], '{"some": [{"var": "orders"}, C]}'),
  none: row('condition', 'has no row that satisfies', [relation, rowCondition], '{"none": [{"var": "orders"}, C]}'),
  all: row(
    'condition',
    'has rows, and every row satisfies',
    [relation, rowCondition],
    '{"all": [{"var": "orders"}, C]}',
  ),
  in_segment: row('condition', 'is in the segment', [{ type: 'segment' }], '{"in_segment": ["key"]}'),

  var: row('value', 'field', [{ type: 'name' }], '{"var": "name"}'),
  age: derivedOf('age', 'age by', 'birth_date'),
  weekday: derivedOf('weekday', 'weekday (Monday is 1) of', 'created_at'),
  anniversary_month: derivedOf('anniversary_month', 'month of', 'birth_date'),
  count: row('value', 'number of', [rows], '{"count": [{"filter": [{"var": "orders"}, C]}]}'),
  sum: aggregateOf('sum', 'sum of'),
  avg: aggregateOf('avg', 'average of'),
  min_of: aggregateOf('min', 'least'),
  max_of: aggregateOf('max', 'greatest'),
  first: pickOf('first', 'first'),
  last: pickOf('last', 'last'),
  // Accepted in one shape only: the count that query builders export.
  reduce: row(
    'value',
    'number of',
    [rows, { type: 'count-step' }, { type: 'zero' }],
    '{"reduce": [{"filter": [{"var": "orders"}, C]}, {"+": [1, {"var": "accumulator"}]}, 0]}',
  ),
} as const satisfies Record<string, Operator>;

/** The fewest and the most arguments that an operator takes. */
export function arityOf({ arguments: of, range = of }: Operator): { readonly least: number; readonly most: number } {
  return {
    least: of.filter(({ optional, repeated }) => !optional && !repeated).length,
    most: of.some(({ repeated }) => repeated) ? Number.POSITIVE_INFINITY : range.length,
  };
}

export type OperatorName = keyof typeof operators;

/** Operators that make a value, and those that make a condition. */
export type ValueName = {
  [N in OperatorName]: (typeof operators)[N]['place'] extends 'value' ? N : never;
}[OperatorName];
export type ConditionName = Exclude<OperatorName, ValueName>;

export function isValueName(name: OperatorName): name is ValueName {
  return operators[name].place === 'value';
}

/** Words of JsonLogic (and near it) that are refused, with what to write instead. */
export const refused: ReadonlyMap<string, string> = new Map([
  ['+', 'arithmetic is not offered; store the result as a column, or use `sum` over a relation'],
  ['-', 'arithmetic is not offered; store the result as a column'],
  ['*', 'arithmetic is not offered; store the result as a column'],
  ['/', 'arithmetic is not offered; store the result as a column, or use `avg` over a relation'],
  ['%', 'arithmetic is not offered; store the result as a column'],
  ['min', 'use `min_of` over the rows of a relation, or compare each field with `or`'],
  ['max', 'use `max_of` over the rows of a relation, or compare each field with `or`'],
  ['cat', 'compare each field on its own'],
  ['substr', 'use `starts_with`, `ends_with` or `in`'],
  ['merge', 'write one list'],
  ['log', 'remove it; `segmentd explain` shows the value of each leaf'],
  ['missing', 'use `{"==": [{"var": "name"}, null]}` or `is_empty`'],
  ['missing_some', 'use `{"==": [{"var": "name"}, null]}` or `is_empty` on each field'],
  ['?:', 'use `if`'],
  ['filter', '`filter` stands inside `count`, `sum`, `avg`, `min_of` or `max_of`; for "at least one" use `some`'],
  ['map', '`map` stands inside `sum`, `avg`, `min_of` or `max_of`'],
  ['now', 'use `in_last`, `before_last` or `in_next`'],
  ['not', 'use `!`'],
  ['=', 'use `==`'],
  ['<>', 'use `!=`'],
  ['between', 'use `{"<=": [18, {"var": "age"}, 35]}`'],
  ['contains', 'use `{"in": ["text", {"var": "name"}]}`, or `icontains` to ignore case'],
  ['like', 'use `in`, `starts_with`, `ends_with` or `icontains`'],
  ['ilike', 'use `icontains`, `istarts_with` or `iends_with`'],
  ['regex', 'regular expressions are not offered; use `in`, `starts_with`, `ends_with` or `icontains`'],
  ['match', 'regular expressions are not offered; use `in`, `starts_with`, `ends_with` or `icontains`'],
  ['matches', 'regular expressions are not offered; use `in`, `starts_with`, `ends_with` or `icontains`'],
  ['!in', 'use `{"!": [{"in": […]}]}`'],
  ['not_in', 'use `{"!": [{"in": […]}]}`'],
]);

const table: ReadonlyMap<string, Operator> = new Map(Object.entries(operators));

/** The operator of that name. A map, because every object has a `constructor`. */
export function operatorNamed(name: string): Operator | undefined {
  return table.get(name);
}

export function operatorNames(): Iterable<string> {
  return table.keys();
}

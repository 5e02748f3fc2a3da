/**
 * The operator table: every word of the condition language once, with its place, its arguments and how it is written. The
 * checker dispatches by it, messages quote it, did-you-mean searches it, and a builder offers it. Pure data; check/ turns
 * an operator into a typed condition.
 */
import type { Family } from '../catalogue/catalogue.ts';
import { aggregates, picks } from './aggregate.ts';
import type { AggregateName, ArithmeticName, DerivedName, MovedName, PickName } from './ast.ts';
import { derived, measures } from './operand.ts';
import { anniversaryUnits, fixedUnits, periodUnits, windowUnits } from './time-unit.ts';

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
  /** `map` of rows to a field of one of these families, or to a number that is computed of their fields. */
  | { readonly type: 'mapped-rows'; readonly families: readonly Family[] }
  /** A field of the rows in the first argument. */
  | { readonly type: 'column'; readonly families: readonly Family[] }
  /** A field; any family when `families` is absent. */
  | { readonly type: 'field'; readonly families?: readonly Family[]; readonly array?: true }
  /** A field, or an operator whose place is `value`, of one of these families. */
  | { readonly type: 'value'; readonly families: readonly Family[] }
  /** A fixed value of the type of the value beside it. A comparison takes a field there too. */
  | { readonly type: 'literal' | 'literals' | 'text' | 'texts' }
  /** A text, or a list of texts of which any will do. */
  | { readonly type: 'needles' }
  /** A fixed latitude and longitude, in degrees. */
  | { readonly type: 'place' }
  | { readonly type: 'number'; readonly label: string }
  | { readonly type: 'whole-number'; readonly least?: number; readonly label: string }
  /** One of these words: `initial` before a person chooses. `counted`: the number before it says how many. */
  | {
      readonly type: 'choice';
      readonly of: readonly string[];
      readonly label: string;
      readonly initial: string;
      readonly counted?: true;
    }
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
const needles: OperatorArgument = { type: 'needles' };
const literal: OperatorArgument = { type: 'literal' };
const literals: OperatorArgument = { type: 'literals' };
const array: OperatorArgument = { type: 'field', array: true };
const comparable: OperatorArgument = {
  type: 'value',
  families: ['text', 'number', 'boolean', 'date', 'instant', 'uuid'],
};
const ordered: OperatorArgument = { type: 'value', families: ['number', 'date', 'instant'] };
const textual: OperatorArgument = { type: 'value', families: ['text'] };
const numeric: OperatorArgument = { type: 'value', families: ['number'] };
const moreNumeric: OperatorArgument = { ...numeric, repeated: true };
const timed: OperatorArgument = { type: 'value', families: ['date', 'instant'] };
const instant: OperatorArgument = { type: 'value', families: ['instant'] };
const yearly: OperatorArgument = { type: 'field', families: ['date', 'instant'] };
const amount: OperatorArgument = { type: 'whole-number', least: 1, label: 'how many' };
const windowUnit: OperatorArgument = { type: 'choice', of: windowUnits, label: 'unit', initial: 'day', counted: true };

const segment: OperatorArgument = { type: 'segment' };
const fixedUnit: OperatorArgument = { type: 'choice', of: fixedUnits, label: 'unit', initial: 'day', counted: true };

const equality = (sign: string, label: string): Operator & { readonly place: 'condition' } =>
  row('condition', label, [comparable, literal], `{"${sign}": [{"var": "country"}, "ES"]}`);

const order = (sign: string, label: string): Operator & { readonly place: 'condition' } =>
  row('condition', label, [ordered, literal], `{"${sign}": [{"var": "total"}, 100]}`);

const orderOrRange = (sign: string, label: string): Operator & { readonly place: 'condition' } => ({
  ...row('condition', label, [ordered, literal], `{"${sign}": [18, {"var": "age"}, 35]}`),
  range: [literal, ordered, literal],
});

const window = (label: string, usage: string): Operator & { readonly place: 'condition' } =>
  row('condition', label, [timed, amount, windowUnit], usage);

const derivedOf = (name: DerivedName, label: string, field: string): Operator & { readonly place: 'value' } =>
  row('value', label, [{ type: 'field', families: derived[name].families }], `{"${name}": [{"var": "${field}"}]}`);

const aggregateOf = (
  name: Exclude<AggregateName, 'count' | 'count_distinct'>,
  label: string,
): Operator & { readonly place: 'value' } => {
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
  has_only: row(
    'condition',
    'has values, all of',
    [array, literals],
    '{"has_only": [{"var": "tags"}, ["vip", "press"]]}',
  ),

  starts_with: row('condition', 'starts with', [textual, needles], '{"starts_with": [{"var": "email"}, "ana"]}'),
  ends_with: row('condition', 'ends with', [textual, needles], '{"ends_with": [{"var": "email"}, ".es"]}'),
  ieq: row('condition', 'is, in any case', [textual, text], '{"ieq": [{"var": "city"}, "málaga"]}'),
  icontains: row(
    'condition',
    'contains, in any case',
    [textual, needles],
    '{"icontains": [{"var": "email"}, ["@a.com", "@b.com"]]}',
  ),
  istarts_with: row(
    'condition',
    'starts with, in any case',
    [textual, needles],
    '{"istarts_with": [{"var": "email"}, "ana"]}',
  ),
  iends_with: row(
    'condition',
    'ends with, in any case',
    [textual, needles],
    '{"iends_with": [{"var": "email"}, ".ES"]}',
  ),
  iin: row('condition', 'is one of, in any case', [textual, texts], '{"iin": [{"var": "city"}, ["málaga", "cádiz"]]}'),
  is_empty: row('condition', 'is empty or missing', [{ type: 'field' }], '{"is_empty": [{"var": "email"}]}'),

  in_last: window('is within the last', '{"in_last": [{"var": "last_seen_at"}, 30, "day"]}'),
  before_last: window('is longer ago than', '{"before_last": [{"var": "last_seen_at"}, 30, "day"]}'),
  in_next: window('is within the next', '{"in_next": [{"var": "renews_at"}, 7, "day"]}'),
  is_past: row('condition', 'is in the past', [timed], '{"is_past": [{"var": "expires_at"}]}'),
  is_future: row('condition', 'is in the future', [timed], '{"is_future": [{"var": "expires_at"}]}'),
  known_for: row('condition', 'has been a contact for', [amount, windowUnit], '{"known_for": [30, "day"]}'),
  in_period: row(
    'condition',
    'is in the period',
    [
      timed,
      { type: 'choice', of: periodUnits, label: 'unit', initial: 'month' },
      { type: 'whole-number', label: 'periods from the current one' },
    ],
    '{"in_period": [{"var": "created_at"}, "month", 0]}',
  ),
  anniversary_in_next: row(
    'condition',
    'has an anniversary within the next days',
    [yearly, { type: 'whole-number', least: 0, label: 'days' }],
    '{"anniversary_in_next": [{"var": "birth_date"}, 7]}',
  ),
  anniversary_in_last: row(
    'condition',
    'had an anniversary within the last days',
    [yearly, { type: 'whole-number', least: 0, label: 'days' }],
    '{"anniversary_in_last": [{"var": "birth_date"}, 7]}',
  ),
  anniversary_in_period: row(
    'condition',
    'has an anniversary in the period',
    [
      yearly,
      { type: 'choice', of: anniversaryUnits, label: 'unit', initial: 'month' },
      { type: 'whole-number', label: 'periods from the current one' },
    ],
    '{"anniversary_in_period": [{"var": "birth_date"}, "month", 0]}',
  ),
  anniversary_today: row(
    'condition',
    'has an anniversary today',
    [yearly],
    '{"anniversary_today": [{"var": "birth_date"}]}',
  ),

  within_km: row(
    'condition',
    'is the latitude of a place near another, with the longitude',
    [
      { type: 'field', families: ['number'] },
      { type: 'field', families: ['number'] },
      { type: 'place' },
      { type: 'number', label: 'km' },
    ],
    '{"within_km": [{"var": "lat"}, {"var": "lon"}, [40.42, -3.7], 25]}',
  ),

  some: row('condition', 'has a row that satisfies', [relation, rowCondition], '{"some": [{"var": "orders"}, C]}'),
  none: row('condition', 'has no row that satisfies', [relation, rowCondition], '{"none": [{"var": "orders"}, C]}'),
  all: row(
    'condition',
    'has rows, and every row satisfies',
    [relation, rowCondition],
    '{"all": [{"var": "orders"}, C]}',
  ),
  in_segment: row('condition', 'is in the segment', [segment], '{"in_segment": ["key"]}'),
  member_for: row(
    'condition',
    'has been in the segment for at least',
    [segment, amount, fixedUnit],
    '{"member_for": ["key", 14, "day"]}',
  ),
  entered_in_last: row(
    'condition',
    'entered the segment within the last',
    [segment, amount, fixedUnit],
    '{"entered_in_last": ["key", 7, "day"]}',
  ),
  left_in_last: row(
    'condition',
    'left the segment within the last',
    [segment, amount, fixedUnit],
    '{"left_in_last": ["key", 7, "day"]}',
  ),

  var: row('value', 'field', [{ type: 'name' }], '{"var": "name"}'),
  age: derivedOf('age', 'age by', 'birth_date'),
  weekday: derivedOf('weekday', 'weekday (Monday is 1) of', 'created_at'),
  anniversary_month: derivedOf('anniversary_month', 'month of', 'birth_date'),
  length: row(
    'value',
    'length of',
    [{ type: 'field', families: measures.length.families }],
    '{"length": [{"var": "email"}]}',
  ),
  size: row('value', 'number of values in', [array], '{"size": [{"var": "tags"}]}'),
  '+': row('value', 'plus', [numeric, numeric, moreNumeric], '{"+": [{"var": "paid"}, {"var": "owed"}]}'),
  '-': row('value', 'minus', [numeric, numeric], '{"-": [{"var": "limit"}, {"var": "owed"}]}'),
  '*': row('value', 'times', [numeric, numeric, moreNumeric], '{"*": [{"var": "quantity"}, {"var": "price"}]}'),
  count: row('value', 'number of', [rows], '{"count": [{"filter": [{"var": "orders"}, C]}]}'),
  count_distinct: row(
    'value',
    'number of different',
    [{ type: 'mapped-rows', families: aggregates.count_distinct.families }],
    '{"count_distinct": [{"map": [{"var": "items"}, {"var": "sku"}]}]}',
  ),
  sum: aggregateOf('sum', 'sum of'),
  avg: aggregateOf('avg', 'average of'),
  min_of: aggregateOf('min', 'least'),
  max_of: aggregateOf('max', 'greatest'),
  first: pickOf('first', 'first'),
  last: pickOf('last', 'last'),
  plus: row('value', 'so long after', [instant, amount, fixedUnit], '{"plus": [{"var": "created_at"}, 2, "hour"]}'),
  minus: row('value', 'so long before', [instant, amount, fixedUnit], '{"minus": [{"var": "renews_at"}, 2, "day"]}'),
  bucket: row(
    'value',
    'bucket by',
    [{ type: 'text' }, { type: 'whole-number', least: 2, label: 'buckets' }],
    '{"bucket": ["seed", 100]}',
  ),
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

const ARITHMETIC: ReadonlySet<string> = new Set<ArithmeticName>(['+', '-', '*']);

/** An operator that calculates with numbers. */
export function isArithmetic(name: string): name is ArithmeticName {
  return ARITHMETIC.has(name);
}

/** An operator that moves an instant. */
export function isMoved(name: string): name is MovedName {
  return name === 'plus' || name === 'minus';
}

/** Operators that make a value, and those that make a condition. */
export type ValueName = {
  [N in OperatorName]: (typeof operators)[N]['place'] extends 'value' ? N : never;
}[OperatorName];
export type ConditionName = Exclude<OperatorName, ValueName>;

export function isValueName(name: OperatorName): name is ValueName {
  return operators[name].place === 'value';
}

const table: ReadonlyMap<string, Operator> = new Map(Object.entries(operators));

/** The operator of that name. A map, because every object has a `constructor`. */
export function operatorNamed(name: string): Operator | undefined {
  return table.get(name);
}

export function operatorNames(): Iterable<string> {
  return table.keys();
}

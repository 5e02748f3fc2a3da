/**
 * The operator table: every word of the condition language once, with its place, its arguments and how it is written.
 * The checker dispatches by it, messages quote it, and did-you-mean searches it. Also the words of JsonLogic that are
 * refused, each with what to write instead. Pure data; what an operator means is in the check-* files.
 */

/** Where an operator may stand: as a condition, or as a value inside a comparison. */
export type Place = 'condition' | 'value';

export interface Operator {
  readonly place: Place;
  /** Fewest and most arguments. */
  readonly least: number;
  readonly most: number;
  /** How it is written, quoted in messages. */
  readonly usage: string;
}

const any = Number.POSITIVE_INFINITY;

function row<P extends Place>(place: P, least: number, most: number, usage: string): Operator & { readonly place: P } {
  return { place, least, most, usage };
}

const comparison = (sign: string, most: 2 | 3) =>
  row(
    'condition',
    2,
    most,
    most === 3 ? `{"${sign}": [18, {"var": "age"}, 35]}` : `{"${sign}": [{"var": "country"}, "ES"]}`,
  );

export const operators = {
  and: row('condition', 1, any, '{"and": [C, C, …]}'),
  or: row('condition', 1, any, '{"or": [C, C, …]}'),
  '!': row('condition', 1, 1, '{"!": [C]}'),
  '!!': row('condition', 1, 1, '{"!!": [C]}'),
  if: row('condition', 2, any, '{"if": [C, then, else]}'),

  '==': comparison('==', 2),
  '===': comparison('===', 2),
  '!=': comparison('!=', 2),
  '!==': comparison('!==', 2),
  '<': comparison('<', 3),
  '<=': comparison('<=', 3),
  '>': comparison('>', 2),
  '>=': comparison('>=', 2),

  in: row('condition', 2, 2, '{"in": [{"var": "country"}, ["ES", "PT"]]}'),
  has_any: row('condition', 2, 2, '{"has_any": [{"var": "tags"}, ["vip", "press"]]}'),
  has_all: row('condition', 2, 2, '{"has_all": [{"var": "tags"}, ["vip", "press"]]}'),

  starts_with: row('condition', 2, 2, '{"starts_with": [{"var": "email"}, "ana"]}'),
  ends_with: row('condition', 2, 2, '{"ends_with": [{"var": "email"}, ".es"]}'),
  ieq: row('condition', 2, 2, '{"ieq": [{"var": "city"}, "málaga"]}'),
  icontains: row('condition', 2, 2, '{"icontains": [{"var": "email"}, "@test."]}'),
  istarts_with: row('condition', 2, 2, '{"istarts_with": [{"var": "email"}, "ana"]}'),
  iends_with: row('condition', 2, 2, '{"iends_with": [{"var": "email"}, ".ES"]}'),
  iin: row('condition', 2, 2, '{"iin": [{"var": "city"}, ["málaga", "cádiz"]]}'),
  is_empty: row('condition', 1, 1, '{"is_empty": [{"var": "email"}]}'),

  in_last: row('condition', 3, 3, '{"in_last": [{"var": "last_seen_at"}, 30, "day"]}'),
  before_last: row('condition', 3, 3, '{"before_last": [{"var": "last_seen_at"}, 30, "day"]}'),
  in_next: row('condition', 3, 3, '{"in_next": [{"var": "renews_at"}, 7, "day"]}'),
  known_for: row('condition', 2, 2, '{"known_for": [30, "day"]}'),
  in_period: row('condition', 3, 3, '{"in_period": [{"var": "created_at"}, "month", 0]}'),
  anniversary_in_next: row('condition', 2, 2, '{"anniversary_in_next": [{"var": "birth_date"}, 7]}'),
  anniversary_today: row('condition', 1, 1, '{"anniversary_today": [{"var": "birth_date"}]}'),

  some: row('condition', 2, 2, '{"some": [{"var": "orders"}, C]}'),
  none: row('condition', 2, 2, '{"none": [{"var": "orders"}, C]}'),
  all: row('condition', 2, 2, '{"all": [{"var": "orders"}, C]}'),
  in_segment: row('condition', 1, 1, '{"in_segment": ["key"]}'),

  var: row('value', 1, 1, '{"var": "name"}'),
  age: row('value', 1, 1, '{"age": [{"var": "birth_date"}]}'),
  weekday: row('value', 1, 1, '{"weekday": [{"var": "created_at"}]}'),
  anniversary_month: row('value', 1, 1, '{"anniversary_month": [{"var": "birth_date"}]}'),
  count: row('value', 1, 1, '{"count": [{"filter": [{"var": "orders"}, C]}]}'),
  sum: row('value', 1, 1, '{"sum": [{"map": [{"filter": [{"var": "orders"}, C]}, {"var": "total"}]}]}'),
  avg: row('value', 1, 1, '{"avg": [{"map": [{"filter": [{"var": "orders"}, C]}, {"var": "total"}]}]}'),
  min_of: row('value', 1, 1, '{"min_of": [{"map": [{"filter": [{"var": "orders"}, C]}, {"var": "total"}]}]}'),
  max_of: row('value', 1, 1, '{"max_of": [{"map": [{"filter": [{"var": "orders"}, C]}, {"var": "total"}]}]}'),
  first: row('value', 2, 3, '{"first": [{"var": "orders"}, {"var": "status"}, C]}'),
  last: row('value', 2, 3, '{"last": [{"var": "orders"}, {"var": "status"}, C]}'),
  // Accepted in one shape only: the count that query builders export.
  reduce: row('value', 3, 3, '{"reduce": [{"filter": [{"var": "orders"}, C]}, {"+": [1, {"var": "accumulator"}]}, 0]}'),
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof operators;

/** Operators that make a value, and those that make a condition. */
export type ValueName = {
  [N in OperatorName]: (typeof operators)[N]['place'] extends 'value' ? N : never;
}[OperatorName];
export type ConditionName = Exclude<OperatorName, ValueName>;

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

/** The operator of that name; a map, so that `constructor` is not one. */
export function operatorNamed(name: string): Operator | undefined {
  return table.get(name);
}

export function operatorNames(): Iterable<string> {
  return table.keys();
}

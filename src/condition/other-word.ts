/**
 * Words of JsonLogic, SQL, JavaScript and other query languages that are no operators here, each with what to write
 * instead. Pure data and its lookup: the checker says the hint. A test checks each operator that a hint names.
 */
import { operatorNamed } from './operator.ts';

const DIVISION = 'multiply the other side with `*`, or store the result as a column';
const PATTERN = 'regular expressions are not offered; use `in`, `starts_with`, `ends_with` or `icontains`';
const PART = 'use `{"in": ["text", {"var": "name"}]}`, or `icontains` to ignore case';
const NO_PART = 'use `{"!": [{"in": ["text", {"var": "name"}]}]}`';
const CASE = 'use `ieq`, `iin`, `icontains`, `istarts_with` or `iends_with`, which ignore the case';
const GENERATED = 'add a generated column that holds it, and compare that';
const WINDOW = 'use `in_last`, `before_last` or `in_next`, which count from now';
const TODAY = 'use `in_period` with "day" and 0, `is_past` or `is_future`';
const PERIOD = 'use `in_period` for a period of the calendar';
const NULL = 'use `{"==": [{"var": "name"}, null]}`, or `is_empty` where empty text counts too';
const NOT_NULL = 'use `{"!=": [{"var": "name"}, null]}`';
const NOT_IN = 'use `{"!": [{"in": [{"var": "name"}, ["a", "b"]]}]}`';
const BETWEEN = 'use `{"<=": [18, {"var": "age"}, 35]}`';

const NEWEST =
  '`newest` and `oldest` stand where the rows of a relation do: `{"some": [{"newest": [5, {"var": "orders"}]}, true]}`';

/** In lower case, words separated by one space. */
export const otherWords: ReadonlyMap<string, string> = new Map([
  ['/', `${DIVISION}; \`avg\` is the average over a relation`],
  ['%', 'store the result as a column'],
  ['add', 'use `+`'],
  ['subtract', 'use `-`'],
  ['times', 'use `*`'],
  ['multiply', 'use `*`'],
  ['divide', DIVISION],
  ['min', 'use `min_of` over the rows of a relation, or compare each field with `or`'],
  ['max', 'use `max_of` over the rows of a relation, or compare each field with `or`'],
  ['abs', GENERATED],
  ['round', GENERATED],
  ['trim', GENERATED],
  ['concat', 'compare each field on its own'],
  ['coalesce', 'compare each field on its own, joined by `or`'],
  ['method', 'methods of JavaScript are not offered'],
  ['tolowercase', CASE],
  ['touppercase', CASE],
  ['lower', CASE],
  ['upper', CASE],
  ['locked', 'write what it holds in its place'],
  ['cat', 'compare each field on its own'],
  ['substr', 'use `starts_with`, `ends_with` or `in`'],
  ['merge', 'write one list'],
  ['distinct', 'use `count_distinct` for the number of different values'],
  ['unique', 'use `count_distinct` for the number of different values'],
  ['newest', NEWEST],
  ['oldest', NEWEST],
  ['limit', NEWEST],
  ['log', 'remove it; `segmentd explain` shows the value of each leaf'],
  ['missing', 'use `{"==": [{"var": "name"}, null]}` or `is_empty`'],
  ['missing some', 'use `{"==": [{"var": "name"}, null]}` or `is_empty` on each field'],
  ['?:', 'use `if`'],
  ['case', 'use `if`'],
  [
    'filter',
    '`filter` stands inside `count`, `count_distinct`, `sum`, `avg`, `min_of` or `max_of`; for "at least one" use `some`',
  ],
  ['map', '`map` stands inside `count_distinct`, `sum`, `avg`, `min_of` or `max_of`'],
  ['now', 'use `is_past`, `is_future`, `in_last`, `before_last` or `in_next`'],
  ['today', TODAY],
  ['start of today', TODAY],
  ['datetime add', WINDOW],
  ['date add', WINDOW],
  ['datetime truncate', PERIOD],
  ['date trunc', PERIOD],
  ['year', `${PERIOD}; for the year of a value ${GENERATED}`],
  ['month', 'use `in_period` for a month of the calendar, `anniversary_month` for the month of a value'],
  ['hour', `a time of day is not offered; ${GENERATED}`],
  ['minute', `a time of day is not offered; ${GENERATED}`],
  ['time of day', `a time of day is not offered; ${GENERATED}`],
  ['fiscal year', `a fiscal year is not offered; ${GENERATED}`],
  ['fiscal quarter', `a fiscal quarter is not offered; ${GENERATED}`],
  ['extract', `${PERIOD}; for a part of a time ${GENERATED}`],
  ['date==', 'use `==`'],
  ['date!=', 'use `!=`'],
  ['datetime==', 'use `==`'],
  ['datetime!=', 'use `!=`'],
  ['past', 'use `is_past`'],
  ['future', 'use `is_future`'],
  ['&&', 'use `and`'],
  ['&', 'use `and`'],
  ['||', 'use `or`'],
  ['|', 'use `or`'],
  ['not', 'use `!`'],
  [
    'xor',
    'of two conditions `{"or": [{"and": [C, {"!": [C]}]}, {"and": [{"!": [C]}, C]}]}` says it; of more, write `or` over each of them with `!` of the others',
  ],
  ['nor', 'use `{"!": [{"or": [C, C]}]}`'],
  ['=', 'use `==`'],
  ['eq', 'use `==`'],
  ['equals', 'use `==`'],
  ['equal', 'use `==`'],
  ['is', 'use `==`'],
  ['<>', 'use `!=`'],
  ['=!', 'use `!=`'],
  ['!===', 'use `!=`'],
  ['~=', 'use `!=`'],
  ['ne', 'use `!=`'],
  ['neq', 'use `!=`'],
  ['not equals', 'use `!=`'],
  ['not equal', 'use `!=`'],
  ['is not', 'use `!=`'],
  ['=>', 'use `>=`'],
  ['ge', 'use `>=`'],
  ['gte', 'use `>=`'],
  ['at least', 'use `>=`'],
  ['=<', 'use `<=`'],
  ['le', 'use `<=`'],
  ['lte', 'use `<=`'],
  ['at most', 'use `<=`'],
  ['gt', 'use `>`'],
  ['greater than', 'use `>`'],
  ['after', 'use `>`'],
  ['lt', 'use `<`'],
  ['less than', 'use `<`'],
  ['before', 'use `<`'],
  ['between', BETWEEN],
  ['range', BETWEEN],
  ['not between', 'use `{"!": [{"<=": [18, {"var": "age"}, 35]}]}`'],
  ['contains', PART],
  ['includes', PART],
  ['not contains', NO_PART],
  ['does not contain', NO_PART],
  ['like', 'use `in`, `starts_with`, `ends_with` or `icontains`'],
  ['ilike', 'use `icontains`, `istarts_with` or `iends_with`'],
  ['not like', NO_PART],
  ['not ilike', 'use `{"!": [{"icontains": [{"var": "name"}, "text"]}]}`'],
  ['begins with', 'use `starts_with`'],
  ['startswith', 'use `starts_with`'],
  ['endswith', 'use `ends_with`'],
  ['prefix', 'use `starts_with`'],
  ['suffix', 'use `ends_with`'],
  ['regex', PATTERN],
  ['regexp', PATTERN],
  ['match', PATTERN],
  ['matches', PATTERN],
  ['regextest', PATTERN],
  ['similar to', PATTERN],
  ['~', PATTERN],
  ['~*', PATTERN],
  ['exists', 'use `some` for the rows of a relation, `{"!=": [{"var": "name"}, null]}` for a value'],
  ['not exists', 'use `none` for the rows of a relation, `{"==": [{"var": "name"}, null]}` for a value'],
  ['null', NULL],
  ['is null', NULL],
  ['isnull', NULL],
  ['not null', NOT_NULL],
  ['notnull', NOT_NULL],
  ['is not null', NOT_NULL],
  ['is set', NOT_NULL],
  ['is not set', NULL],
  ['empty', 'use `is_empty`'],
  ['blank', 'use `is_empty`'],
  ['not empty', 'use `{"!": [{"is_empty": [{"var": "name"}]}]}`'],
  ['is not empty', 'use `{"!": [{"is_empty": [{"var": "name"}]}]}`'],
  ['any', 'use `some` for the rows of a relation, `has_any` for a field that is a list, `in` for one value'],
  ['any of', 'use `in`, or `has_any` for a field that is a list'],
  ['one of', 'use `in`, or `has_any` for a field that is a list'],
  ['elemmatch', 'use `some` for the rows of a relation, `has_any` for a field that is a list'],
  ['contained by', 'use `has_only`'],
  ['every', 'use `all` for the rows of a relation, `has_all` for a field that is a list'],
  ['contains any', 'use `has_any`'],
  ['contains all', 'use `has_all`'],
  ['overlap', 'use `has_any`'],
  ['!in', NOT_IN],
  ['not in', NOT_IN],
  ['nin', NOT_IN],
  ['len', 'use `length` for the characters of a text, `size` for the values of an array'],
  ['char length', 'use `length`'],
  ['strlen', 'use `length`'],
  ['cardinality', 'use `size`'],
  ['array length', 'use `size`'],
  ['within', 'use `in_last` or `in_next`'],
]);

/** What to write instead of a word that is no operator; `undefined` for a word that is not known either. */
export function insteadOf(word: string): string | undefined {
  // `$gte`, `NOT LIKE`, `is_null`: the same words under other spellings.
  const plain = word.replace(/^\$(?=\w)/, '').toLowerCase();
  if (plain !== word && operatorNamed(plain)) return `use \`${plain}\``;
  const exact = otherWords.get(plain);
  return exact ?? otherWords.get(plain.trim().replaceAll(/[\s_-]+/g, ' '));
}

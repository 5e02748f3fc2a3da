/**
 * Whether a leaf of a condition holds for the values of its operands. Every verdict is true or false, and false for a
 * missing value. Independent of the compiler on purpose: the tests hold the compiler to these verdicts. Pure.
 */
import type { ArrayOperator, Comparison, ConditionOf, Tense, TextOperator, Unit } from '../ast.ts';
import { compareDecimals, doubleOf, times } from '../decimal.ts';
import { haversine, haversineOfKm, isPlace } from '../great-circle.ts';
import {
  dayOf,
  hasAnniversary,
  hasAnniversaryInPeriod,
  hasTense,
  isInCalendarWindow,
  isInPeriod,
  isInWindow,
  type Moment,
} from './moment.ts';
import {
  compareText,
  holdsInOrder,
  isCaseless,
  isList,
  literalBeside,
  orderOf,
  quotientOf,
  singleValue,
  type OperandValue,
  type TypedValue,
} from './typed-value.ts';

/** Two operands against each other. */
export function compareOperands(
  operator: Comparison,
  left: OperandValue,
  right: OperandValue,
  moment: Moment,
): boolean {
  const [a, b] = [quotientOf(left), quotientOf(right)];
  if (a && b) return holdsInOrder(operator, compareDecimals(times(a.sum, b.count), times(b.sum, a.count)));
  const other = singleValue(right);
  return other !== undefined && compare(operator, left, other, isCaseless(other), moment);
}

/** An operand against a literal: a literal follows the case of a citext value and the clock of a `timestamp`. */
export function compareLiteral(operator: Comparison, left: OperandValue, literal: TypedValue, moment: Moment): boolean {
  const value = singleValue(left);
  const right = value ? literalBeside(value, literal, moment.timestamps) : literal;
  return compare(operator, left, right, true, moment);
}

/** @param mayIgnoreCase whether a citext value on the left ignores case beside `right` */
function compare(
  operator: Comparison,
  left: OperandValue,
  right: TypedValue,
  mayIgnoreCase: boolean,
  moment: Moment,
): boolean {
  if (left !== undefined && !isList(left) && left.family === 'average')
    return (
      right.family === 'number' && holdsInOrder(operator, compareDecimals(left.sum, times(right.value, left.count)))
    );
  const value = singleValue(left);
  if (!value) return false;
  if (mayIgnoreCase && isCaseless(value))
    return (
      right.family === 'text' &&
      holdsInOrder(operator, compareText(value.value.toLowerCase(), right.value.toLowerCase()))
    );
  const order = orderOf(value, right, moment.timestamps);
  return order !== undefined && holdsInOrder(operator, order);
}

/** The local day of the operand against a day number. */
export function compareDay(operator: Comparison, left: OperandValue, day: number, moment: Moment): boolean {
  const value = singleValue(left);
  const own = value && dayOf(value, moment);
  return own !== undefined && holdsInOrder(operator, own === day ? 0 : own - day);
}

export function isMissing(value: OperandValue): boolean {
  return value === undefined;
}

export function isEmpty(value: OperandValue): boolean {
  if (value === undefined) return true;
  if (isList(value)) return value.length === 0;
  return (value.family === 'text' && value.value === '') || (value.family === 'opaque' && value.value.empty);
}

/** A date among the literals of an instant is a local day. */
export function isOneOf(value: OperandValue, literals: readonly TypedValue[], moment: Moment): boolean {
  const isInstant = singleValue(value)?.family === 'instant';
  return literals.some((literal) =>
    isInstant && literal.family === 'date'
      ? compareDay('==', value, literal.value, moment)
      : compareLiteral('==', value, literal, moment),
  );
}

const textTests: Readonly<Record<TextOperator, (text: string, needle: string) => boolean>> = {
  contains: (text, needle) => text.includes(needle),
  starts_with: (text, needle) => text.startsWith(needle),
  ends_with: (text, needle) => text.endsWith(needle),
  equals: (text, needle) => text === needle,
};

/** @param fold whether case is ignored; for a citext value it always is */
export function matchesText(
  operator: TextOperator,
  fold: boolean,
  left: OperandValue,
  needles: readonly string[],
): boolean {
  const value = singleValue(left);
  if (value?.family !== 'text') return false;
  const inCase = (text: string): string => (fold || value.caseless === true ? text.toLowerCase() : text);
  return needles.some((needle) => textTests[operator](inCase(value.value), inCase(needle)));
}

/** An element that is missing equals no literal. */
type IsEqual = (element: TypedValue | undefined, literal: TypedValue) => boolean;
type Elements = readonly (TypedValue | undefined)[];

const arrayTests: Readonly<
  Record<ArrayOperator, (elements: Elements, literals: readonly TypedValue[], isEqual: IsEqual) => boolean>
> = {
  has_any: (elements, literals, isEqual) => literals.some((one) => elements.some((element) => isEqual(element, one))),
  has_all: (elements, literals, isEqual) => literals.every((one) => elements.some((element) => isEqual(element, one))),
  has_only: (elements, literals, isEqual) =>
    elements.length > 0 && elements.every((element) => literals.some((one) => isEqual(element, one))),
};

export function hasElements(
  operator: ArrayOperator,
  left: OperandValue,
  literals: readonly TypedValue[],
  moment: Moment,
): boolean {
  if (!isList(left)) return false;
  return arrayTests[operator](left, literals, (element, literal) => compareLiteral('==', element, literal, moment));
}

export function hasTenseOf(left: OperandValue, tense: Tense, moment: Moment): boolean {
  const value = singleValue(left);
  return value !== undefined && hasTense(tense, value, moment);
}

export function isInWindowOf(
  { operator, seconds }: Pick<ConditionOf<'window'>, 'operator' | 'seconds'>,
  left: OperandValue,
  moment: Moment,
): boolean {
  const value = singleValue(left);
  return value !== undefined && isInWindow(operator, value, seconds, moment);
}

export function isInCalendarWindowOf(
  { operator, months }: Pick<ConditionOf<'calendar_window'>, 'operator' | 'months'>,
  left: OperandValue,
  moment: Moment,
): boolean {
  const value = singleValue(left);
  return value !== undefined && isInCalendarWindow(operator, value, months, moment);
}

export function isInPeriodOf(left: OperandValue, unit: Unit, offset: number, moment: Moment): boolean {
  const value = singleValue(left);
  return value !== undefined && isInPeriod(value, unit, offset, moment);
}

export function hasAnniversaryWithin(
  { direction, days }: Pick<ConditionOf<'anniversary'>, 'direction' | 'days'>,
  left: OperandValue,
  moment: Moment,
): boolean {
  const value = singleValue(left);
  return value !== undefined && hasAnniversary(value, direction, days, moment);
}

export function hasAnniversaryInPeriodOf(
  { unit, offset }: Pick<ConditionOf<'anniversary_period'>, 'unit' | 'offset'>,
  left: OperandValue,
  moment: Moment,
): boolean {
  const value = singleValue(left);
  return value !== undefined && hasAnniversaryInPeriod(value, unit, offset, moment);
}

/** Whether the place of two coordinates is near enough. */
export function isWithin(
  { center, km }: Pick<ConditionOf<'within_km'>, 'center' | 'km'>,
  north: OperandValue,
  east: OperandValue,
): boolean {
  const [latitude, longitude] = [north, east].map(singleValue);
  if (latitude?.family !== 'number' || longitude?.family !== 'number') return false;
  const place = { latitude: doubleOf(latitude.value), longitude: doubleOf(longitude.value) };
  const from = { latitude: Number(center[0]), longitude: Number(center[1]) };
  return isPlace(place) && haversine(from, place) <= haversineOfKm(Number(km));
}

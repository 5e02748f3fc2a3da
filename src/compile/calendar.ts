/**
 * Calendar operators: day literals, periods, age, anniversaries, weekday, month. All compare local *dates* in the
 * segment's zone, never the instant of a midnight, which can be missing or doubled. Invariant: arithmetic is done on
 * `today` and literals, never on a row's value, which may be in the year 5874897 or infinite; so no row raises.
 */
import { ageRanges, OLDEST, UNBORN } from '../condition/age-range.ts';
import type { Comparison, ConditionOf, DerivedOperand, Unit } from '../condition/ast.ts';
import { unreachable } from '../base/unreachable.ts';
import { byKind, type PerKind } from '../condition/kind.ts';
import { anniversaryDays, WHOLE_YEAR } from '../condition/time-unit.ts';
import { periodStep } from '../temporal/period.ts';
import { integer, list, param, sql, value, type Fragment } from './fragment.ts';
import { all, allOf, anyOf, complement, never, type LeafSql } from './leaf.ts';
import { integerBound, integerOf } from './number-bound.ts';
import { computedOf, dayOf, fieldScalar, test } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

export const now: Fragment = param('now', 'timestamptz');

/** The local date of an instant that only parameters decide, for use inside a larger constant. */
export function dateAt(scope: SqlScope, instant: Fragment): Fragment {
  return sql`(${instant} at time zone ${value(scope.timezone, 'text')})::date`;
}

export function localDate(scope: SqlScope, instant: Fragment): Fragment {
  return scope.constant(dateAt(scope, instant));
}

/** One bound on a local day. */
export interface DayBound {
  readonly operator: '=' | '<' | '<=' | '>' | '>=';
  readonly day: Fragment;
}

const SIGN = {
  '=': sql`=`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
} as const satisfies Record<DayBound['operator'], Fragment>;

/** An instant before which the day has begun in no zone, or after which it has ended in every zone: an index's bound. */
function edge(day: Fragment, shift: number, scalar: Scalar): Fragment {
  const timestamp = sql`(${day} + ${integer(shift)})::timestamp`;
  return scalar.type === 'timestamp' ? timestamp : sql`${timestamp} at time zone 'UTC'`;
}

/** The value's local day satisfies the bounds. An instant is first compared with a range that is wider by a day or two. */
export function daysLeaf(scope: SqlScope, scalar: Scalar, bounds: readonly DayBound[]): LeafSql {
  return keptLeaf(scope, scalar, bounds, (of) =>
    all(bounds.map(({ operator, day }) => sql`${of} ${SIGN[operator]} ${day}`)),
  );
}

/** @param keeps the test of the local day. @param bounds what follows from `keeps`, for an index */
function keptLeaf(
  scope: SqlScope,
  scalar: Scalar,
  bounds: readonly DayBound[],
  keeps: (of: Fragment) => Fragment,
): LeafSql {
  if (scalar.type === 'date') return test(scalar, keeps);
  const computed = dayOf(scope, scalar);
  const day = computedOf(scope, scalar, computed);
  const exact = test(scalar, () => keeps(day));
  // The statement has the day already and reads no index.
  if (day !== computed) return exact;
  // Column without zone: its own zone and the segment's may be a day apart each.
  const width = scalar.type === 'timestamp' ? 2 : 1;
  const wide = bounds.flatMap(({ operator, day: literal }) => {
    const low = sql`${scalar.value} >= ${edge(literal, -width, scalar)}`;
    const high = sql`${scalar.value} < ${edge(literal, width + 1, scalar)}`;
    if (operator === '=') return [low, high];
    return operator === '>' || operator === '>=' ? [low] : [high];
  });
  return { positive: all([...wide, exact.positive]), negative: exact.negative };
}

/** `value operator day`, by the value's local day. */
export function dayLeaf(scope: SqlScope, scalar: Scalar, operator: Comparison, day: string): LeafSql {
  if (operator === '!=') return complement(dayLeaf(scope, scalar, '==', day));
  return daysLeaf(scope, scalar, [{ operator: operator === '==' ? '=' : operator, day: value(day, 'date') }]);
}

/** The value's local day is one of many, of which the first and the last bound the range of an index. */
export function dayInLeaf(scope: SqlScope, scalar: Scalar, days: readonly string[]): LeafSql {
  const sorted = days.toSorted();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return never;
  const bounds: readonly DayBound[] = [
    { operator: '>=', day: value(first, 'date') },
    { operator: '<=', day: value(last, 'date') },
  ];
  return keptLeaf(scope, scalar, bounds, (of) => sql`${of} = any(${list(sorted, 'date')})`);
}

/** The local day lies in the k-th period from the current one. */
export function periodLeaf(scope: SqlScope, scalar: Scalar, unit: Unit, offset: number): LeafSql {
  const step = periodStep(unit, offset);
  if (step === undefined) return never;
  // Shifting the start of a period is exact: it is never a 29th, 30th or 31st.
  const start = sql`date_trunc(${value(step.unit, 'text')}, ${dateAt(scope, now)}::timestamp)`;
  return daysLeaf(scope, scalar, [
    { operator: '>=', day: scope.constant(sql`(${start} + ${value(step.start, 'interval')})::date`) },
    { operator: '<', day: scope.constant(sql`(${start} + ${value(step.end, 'interval')})::date`) },
  ]);
}

/** The same day of another month, or that month's last day where it is shorter. Never decreases as the day rises. */
export function monthsFrom(day: Fragment, months: number): Fragment {
  return sql`(${day} + ${value(`${months} months`, 'interval')})::date`;
}

/**
 * The latest birth date that is `years` old on a day: greatest d with `(d + years)::date <= day`. Adding years clamps
 * 29 February to the 28th, so subtracting has to look from both sides of the 28th. Rises with the day.
 */
export function latestBirthOn(day: Fragment, years: number | bigint): Fragment {
  const shift = value(`${years} years`, 'interval');
  return sql`greatest((${day} - ${shift})::date, (${day} + 1 - ${shift})::date - 1)`;
}

/** Ages too great or small for arithmetic are decided by ±infinity. */
function latestBirth(scope: SqlScope, years: bigint): Fragment {
  if (years > OLDEST) return sql`'-infinity'::date`;
  if (years < UNBORN) return sql`'infinity'::date`;
  return scope.constant(latestBirthOn(dateAt(scope, now), years));
}

/** At least so many years old (`<=`), or less (`>`). */
function bornLeaf(scope: SqlScope, date: Scalar, operator: '<=' | '>', years: bigint): LeafSql {
  return daysLeaf(scope, date, [{ operator, day: latestBirth(scope, years) }]);
}

/** `age operator literal`, on the bare date: nothing is computed of the row. */
export function ageLeaf(scope: SqlScope, operand: DerivedOperand, operator: Comparison, literal: string): LeafSql {
  const date = fieldScalar(scope, operand.field);
  const atLeast = (years: bigint): LeafSql => bornLeaf(scope, date, '<=', years);
  const below = (years: bigint): LeafSql => bornLeaf(scope, date, '>', years);
  if (operator === '!=') return complement(ageLeaf(scope, operand, '==', literal));
  if (operator === '==') {
    const years = integerOf(literal);
    return years === undefined ? never : allOf([atLeast(years), below(years + 1n)]);
  }
  const bound = integerBound(operator, literal);
  if (typeof bound === 'boolean') return bound ? present(date) : never;
  const years = BigInt(bound.value);
  switch (bound.operator) {
    case '>=':
      return atLeast(years);
    case '>':
      return atLeast(years + 1n);
    case '<':
      return below(years);
    case '<=':
      return below(years + 1n);
    case '==':
    case '!=':
      throw new Error('an inequality folds to an inequality');
    default:
      return unreachable(bound.operator);
  }
}

function present(scalar: Scalar): LeafSql {
  return { positive: sql`${scalar.value} is not null`, negative: sql`${scalar.value} is null` };
}

/** Month × 100 + day, 101 to 1231; NULL for ±infinity. */
export function monthDay(date: Fragment): Fragment {
  return sql`(extract(month from ${date})::integer * 100 + extract(day from ${date})::integer)`;
}

/** An anniversary falls in today … today + days, or in today - days … today. */
export function anniversaryLeaf(
  scope: SqlScope,
  operand: Scalar,
  { direction, days }: Pick<ConditionOf<'anniversary'>, 'direction' | 'days'>,
): LeafSql {
  const scalar = monthDayScalar(scope, operand);
  // 366 days hold every day of the year, and the 28th when there is no 29th.
  if (days >= WHOLE_YEAR) return present(scalar);
  const today = dateAt(scope, now);
  const { from, to } = anniversaryDays[direction](days);
  const moved = (shift: number): Fragment => (shift === 0 ? today : sql`(${today} + ${integer(shift)})`);
  return anniversaryBetween(scope, scalar, moved(from), moved(to));
}

/** An anniversary falls in the k-th period from the current one. */
export function anniversaryPeriodLeaf(
  scope: SqlScope,
  operand: Scalar,
  { unit, offset }: Pick<ConditionOf<'anniversary_period'>, 'unit' | 'offset'>,
): LeafSql {
  const step = periodStep(unit, offset);
  if (step === undefined) return never;
  const start = sql`date_trunc(${value(step.unit, 'text')}, ${dateAt(scope, now)}::timestamp)`;
  const first = sql`(${start} + ${value(step.start, 'interval')})::date`;
  const last = sql`((${start} + ${value(step.end, 'interval')})::date - 1)`;
  return anniversaryBetween(scope, monthDayScalar(scope, operand), first, last);
}

/** Month × 100 + day of the value's local day. */
function monthDayScalar(scope: SqlScope, operand: Scalar): Scalar {
  const born = computedOf(scope, operand, monthDay(dayOf(scope, operand)));
  return { type: 'integer', value: born, nullable: true };
}

/**
 * An anniversary falls in first … last, at most a year. The value's day is never shifted to another year: months and days are
 * compared. For 29 February the test is whether the last day of a February lies in the window.
 */
function anniversaryBetween(scope: SqlScope, scalar: Scalar, first: Fragment, last: Fragment): LeafSql {
  const lastOfFebruary = (year: Fragment): Fragment => sql`make_date(extract(year from ${year})::integer, 3, 1) - 1`;
  const inWindow = (day: Fragment): Fragment => sql`${day} between ${first} and ${last}`;
  const leapling = scope.constant(sql`(${inWindow(lastOfFebruary(first))} or ${inWindow(lastOfFebruary(last))})`);
  const from = scope.constant(monthDay(first));
  const to = scope.constant(monthDay(last));
  return test(
    scalar,
    (of) => sql`case when ${of} = 229 then ${leapling}
      when ${from} <= ${to} then ${of} between ${from} and ${to}
      else ${of} >= ${from} or ${of} <= ${to} end`,
  );
}

/** The local day of a derived operand's date, and what is computed of that day once a row. */
interface DerivedDay {
  readonly day: Fragment;
  readonly once: (expression: Fragment) => Fragment;
}

const derivedNumbers: PerKind<DerivedOperand, [SqlScope, DerivedDay], Fragment> = {
  weekday: (_, _scope, { day, once }) => once(sql`extract(isodow from ${day})::integer`),
  anniversary_month: (_, _scope, { day, once }) => once(sql`extract(month from ${day})::integer`),
  // A birth date may be infinite, before year 1 or after 294276, to which no interval can be added: months and days are compared.
  age(_, scope, { day }) {
    const today = localDate(scope, now);
    const year = sql`extract(year from ${day})::integer`;
    const born = sql`(${year} + case when ${year} < 0 then 1 else 0 end)`;
    const february = sql`extract(day from make_date(extract(year from ${today})::integer, 3, 1) - 1)`;
    const birthday = sql`(case when ${monthDay(day)} = 229 and ${february} = 28 then 228 else ${monthDay(day)} end)`;
    const before = sql`case when ${birthday} > ${monthDay(today)} then 1 else 0 end`;
    const age = sql`extract(year from ${today})::integer - ${born} - ${before}`;
    return sql`(case ${day} when 'infinity' then '-Infinity'::numeric when '-infinity' then 'Infinity'::numeric else (${age})::numeric end)`;
  },
};

/** ISO weekday, month, or whole years lived, as a number. `ageLeaf` compares an age with a literal. */
export function derivedScalar(scope: SqlScope, operand: DerivedOperand): Scalar {
  const date = fieldScalar(scope, operand.field);
  const once = (expression: Fragment): Fragment => computedOf(scope, date, expression);
  const number = byKind(derivedNumbers, operand, scope, { day: dayOf(scope, date), once });
  return { type: operand.kind === 'age' ? 'numeric' : 'integer', value: number, nullable: true };
}

/** The derived value is missing exactly when its date is, or has no month or weekday (±infinity). */
export function derivedMissing(scope: SqlScope, operand: DerivedOperand): LeafSql {
  const scalar = operand.kind === 'age' ? fieldScalar(scope, operand.field) : derivedScalar(scope, operand);
  return complement(present(scalar));
}

/** Age is one of the literals: a leaf for each range of them. */
export function ageInLeaf(scope: SqlScope, operand: DerivedOperand, literals: readonly string[]): LeafSql {
  const date = fieldScalar(scope, operand.field);
  return anyOf(
    ageRanges(literals).map(({ from, until }) =>
      allOf([bornLeaf(scope, date, '<=', BigInt(from)), bornLeaf(scope, date, '>', BigInt(until))]),
    ),
  );
}

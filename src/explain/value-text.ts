/**
 * Values and bounds as people read them: SQL expressions of type text, NULL where there is nothing to show. Only for
 * reading: no verdict depends on them. Pure.
 */
import { dateAt, localDate, monthsFrom, now } from '../compile/calendar.ts';
import { integer, sql, value, type Fragment } from '../compile/fragment.ts';
import { operandScalar } from '../compile/predicate.ts';
import type { Scalar, ScalarType } from '../compile/scalar-type.ts';
import type { SqlScope } from '../compile/scope.ts';
import { kilometres } from '../compile/within-leaf.ts';
import type { ConditionOf, Tense, WindowOperator } from '../condition/ast.ts';
import { anniversaryDays, pasts } from '../condition/time-unit.ts';
import { intervalText } from '../temporal/interval-text.ts';
import { periodStep } from '../temporal/period.ts';

export const NO_TEXT: Fragment = sql`null::text`;

export function textValue(text: string): Fragment {
  return value(text, 'text');
}

/** The text of a value; of an average, its quotient. */
export function scalarText(scalar: Scalar): Fragment {
  // Only people read the quotient: the verdict multiplies instead, so it rounds nothing.
  if (scalar.over) return sql`trim_scale(${scalar.value} / nullif(${scalar.over}, 0))::text`;
  return scalar.type === 'timestamptz' ? instantText(scalar.value) : sql`(${scalar.value})::text`;
}

/** So many values of an array are written out. */
const SHOWN_VALUES = 20;

/**
 * The values of an array as people write a list; NULL for a missing array.
 * @param array SQL of an array of any element type
 */
export function arrayText(array: Fragment): Fragment {
  // In quotes where a value is empty or could be read as several.
  const one = sql`case when v.e is null then 'no value' when v.e = '' or v.e ~ '[,"]' then to_json(v.e)::text else v.e end`;
  const shown = integer(SHOWN_VALUES);
  return sql`(select case when a.list is null then null when cardinality(a.list) = 0 then 'no values' else
      (select string_agg(${one}, ', ' order by v.n) from (select u.e::text collate "C", u.n from unnest(a.list) with ordinality as u(e, n) limit ${shown}) as v(e, n))
      || case when cardinality(a.list) > ${shown} then ' and ' || cardinality(a.list) - ${shown} || ' more' else '' end
    end from (select ${array} offset 0) as a(list))`;
}

/** An instant as ISO 8601 with microseconds; before year 1, after 9999 and at infinity, as Postgres prints it. */
export function instantText(instant: Fragment): Fragment {
  return sql`(select case when v.at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'
      then to_char(v.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') else v.at::text end
    from (select ${instant} offset 0) as v(at))`;
}

/** Both coordinates, and the kilometres from the centre of the leaf where they are a place. */
export function distanceText(scope: SqlScope, leaf: ConditionOf<'within_km'>): Fragment {
  const [latitude, longitude] = [leaf.latitude, leaf.longitude].map((field) =>
    scalarText(operandScalar(scope, { kind: 'field', field })),
  ) as [Fragment, Fragment];
  return sql`(${latitude} || ', ' || ${longitude} || coalesce(': ' || round(${kilometres(scope, leaf)}::numeric, 3) || ' km', ''))`;
}

const windowTexts: Readonly<Record<WindowOperator, (bound: (shift: '-' | '+' | '') => Fragment) => Fragment>> = {
  in_last: (bound) => sql`'after ' || ${bound('-')} || ', up to ' || ${bound('')}`,
  before_last: (bound) => sql`'up to ' || ${bound('-')}`,
  in_next: (bound) => sql`'after ' || ${bound('')} || ', up to ' || ${bound('+')}`,
};

/** First and last instant of a window, of the type of its operand. */
export function windowText(scope: SqlScope, { operator, operand, seconds }: ConditionOf<'window'>): Fragment {
  return spanText(scope, operandScalar(scope, operand).type, operator, seconds);
}

function spanText(scope: SqlScope, type: ScalarType, operator: WindowOperator, seconds: number): Fragment {
  const length = value(intervalText(seconds), 'interval');
  const ends = { '-': sql`(${now} - ${length})`, '+': sql`(${now} + ${length})`, '': now };
  return windowTexts[operator]((shift) => momentText(scope, type, ends[shift]));
}

/** First and last instant of what is asked of the past of a membership. */
export function pastText(scope: SqlScope, { operator, seconds }: ConditionOf<'past'>): Fragment {
  return spanText(scope, 'timestamptz', pasts[operator].window, seconds);
}

interface CalendarEnds {
  readonly present: Fragment;
  /** Today moved by so many windows. */
  readonly day: (windows: 1 | -1) => Fragment;
}

const calendarWindowTexts: Readonly<Record<WindowOperator, (ends: CalendarEnds) => Fragment>> = {
  in_last: ({ present, day }) => sql`'from ' || (${day(-1)} + 1) || ', up to ' || ${present}`,
  before_last: ({ day }) => sql`'up to ' || ${day(-1)}`,
  in_next: ({ present, day }) => sql`'after ' || ${present} || ', up to ' || ${day(1)}`,
};

/** First and last day of a window of months; the present is of the type of the operand. */
export function calendarWindowText(
  scope: SqlScope,
  { operator, operand, months }: ConditionOf<'calendar_window'>,
): Fragment {
  return calendarWindowTexts[operator]({
    present: momentText(scope, operandScalar(scope, operand).type, now),
    day: (windows) => scope.constant(monthsFrom(dateAt(scope, now), windows * months)),
  });
}

const tenseTexts: Readonly<Record<Tense, (present: Fragment) => Fragment>> = {
  past: (present) => sql`'up to ' || ${present}`,
  future: (present) => sql`'after ' || ${present}`,
};

/** Now, of the type of the operand. */
export function tenseText(scope: SqlScope, { tense, operand }: ConditionOf<'tense'>): Fragment {
  return tenseTexts[tense](momentText(scope, operandScalar(scope, operand).type, now));
}

/** An instant that only parameters decide, of a type of time. */
function momentText(scope: SqlScope, type: ScalarType, instant: Fragment): Fragment {
  if (type === 'date') return sql`${localDate(scope, instant)}::text`;
  return type === 'timestamp'
    ? sql`(${instant} at time zone ${value(scope.catalogue.timestamps, 'text')})::text`
    : instantText(instant);
}

/** First and last day of the period. */
export function periodText(
  scope: SqlScope,
  { unit, offset }: Pick<ConditionOf<'period'>, 'unit' | 'offset'>,
): Fragment {
  const step = periodStep(unit, offset);
  if (step === undefined) return NO_TEXT;
  const start = sql`date_trunc(${value(step.unit, 'text')}, ${localDate(scope, now)}::timestamp)`;
  const day = (shift: string): Fragment => sql`(${start} + ${value(shift, 'interval')})::date`;
  return unit === 'day' ? sql`${day(step.start)}::text` : sql`${day(step.start)} || ' to ' || (${day(step.end)} - 1)`;
}

/** First and last day of an anniversary window. */
export function anniversaryText(
  scope: SqlScope,
  { direction, days }: Pick<ConditionOf<'anniversary'>, 'direction' | 'days'>,
): Fragment {
  const today = localDate(scope, now);
  const { from, to } = anniversaryDays[direction](days);
  return days === 0 ? sql`${today}::text` : sql`(${today} + ${integer(from)}) || ' to ' || (${today} + ${integer(to)})`;
}

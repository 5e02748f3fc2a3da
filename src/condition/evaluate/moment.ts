/**
 * Time-dependent tests of the evaluator: windows, periods, ages, anniversaries. A date counts from its local midnight. "Its
 * midnight is not after t" is tested as "the day is not after the local day of t", so a midnight that is missing or comes
 * twice needs no case. A wall clock is compared with the clock of its zone at t. Pure; must not read the clock itself.
 */
import type { AnniversaryDirection, AnniversaryUnit, Tense, Unit, WindowOperator } from '../ast.ts';
import { type Civil, civil, dayNumber, daysInMonth, inYear, weekday } from '../civil.ts';
import { type Decimal, decimal } from '../decimal.ts';
import { dayOfWall, instantOfWall, localDay, wallClock } from '../local-time.ts';
import { isInfinite } from './instant.ts';
import type { TypedValue } from './typed-value.ts';

/** When and where a condition is evaluated. */
export interface Moment {
  /** Microseconds since 1970. */
  readonly now: bigint;
  /** Zone of the segment, an IANA name. */
  readonly zone: string;
  /** Zone of timestamps without one. */
  readonly timestamps: string;
}

/** Day number of a value in the segment's zone, ±Infinity included; `undefined` for a value that is no time. */
export function dayOf(value: TypedValue, moment: Moment): number | undefined {
  if (value.family === 'date') return value.value;
  if (value.family !== 'instant') return undefined;
  const instant = value.value;
  if (isInfinite(instant)) return instant.micros > 0n ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (!instant.wall) return localDay(moment.zone, instant.micros);
  if (moment.zone === moment.timestamps) return dayOfWall(instant.micros);
  return localDay(moment.zone, instantOfWall(moment.timestamps, instant.micros));
}

/** Whether the value is not after the instant. */
function isReached(value: TypedValue, at: bigint, moment: Moment): boolean {
  if (value.family === 'date') return value.value <= localDay(moment.zone, at);
  if (value.family !== 'instant') return false;
  return value.value.micros <= (value.value.wall ? wallClock(moment.timestamps, at) : at);
}

const tenses: Readonly<Record<Tense, (isNowReached: boolean) => boolean>> = {
  past: (isNowReached) => isNowReached,
  future: (isNowReached) => !isNowReached,
};

/** Whether the value is in the past, which now belongs to, or in the future. An infinite value has a tense. */
export function hasTense(tense: Tense, value: TypedValue, moment: Moment): boolean {
  return isTime(value) && tenses[tense](isReached(value, moment.now, moment));
}

function isTime({ family }: TypedValue): boolean {
  return family === 'date' || family === 'instant';
}

const windows: Readonly<Record<WindowOperator, (isReachedAt: (shift: bigint) => boolean, length: bigint) => boolean>> =
  {
    in_last: (isReachedAt, length) => isReachedAt(0n) && !isReachedAt(-length),
    before_last: (isReachedAt, length) => isReachedAt(-length),
    in_next: (isReachedAt, length) => isReachedAt(length) && !isReachedAt(0n),
  };

export function isInWindow(operator: WindowOperator, value: TypedValue, seconds: number, moment: Moment): boolean {
  return windows[operator]((shift) => isReached(value, moment.now + shift, moment), BigInt(seconds) * 1_000_000n);
}

interface Sides {
  readonly isPast: boolean;
  /** The value's local day. */
  readonly day: number;
  /** Today moved by so many windows. */
  readonly moved: (windows: 1 | -1) => number;
}

const calendarWindows: Readonly<Record<WindowOperator, (sides: Sides) => boolean>> = {
  in_last: ({ isPast, day, moved }) => isPast && day > moved(-1),
  before_last: ({ day, moved }) => day <= moved(-1),
  in_next: ({ isPast, day, moved }) => !isPast && day <= moved(1),
};

/** A window of months: the value's local day against today moved by them. */
export function isInCalendarWindow(
  operator: WindowOperator,
  value: TypedValue,
  months: number,
  moment: Moment,
): boolean {
  const day = dayOf(value, moment);
  if (day === undefined) return false;
  const today = localDay(moment.zone, moment.now);
  return calendarWindows[operator]({
    isPast: isReached(value, moment.now, moment),
    day,
    moved: (windows) => movedByMonths(today, windows * months),
  });
}

/** The same day of another month, or that month's last day where it is shorter. */
function movedByMonths(day: number, months: number): number {
  const from = civil(day);
  const start = monthStart(from.year, from.month - 1 + months);
  const { year, month } = civil(start);
  return start + Math.min(from.day, daysInMonth(year, month)) - 1;
}

/** First day of the period that lies `offset` periods after the one of `today`. */
const periodStarts: Readonly<Record<Unit, (today: number, offset: number) => number>> = {
  day: (today, offset) => today + offset,
  week: (today, offset) => today - (weekday(today) - 1) + 7 * offset,
  month: (today, offset) => monthStart(civil(today).year, civil(today).month - 1 + offset),
  quarter(today, offset) {
    const { year, month } = civil(today);
    return monthStart(year, month - 1 - ((month - 1) % 3) + 3 * offset);
  },
  year: (today, offset) => monthStart(civil(today).year + offset, 0),
};

export function isInPeriod(value: TypedValue, unit: Unit, offset: number, moment: Moment): boolean {
  const day = dayOf(value, moment);
  if (day === undefined) return false;
  const today = localDay(moment.zone, moment.now);
  return periodStarts[unit](today, offset) <= day && day < periodStarts[unit](today, offset + 1);
}

function monthStart(year: number, monthIndex: number): number {
  const extra = Math.floor(monthIndex / 12);
  return dayNumber({ year: year + extra, month: monthIndex - 12 * extra + 1, day: 1 });
}

/** Whole years lived: the most n for which the date plus n years (29 Feb → 28 Feb) is not after today. */
export function ageOf(birth: number, moment: Moment): Decimal {
  if (!Number.isFinite(birth)) return birth > 0 ? '-infinity' : 'infinity';
  const today = localDay(moment.zone, moment.now);
  const born: Civil = civil(birth);
  const years = civil(today).year - born.year;
  return decimal(dayNumber(inYear(born, born.year + years)) <= today ? years : years - 1);
}

const anniversarySpans: Readonly<
  Record<AnniversaryDirection, (days: number) => readonly [first: number, last: number]>
> = {
  next: (days) => [0, days],
  last: (days) => [-days, 0],
};

/** Whether an anniversary of the value's local day falls in the next or the last `days`, today included. */
export function hasAnniversary(
  value: TypedValue,
  direction: AnniversaryDirection,
  days: number,
  moment: Moment,
): boolean {
  const today = localDay(moment.zone, moment.now);
  const [first, last] = anniversarySpans[direction](days);
  return hasAnniversaryBetween(value, today + first, today + last, moment);
}

/** Whether an anniversary of the value's local day falls in the period. */
export function hasAnniversaryInPeriod(
  value: TypedValue,
  unit: AnniversaryUnit,
  offset: number,
  moment: Moment,
): boolean {
  const today = localDay(moment.zone, moment.now);
  const [first, next] = [periodStarts[unit](today, offset), periodStarts[unit](today, offset + 1)];
  return hasAnniversaryBetween(value, first, next - 1, moment);
}

function hasAnniversaryBetween(value: TypedValue, first: number, last: number, moment: Moment): boolean {
  const date = dayOf(value, moment);
  if (date === undefined || !Number.isFinite(date)) return false;
  for (let { year } = civil(first); year <= civil(last).year; year += 1) {
    const day = dayNumber(inYear(civil(date), year));
    if (day >= first && day <= last) return true;
  }
  return false;
}

/**
 * Time-dependent verdicts of the evaluator: windows, periods, ages, anniversaries. A date counts from its local
 * midnight; "its midnight is not after t" is asked as "the day is not after the local day of t", so that missing and
 * doubled midnights need no case. A wall clock (timestamp without zone) is compared with the clock of its zone at t.
 */
import type { Unit } from '../ast.ts';
import { type Civil, civil, dayNumber, inYear, weekday } from '../civil.ts';
import { type Decimal, decimal } from '../decimal.ts';
import { everAfter, everBefore, type Instant, type Typed } from './document.ts';
import { dayOfWall, instantOfWall, localDay, wallClock } from '../local-time.ts';

/** When and where a condition is evaluated. */
export interface Moment {
  /** Microseconds since 1970. */
  readonly now: bigint;
  /** Zone of the segment. */
  readonly zone: string;
  /** Zone of timestamps without one. */
  readonly timestamps: string;
}

/** Order of two instants: negative, zero, positive. Two wall clocks compare as such. */
export function compareInstants(a: Instant, b: Instant, timestamps: string): number {
  const [x, y] = a.wall === b.wall ? [a.micros, b.micros] : [absolute(a, timestamps), absolute(b, timestamps)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function isEver(instant: Instant): boolean {
  return instant.micros === everAfter || instant.micros === everBefore;
}

function absolute(instant: Instant, timestamps: string): bigint {
  return instant.wall && !isEver(instant) ? instantOfWall(timestamps, instant.micros) : instant.micros;
}

/** An absolute instant as what a wall-clock column is compared with. */
export function asClock(micros: bigint, timestamps: string): Instant {
  return { micros: wallClock(timestamps, micros), wall: true };
}

/** Day number of a value in the segment's zone, ±Infinity included; `undefined` for what is no time. */
export function dayOf(value: Typed, moment: Moment): number | undefined {
  if (value.family === 'date') return value.value;
  if (value.family !== 'instant') return undefined;
  const instant = value.value;
  if (isEver(instant)) return instant.micros > 0n ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (!instant.wall) return localDay(moment.zone, instant.micros);
  if (moment.zone === moment.timestamps) return dayOfWall(instant.micros);
  return localDay(moment.zone, instantOfWall(moment.timestamps, instant.micros));
}

function isReached(value: Typed, at: bigint, moment: Moment): boolean {
  if (value.family === 'date') return value.value <= localDay(moment.zone, at);
  if (value.family !== 'instant') return false;
  return value.value.micros <= (value.value.wall ? wallClock(moment.timestamps, at) : at);
}

export function inWindow(operator: string, value: Typed, seconds: number, moment: Moment): boolean {
  const window = BigInt(seconds) * 1_000_000n;
  switch (operator) {
    case 'in_last':
      return isReached(value, moment.now, moment) && !isReached(value, moment.now - window, moment);
    case 'before_last':
      return isReached(value, moment.now - window, moment);
    case 'in_next':
      return isReached(value, moment.now + window, moment) && !isReached(value, moment.now, moment);
    default:
      throw new Error(`no window operator ${operator}`);
  }
}

export function inPeriod(value: Typed, unit: Unit, offset: number, moment: Moment): boolean {
  const day = dayOf(value, moment);
  if (day === undefined) return false;
  const today = localDay(moment.zone, moment.now);
  return periodStart(unit, today, offset) <= day && day < periodStart(unit, today, offset + 1);
}

/** First day of the period that lies `offset` periods from the one of `today`. */
function periodStart(unit: Unit, today: number, offset: number): number {
  const { year, month } = civil(today);
  switch (unit) {
    case 'day':
      return today + offset;
    case 'week':
      return today - (weekday(today) - 1) + 7 * offset;
    case 'month':
      return monthStart(year, month - 1 + offset);
    case 'quarter':
      return monthStart(year, month - 1 - ((month - 1) % 3) + 3 * offset);
    case 'year':
      return monthStart(year + offset, 0);
  }
}

function monthStart(year: number, monthIndex: number): number {
  const extra = Math.floor(monthIndex / 12);
  return dayNumber({ year: year + extra, month: monthIndex - 12 * extra + 1, day: 1 });
}

/** Whole years lived: the most n for which the date plus n years (29 Feb → 28 Feb) is not after today. */
export function age(birth: number, moment: Moment): Decimal {
  if (!Number.isFinite(birth)) return birth > 0 ? '-infinity' : 'infinity';
  const today = localDay(moment.zone, moment.now);
  const born: Civil = civil(birth);
  const years = civil(today).year - born.year;
  return decimal(dayNumber(inYear(born, born.year + years)) <= today ? years : years - 1);
}

export function hasAnniversary(date: number, days: number, moment: Moment): boolean {
  if (!Number.isFinite(date)) return false;
  const today = localDay(moment.zone, moment.now);
  for (let { year } = civil(today); year <= civil(today + days).year; year += 1) {
    const day = dayNumber(inYear(civil(date), year));
    if (day >= today && day <= today + days) return true;
  }
  return false;
}

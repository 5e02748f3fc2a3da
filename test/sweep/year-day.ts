/** Local days of a zone as instants, and the arithmetic of days that the year's expectations need; days are counted from 1970. */
import type { Pool } from '../../src/postgres/pool.ts';

const DAY_MS = 86_400_000;

export interface Days {
  /** The first instant of a local day: midnight, or what comes in its place; ±Infinity beyond the years that are known. */
  begin(day: number): number;
  /** The local day of an instant. */
  of(instant: number): number;
}

/** What each half hour shows on the zone's clock says when its days begin: no zone of ours changes at another time. */
export async function daysOf(pool: Pool, zone: string): Promise<Days> {
  const { rows } = await pool.query<{ day: number; begin: string }>(
    `select (t.t at time zone $1)::date - date '1970-01-01' as day, (extract(epoch from min(t.t)) * 1000000)::bigint::text as begin
     from generate_series(timestamptz '2021-12-30T00:00Z', '2028-01-02T00:00Z', interval '30 minutes') t(t) group by 1 order by 1`,
    [zone],
  );
  // The first one begins before the series does.
  const known = rows.slice(1).map((row) => ({ day: row.day, begin: Number(row.begin) }));
  const [first] = known;
  if (!first || known.some(({ day, begin }, n) => day !== first.day + n || begin <= (known[n - 1]?.begin ?? 0)))
    throw new Error(`the days of ${zone} do not follow each other`);
  return {
    begin: (day) => (day < first.day ? -Infinity : (known[day - first.day]?.begin ?? Infinity)),
    of(instant) {
      const guess = Math.floor(instant / 1000 / DAY_MS);
      const found = [guess + 1, guess, guess - 1].find((day) => (known[day - first.day]?.begin ?? Infinity) <= instant);
      if (found === undefined) throw new Error(`no local day of ${zone} for ${instant}`);
      return found;
    },
  };
}

/** ±Infinity for what is written so, and for years of more than four digits. */
export function dayOf(date: string): number {
  if (date === '-infinity') return -Infinity;
  return /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) / DAY_MS : Infinity;
}

/** The same day of another month, or the last of that month. */
function monthsLater(day: number, months: number): number {
  const date = new Date(day * DAY_MS);
  const begin = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const length = new Date(Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + 1, 0)).getUTCDate();
  return begin.getTime() / DAY_MS + Math.min(date.getUTCDate(), length) - 1;
}

/** The first day that, moved by so many months, has come to `day`. */
export function firstDayThatReaches(day: number, months: number): number {
  const length = Math.abs(months) * 31 + 3;
  const days = Array.from({ length: 2 * length }, (_, n) => day - length + n);
  const found = days.find((one) => monthsLater(one, months) >= day);
  if (found === undefined) throw new Error(`no day reaches ${day} by ${months} months`);
  return found;
}

/** 29 February falls on the 28th where there is none. */
export function anniversaryIn(year: number, monthAndDay: string): number {
  const leap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return dayOf(`${String(year).padStart(4, '0')}-${monthAndDay === '02-29' && !leap ? '02-28' : monthAndDay}`);
}

export type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** First day of the period that lies `periods` after the one of `day`. */
export function periodBegin(unit: Unit, day: number, periods: number): number {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'day':
      return day + periods;
    case 'week': // the day 0 was a Thursday
      return Math.floor((day + 3) / 7) * 7 - 3 + periods * 7;
    case 'month':
      return Date.UTC(year, month + periods, 1) / DAY_MS;
    case 'quarter':
      return Date.UTC(year, month - (month % 3) + periods * 3, 1) / DAY_MS;
    case 'year':
      return Date.UTC(year + periods, 0, 1) / DAY_MS;
    default:
      throw new Error(`no unit ${String(unit satisfies never)}`);
  }
}

/** Moments and spans as people read them. Pure: the caller says what time it is. */
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const DAY = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', year: 'numeric' });
const EXACT = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'long' });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR;

/** `just now`, `3 minutes ago`, `in 2 hours`, `Nov 3`, `Nov 3, 2024`. */
export function momentText(at: number, now: number): string {
  const away = at - now;
  const size = Math.abs(away);
  if (size < 5 * SECOND) return 'just now';
  if (size < MINUTE) return RELATIVE.format(Math.round(away / SECOND), 'second');
  if (size < HOUR) return RELATIVE.format(Math.trunc(away / MINUTE), 'minute');
  if (size < DAY_MS) return RELATIVE.format(Math.trunc(away / HOUR), 'hour');
  if (size < 7 * DAY_MS) return RELATIVE.format(Math.trunc(away / DAY_MS), 'day');
  return size < 300 * DAY_MS ? DAY.format(at) : DAY_OF_YEAR.format(at);
}

/** With weekday, second and zone. */
export function exactMomentText(at: number): string {
  return EXACT.format(at);
}

/** How long something takes or lags: `0.4 s`, `12 s`, `5 min`, `3 h`, `2 days`. @param ms milliseconds */
export function spanText(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 10 * SECOND) return `${(size / SECOND).toFixed(1)} s`;
  if (size < 2 * MINUTE) return `${Math.round(size / SECOND)} s`;
  if (size < 2 * HOUR) return `${Math.round(size / MINUTE)} min`;
  if (size < 2 * DAY_MS) return `${Math.round(size / HOUR)} h`;
  return `${Math.round(size / DAY_MS)} days`;
}

/** How often a text about this moment may change. @returns milliseconds */
export function momentPace(at: number, now: number): number {
  const size = Math.abs(at - now);
  if (size < MINUTE) return SECOND;
  return size < HOUR ? 15 * SECOND : 5 * MINUTE;
}

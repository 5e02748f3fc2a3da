/**
 * Fixed durations as Postgres intervals. Invariant: hours, minutes or seconds only, never days: `interval '1 day'` is a
 * calendar day in the session's zone and 23 or 25 hours long twice a year. Pure.
 */

/** Interval text for a whole number of seconds, ≥ 0; the largest unit that fits, because Postgres reads 32-bit counts. */
export function intervalText(seconds: number): string {
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw new RangeError(`not a duration in seconds: ${seconds}`);
  if (seconds % 3600 === 0) return `${seconds / 3600} hours`;
  if (seconds % 60 === 0) return `${seconds / 60} minutes`;
  return `${seconds} seconds`;
}

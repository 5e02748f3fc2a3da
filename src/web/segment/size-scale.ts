/** What the chart of sizes shows, from the days that the server counted. Pure. */

/** A day as the server counts it. */
export interface CountedDay {
  /** UTC, `2026-11-30`. */
  readonly day: string;
  readonly members: number;
  readonly entered: number;
  readonly left: number;
}

const DAY_MS = 86_400_000;

export interface SizePoint {
  /** Seconds since 1970: the end of the day, or now. */
  readonly at: number;
  readonly members: number;
  readonly entered: number;
  readonly left: number;
}

/**
 * A point at the end of each day since the segment was created, and one at the beginning of the first.
 * @param createdAt ISO 8601
 * @param now milliseconds; the end of today is now
 */
export function sizePoints(days: readonly CountedDay[], createdAt: string, now: number): readonly SizePoint[] {
  const born = createdAt.slice(0, 10);
  const lived = days.filter(({ day }) => day >= born);
  const first = lived[0];
  if (!first) return [];
  const start = {
    at: startOf(first.day) / 1000,
    members: first.members - first.entered + first.left,
    entered: 0,
    left: 0,
  };
  const ends = lived.map(({ day, members, entered, left }) => ({
    at: Math.min(startOf(day) + DAY_MS, now) / 1000,
    members,
    entered,
    left,
  }));
  return [start, ...ends];
}

function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Milliseconds of the slider: from the first moment that is known to now, in steps that an arrow key makes. */
export interface SliderScale {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

const MINUTE = 60_000;
/** Steps from one end to the other. */
const STEPS = 400;

export function sliderScale(points: readonly SizePoint[], now: number): SliderScale {
  const from = points[0] === undefined ? now - DAY_MS : points[0].at * 1000;
  const step = Math.max(MINUTE, Math.round((now - from) / STEPS / MINUTE) * MINUTE);
  return { from, to: from + Math.max(1, Math.ceil((now - from) / step)) * step, step };
}

/** `From 33,000 to 38,901 members in 90 days` */
export function sizeSummary(points: readonly SizePoint[]): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return 'No sizes are known yet';
  const count = (value: number): string => new Intl.NumberFormat('en').format(value);
  return `From ${count(first.members)} to ${count(last.members)} members in ${points.length - 1} ${points.length === 2 ? 'day' : 'days'}`;
}

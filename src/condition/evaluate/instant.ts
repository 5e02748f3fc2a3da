/**
 * Instants of the evaluator: microseconds since 1970, the infinities of Postgres, and wall clocks (`timestamp` without
 * zone), which mean an instant only together with a zone. Pure.
 */
import { dayNumber } from '../civil.ts';
import { instantOfWall, wallClock } from '../local-time.ts';

/** Postgres' `-infinity` and `infinity`. */
export const everBefore = -(10n ** 30n);
export const everAfter = 10n ** 30n;

const DAY = 86_400_000_000n;
/** The first and the last instant of Postgres: 24 November 4714 BC, and the last microsecond of 294276. */
const FIRST = BigInt(dayNumber({ year: -4713, month: 11, day: 24 })) * DAY;
const LAST = BigInt(dayNumber({ year: 294_277, month: 1, day: 1 })) * DAY - 1n;

export interface Instant {
  /** Microseconds since 1970: of UTC, or of the wall clock. ±infinity is `everBefore`, `everAfter`. */
  readonly micros: bigint;
  /** True for a `timestamp` without zone: `micros` is what its clock shows. */
  readonly wall: boolean;
}

export function isInfinite({ micros }: Instant): boolean {
  return micros === everAfter || micros === everBefore;
}

/** Order of two instants: negative, zero, positive. Two wall clocks compare as such. @param timestamps zone of wall clocks */
export function compareInstants(a: Instant, b: Instant, timestamps: string): number {
  const [x, y] = a.wall === b.wall ? [a.micros, b.micros] : [inUtc(a, timestamps), inUtc(b, timestamps)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** A wall clock in the last two days at either end of Postgres' range is that of UTC, as in SQL. */
function inUtc({ micros, wall }: Instant, timestamps: string): bigint {
  return wall && micros >= FIRST + 2n * DAY && micros <= LAST + 1n - 2n * DAY
    ? instantOfWall(timestamps, micros)
    : micros;
}

/** The wall clock of a zone at an instant (microseconds of UTC): what a column without zone is compared with. */
export function asClock(micros: bigint, timestamps: string): Instant {
  return { micros: wallClock(timestamps, micros), wall: true };
}

/** The instant that lies so far away. Beyond what Postgres knows it is infinite. @param timestamps zone of wall clocks */
export function movedBy(instant: Instant, micros: bigint, timestamps: string): Instant {
  if (isInfinite(instant)) return instant;
  const moved = inUtc(instant, timestamps) + micros;
  return { micros: moved > LAST ? everAfter : moved < FIRST ? everBefore : moved, wall: false };
}

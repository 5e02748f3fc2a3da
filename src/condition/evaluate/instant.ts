/**
 * Instants of the evaluator: microseconds since 1970, the infinities of Postgres, and wall clocks (`timestamp` without
 * zone), which mean an instant only together with a zone. Pure.
 */
import { instantOfWall, wallClock } from '../local-time.ts';

/** Postgres' `-infinity` and `infinity`. */
export const everBefore = -(10n ** 30n);
export const everAfter = 10n ** 30n;

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

function inUtc(instant: Instant, timestamps: string): bigint {
  return instant.wall && !isInfinite(instant) ? instantOfWall(timestamps, instant.micros) : instant.micros;
}

/** The wall clock of a zone at an instant (microseconds of UTC): what a column without zone is compared with. */
export function asClock(micros: bigint, timestamps: string): Instant {
  return { micros: wallClock(timestamps, micros), wall: true };
}

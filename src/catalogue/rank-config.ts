/** The part of a config that defines a rank, as written: its shape and its defaults. What `by` and `among` mean is checked where they are used. */
import { passing, type Fields } from '../base/value-shape.ts';

/** A rank among all contacts, which a worker computes at intervals. */
export interface RankConfig {
  /** What people read in place of the name. */
  readonly label?: string | undefined;
  /** The value that contacts are ordered by. It is checked where it is used. */
  readonly by: unknown;
  /** Number of equal parts; absent: the rank is the position. */
  readonly into?: number | undefined;
  /** How often it is computed, such as `1h`; default `1h`. */
  readonly every?: string | undefined;
  /** A condition: who has a rank. It is checked where it is used. */
  readonly among?: unknown;
}
const MOST_PARTS = 1_000;
const EVERY_UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_EVERY_MS = 366 * 86_400_000;
/** Ranks that a config may name. */
export const MOST_RANKS = 32;
export const RANK_EVERY = '1h';

/** Milliseconds of `every` of a rank; undefined when it is no such duration. */
export function everyMs(text: unknown): number | undefined {
  const match = typeof text === 'string' ? /^(\d{1,6})([mhd])$/.exec(text) : null;
  const ms = Number(match?.[1]) * (EVERY_UNIT_MS[match?.[2] ?? ''] ?? NaN);
  return ms >= 60_000 && ms <= LONGEST_EVERY_MS ? ms : undefined;
}

/** `label` has the shape of all labels. */
export const RANK_SHAPES = {
  by: () => [],
  into: passing(
    (value) => Number.isSafeInteger(value) && Number(value) >= 2 && Number(value) <= MOST_PARTS,
    `must be a whole number of parts from 2 to ${MOST_PARTS}`,
  ),
  every: passing((value) => everyMs(value) !== undefined, 'must be a duration from 1m to 366d, such as 15m, 1h or 7d'),
  among: () => [],
} satisfies Omit<Fields<RankConfig>, 'label'>;

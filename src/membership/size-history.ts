/**
 * The size of a segment day by day, and at an instant (sql/object/size-view.sql). Deleted segments have a history too.
 * Only reads.
 */
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { pastSegmentIdOf } from './segment-id.ts';

export interface DayOfSegment {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** At the end of the day; for today, now. */
  readonly members: number;
  readonly entered: number;
  readonly left: number;
}

const MOST_DAYS = 36_500;

/**
 * Every day up to today, the oldest first.
 * @param days 1 to 36,500; the result is shorter when the segment or the record of sizes is younger
 * @throws {Failure} `not-found`; `usage` for another number of days
 */
export async function readSizeHistory(client: Queryable, key: string, days: number): Promise<readonly DayOfSegment[]> {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new Failure('usage', `The days must be a whole number from 1 to ${MOST_DAYS}.`);
  await pastSegmentIdOf(client, key);
  const { rows } = await client.query<{ day: string; members: string; entered: string; left: string }>({
    ...statement('segment-history'),
    values: [key, days],
  });
  return rows.map(({ day, members, entered, left }) => ({
    day,
    members: Number(members),
    entered: Number(entered),
    left: Number(left),
  }));
}

/** The state, size and freshness of each segment: the view `segment_status` for callers in TypeScript. Only reads. */
import { noSegment } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface SegmentStatus {
  readonly key: string;
  readonly state: string;
  /** Exact. */
  readonly members: number;
  /**
   * The earlier of the next two. Membership shows everything before it, also for the segments it reads; null before the
   * first drain.
   */
  readonly freshAsOf: string | null;
  /** Membership shows changes that committed before this instant. */
  readonly rowsAsOf: string | null;
  /** Membership shows windows that ran out before this instant. It is earlier when their field has no usable index. */
  readonly timeAsOf: string | null;
  readonly version: number;
  readonly liveVersion: number | null;
  /** Progress of the running build, 0 to 1; null when none runs. */
  readonly progress: number | null;
  readonly error: unknown;
  /**
   * Segments that it reads, directly or through others, and that do not follow: `freshAsOf` is no later than their
   * members.
   */
  readonly stale: readonly string[];
  /** Why a rebuild is owed, such as `its catalogue changed: fields.total`; empty when none is. */
  readonly owed: readonly string[];
}

/** All segments, or the one with `key`. @throws {Failure} `not-found` when no segment has that key */
export async function readSegmentStatus(client: Queryable, key?: string): Promise<readonly SegmentStatus[]> {
  const { rows } = await client.query<{
    key: string;
    state: string;
    members: string;
    fresh_as_of: string | null;
    rows_as_of: string | null;
    time_as_of: string | null;
    version: number;
    live_version: number | null;
    progress: string | number | null;
    error: unknown;
    stale: string[];
    owed: string[];
  }>({ ...statement('segment-status'), values: [key ?? null] });
  if (key !== undefined && rows.length === 0) throw noSegment(key);
  return rows.map((row) => ({
    key: row.key,
    state: row.state,
    members: Number(row.members),
    freshAsOf: row.fresh_as_of,
    rowsAsOf: row.rows_as_of,
    timeAsOf: row.time_as_of,
    version: row.version,
    liveVersion: row.live_version,
    progress: row.progress === null ? null : Number(row.progress),
    error: row.error,
    stale: row.stale,
    owed: row.owed,
  }));
}

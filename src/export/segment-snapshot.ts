/**
 * The segment that an export is about, as one Postgres snapshot shows it. The members that this snapshot sees are the
 * members that the file holds. Reads only.
 */
import { Failure, noSegment } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface SegmentSnapshot {
  readonly id: number;
  readonly key: string;
  readonly state: string;
  /** Version of the condition that the members come from. */
  readonly version: number;
  /** How many members. */
  readonly members: number;
  /** Text of the `pg_snapshot`. */
  readonly snapshot: string;
  /** ISO 8601, UTC: the clock of the snapshot. */
  readonly asOf: string;
  /** ISO 8601, UTC; null before the first drain. */
  readonly freshAsOf: string | null;
}

/**
 * @param delta name of a delta: a deleted segment is found too when it has a file of this delta, for the last file
 * @throws {Failure} `not-found`; `conflict` before the first build, or while a worker deletes the segment
 */
export async function readSegmentSnapshot(client: Queryable, key: string, delta?: string): Promise<SegmentSnapshot> {
  const { rows } = await client.query<{
    id: number;
    state: string;
    wanted_state: string;
    live_version: number | null;
    members: string;
    snapshot: string;
    as_of: string;
    fresh_as_of: string | null;
  }>({
    ...statement('export-segment'),
    values: [key, delta ?? null],
  });
  const row = rows[0];
  if (!row) throw noSegment(key);
  if (row.wanted_state === 'deleted' && row.state !== 'deleted')
    throw new Failure(
      'conflict',
      `${key} is being deleted; the last file of a delta can be written when a worker has done that.`,
    );
  if (row.live_version === null)
    throw new Failure(
      'conflict',
      `${key} was never built, so it has no members to export; segmentd status ${key} says why.`,
    );
  return {
    id: row.id,
    key,
    state: row.state,
    version: row.live_version,
    members: Number(row.members),
    snapshot: row.snapshot,
    asOf: row.as_of,
    freshAsOf: row.fresh_as_of,
  };
}

/** `20240515T120000123456Z`: an instant as part of the name of a file. */
export function compactInstant(instant: string): string {
  return instant.replaceAll(/[-:.]/g, '');
}

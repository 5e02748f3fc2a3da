/** The versions of a segment: the author of each, its time, and what it changed in words. Reads only. */
import { noSegment } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { differenceLines, differenceOf } from './edit-difference.ts';
import type { SegmentKind, VersionState } from '../lifecycle/state.ts';

export interface Version {
  readonly version: number;
  readonly state: VersionState;
  /** ISO 8601 with microseconds, UTC. */
  readonly createdAt: string;
  /** The person who wrote it, where known; else the database role. */
  readonly createdBy: string;
  /** The login that wrote it. */
  readonly databaseRole: string;
  /** Whether `apply` wrote it from a file. */
  readonly applied: boolean;
  readonly kind: SegmentKind;
  readonly condition: unknown;
  readonly timezone: string | null;
  /** Whether membership follows it. */
  readonly live: boolean;
  readonly wanted: boolean;
  readonly error: unknown;
  /** The condition in English; null when it was never validated. */
  readonly sentence: string | null;
  /** What differs from the version before, one line for each change. */
  readonly changes: readonly string[];
}

export interface VersionRow {
  readonly version: number;
  readonly kind: SegmentKind;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly state: VersionState;
  readonly sentence: string | null;
  readonly error: unknown;
  readonly created_at: string;
  readonly created_by: string;
  readonly database_role: string;
  readonly applied: boolean;
  readonly live: boolean | null;
  readonly wanted: boolean;
}

/** @throws {Failure} `not-found` */
export async function readVersions(client: Queryable, key: string): Promise<readonly VersionRow[]> {
  const { rows } = await client.query<VersionRow>({ ...statement('segment-version'), values: [key] });
  if (rows.length === 0) throw noSegment(key);
  return rows;
}

/** All versions, the latest first, also of a deleted segment. Without a catalogue `changes` are empty. @throws {Failure} `not-found` */
export async function listVersions(
  client: Queryable,
  catalogue: Catalogue | undefined,
  key: string,
): Promise<readonly Version[]> {
  const rows = await readVersions(client, key);
  return rows.map((row, index) => {
    const { created_at, created_by, database_role, live, ...same } = row;
    const before = rows[index + 1];
    return {
      ...same,
      live: live === true,
      createdAt: created_at,
      createdBy: created_by,
      databaseRole: database_role,
      changes: before && catalogue ? changesOf(catalogue, before, row) : [],
    };
  });
}

function changesOf(catalogue: Catalogue, before: VersionRow, after: VersionRow): readonly string[] {
  const kind = before.kind === after.kind ? [] : [`kind: ${before.kind} → ${after.kind}`];
  return [...kind, ...differenceLines(differenceOf(catalogue, before, after))];
}

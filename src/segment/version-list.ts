/** The versions of a segment: who wrote each, when, and what it changed in words. Reads only. */
import { noSegment } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { differenceLines, differenceOf } from './difference.ts';
import type { SegmentKind } from '../lifecycle/state.ts';

export interface Version {
  readonly version: number;
  /** `proposed`, `accepted`, `held`, `invalid` or `superseded`. */
  readonly state: string;
  /** ISO 8601 with microseconds, UTC. */
  readonly createdAt: string;
  /** Role that wrote it. */
  readonly createdBy: string;
  /** By `apply`, from a file. */
  readonly applied: boolean;
  readonly kind: SegmentKind;
  readonly condition: unknown;
  readonly timezone: string | null;
  /** Membership follows it. */
  readonly live: boolean;
  readonly wanted: boolean;
  readonly error: unknown;
  /** Against the version before, one line a change. */
  readonly changes: readonly string[];
}

export interface VersionRow {
  readonly version: number;
  readonly kind: SegmentKind;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly state: string;
  readonly error: unknown;
  readonly created_at: string;
  readonly created_by: string;
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

/** The latest first; of a deleted segment too. Without a catalogue nothing is said of the changes. @throws {Failure} `not-found` */
export async function listVersions(
  client: Queryable,
  catalogue: Catalogue | undefined,
  key: string,
): Promise<readonly Version[]> {
  const rows = await readVersions(client, key);
  return rows.map((row, index) => {
    const { created_at, created_by, live, ...same } = row;
    const before = rows[index + 1];
    return {
      ...same,
      live: live === true,
      createdAt: created_at,
      createdBy: created_by,
      changes: before && catalogue ? changesOf(catalogue, before, row) : [],
    };
  });
}

function changesOf(catalogue: Catalogue, before: VersionRow, after: VersionRow): readonly string[] {
  const kind = before.kind === after.kind ? [] : [`kind: ${before.kind} → ${after.kind}`];
  return [...kind, ...differenceLines(differenceOf(catalogue, before, after))];
}

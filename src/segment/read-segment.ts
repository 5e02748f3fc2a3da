/**
 * Segments as callers read them: what is wanted of each, and how it stands. Reads only.
 */
import { noSegment } from '../base/error.ts';
import { isTooDeep } from '../condition/check/check-shape.ts';
import type { SegmentKind, SegmentState, WantedState } from '../lifecycle/state.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface Segment {
  readonly key: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly kind: SegmentKind;
  /** Null too for one that was stored before there were limits and is nested too deep to be shown; `error` says so. */
  readonly condition: unknown;
  /** The live version in English, before the first build the wanted one; null until it is validated. */
  readonly sentence: string | null;
  readonly timezone: string | null;
  readonly tags: readonly string[];
  readonly state: SegmentState;
  readonly wantedState: WantedState;
  readonly version: number;
  /** The version that membership follows; null before the first build. */
  readonly liveVersion: number | null;
  /** Why the wanted version is not followed, e.g. `{ issues: [...] }`. */
  readonly error: unknown;
  readonly members: number;
  /** ISO 8601 with microseconds, UTC; so is every instant here. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The person who edited it last, where known; else the database role. */
  readonly updatedBy: string;
  /** The login that edited it last. */
  readonly databaseRole: string;
}

/** A row of a statement that reads segments. */
export interface SegmentRow {
  readonly key: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly kind: SegmentKind;
  readonly condition: unknown;
  readonly sentence: string | null;
  readonly timezone: string | null;
  readonly tags: readonly string[];
  readonly state: SegmentState;
  readonly wanted_state: WantedState;
  readonly version: number;
  readonly live_version: number | null;
  readonly error: unknown;
  readonly members: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly updated_by: string;
  readonly database_role: string;
}

/** @param options.search text looked for, in any case, in key, name, description and tags */
export async function listSegments(
  client: Queryable,
  options: { readonly search?: string } = {},
): Promise<readonly Segment[]> {
  const { rows } = await client.query<SegmentRow>({
    ...statement('segment-list'),
    values: [null, options.search ?? null],
  });
  return rows.map(segmentOfRow);
}

/** @throws {Failure} `not-found`, with the nearest key that exists */
export async function showSegment(client: Queryable, key: string): Promise<Segment> {
  const { rows } = await client.query<SegmentRow>({ ...statement('segment-list'), values: [key, null] });
  const row = rows[0];
  if (!row) throw noSegment(key);
  return segmentOfRow(row);
}

/** Ids by key of all that are not deleted. */
export async function segmentIds(client: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ id: number; key: string }>(
    `select s.id, s.key from segmentd.segment s where s.wanted_state <> 'deleted'`,
  );
  return new Map(rows.map((row) => [row.key, row.id]));
}

export function segmentOfRow(row: SegmentRow): Segment {
  return {
    key: row.key,
    name: row.name,
    description: row.description,
    kind: row.kind,
    condition: isTooDeep(row.condition) ? null : row.condition,
    sentence: row.sentence,
    timezone: row.timezone,
    tags: row.tags,
    state: row.state,
    wantedState: row.wanted_state,
    version: row.version,
    liveVersion: row.live_version,
    error: row.error,
    members: Number(row.members),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
    databaseRole: row.database_role,
  };
}

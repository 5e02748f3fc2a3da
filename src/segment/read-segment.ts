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
  readonly updatedBy: string;
}

interface SegmentRow {
  key: string;
  name: string | null;
  description: string | null;
  kind: SegmentKind;
  condition: unknown;
  timezone: string | null;
  tags: string[];
  state: SegmentState;
  wanted_state: WantedState;
  version: number;
  live_version: number | null;
  error: unknown;
  members: string;
  created_at: string;
  updated_at: string;
  updated_by: string;
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

function segmentOfRow(row: SegmentRow): Segment {
  const { wanted_state, live_version, members, created_at, updated_at, updated_by, ...same } = row;
  return {
    ...same,
    condition: isTooDeep(same.condition) ? null : same.condition,
    wantedState: wanted_state,
    liveVersion: live_version,
    members: Number(members),
    createdAt: created_at,
    updatedAt: updated_at,
    updatedBy: updated_by,
  };
}

/**
 * The ways back: an old condition as a new version, and a deleted segment as it was. Also says what changed between two versions.
 * Writes only what callers may write.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { differenceOf, type Difference } from './edit-difference.ts';
import { editSegment, type EditOptions } from './edit-segment.ts';
import { whyNothingWritten, type ExpectedOptions } from './expected-version.ts';
import { showSegment, type Segment } from './read-segment.ts';
import { rejectVersion } from './reject-segment.ts';
import { readVersions, type VersionRow } from './version-list.ts';

/** Days in which a deleted segment can be restored. */
export const RESTORABLE_DAYS = 30;

/** @throws {Failure} `not-found` for the segment or one of the versions */
export async function diffVersions(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  from: number,
  to: number,
): Promise<Difference> {
  const rows = await readVersions(client, key);
  return differenceOf(catalogue, find(rows, key, from), find(rows, key, to));
}

function find(rows: readonly VersionRow[], key: string, version: number): VersionRow {
  const row = rows.find((one) => one.version === version);
  if (!row) throw new Failure('not-found', `${key} has no version ${version}; it has 1 to ${rows[0]?.version ?? 1}.`);
  return row;
}

/**
 * Makes kind, condition and zone of an old version those of a new one. Members that callers added then do not come back: a segment
 * that becomes static again keeps the members that it has.
 * @throws {Failure} `not-found`; `RefusedCondition` when the old condition no longer fits
 */
export async function restoreVersion(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  version: number,
  options: EditOptions = {},
): Promise<Segment> {
  const now = await showSegment(client, key);
  const { kind, condition, timezone } = find(await readVersions(client, key), key, version);
  // A snapshot has no zone, and a condition only until it is made.
  const meaning = kind === 'dynamic' ? { timezone: timezone ?? '', condition } : {};
  return editSegment(client, catalogue, key, { ...meaning, ...(kind === now.kind ? {} : { kind }) }, options);
}

interface DeletedRow {
  readonly state: string;
  readonly wanted_state: string;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly age: number | null;
}

/**
 * Brings a deleted segment back, with its versions and its history; it is built anew.
 * @throws {Failure} `not-found`; `conflict` when it is not deleted or was deleted too long ago; `RefusedCondition`
 * when its condition no longer fits
 */
export async function restoreSegment(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  { expectedVersion }: ExpectedOptions = {},
): Promise<Segment> {
  const { rows } = await client.query<DeletedRow>({ ...statement('segment-deleted'), values: [key] });
  const row = rows[0];
  if (!row) throw new Failure('not-found', `There is no segment ${JSON.stringify(key)}, and none was deleted.`);
  if (row.wanted_state !== 'deleted')
    throw new Failure('conflict', `${key} is not deleted; an old condition comes back with --to VERSION.`);
  if (row.age !== null && row.age >= RESTORABLE_DAYS) {
    throw new Failure(
      'conflict',
      `${key} was deleted ${row.age} days ago; segments can be restored for ${RESTORABLE_DAYS} days. Its last condition is in segmentd versions ${key}.`,
    );
  }
  if (row.condition !== null)
    await rejectVersion(client, catalogue, { key, condition: row.condition, timezone: row.timezone });
  const restored = await client.query({ ...statement('segment-restore'), values: [key, expectedVersion ?? null] });
  if (restored.rowCount === 0) throw await whyNothingWritten(client, key, expectedVersion, catalogue);
  return showSegment(client, key);
}

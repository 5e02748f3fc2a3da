/**
 * Edits segments and confirms held edits, as plain SQL would, on any connection. A new condition or zone is a new version. Never
 * writes membership, states or versions: the trigger numbers the version and the worker decides on it.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SegmentInput } from './create-segment.ts';
import { whyNothingWritten, type ExpectedOptions, type Worded } from './expected-version.ts';
import { showSegment, type Segment } from './read-segment.ts';
import { rejectText, rejectVersion, rejectZone } from './reject-segment.ts';

/**
 * What an edit changes; what is absent stays. An empty `name`, `description` or `timezone` clears it. A segment that becomes
 * `static` or a `snapshot` keeps the members that it has; one that becomes `dynamic` needs a condition, and follows it.
 */
export type SegmentChange = Partial<Omit<SegmentInput, 'key' | 'of'>>;

export interface EditOptions extends ExpectedOptions {
  /** Confirms the new version, however many members it moves. Without it the worker may hold the version (lifecycle/guard.ts). */
  readonly confirm?: boolean;
}

/**
 * Checks an edit, and returns the segment as it is before the edit.
 * @param catalogue only an edit of the condition needs it
 * @throws {Failure} `not-found`; `RefusedCondition`
 */
export async function checkChange(
  client: Queryable,
  catalogue: Catalogue | undefined,
  key: string,
  change: SegmentChange,
): Promise<Segment> {
  const before = await showSegment(client, key);
  rejectKind(before, change);
  rejectText(change);
  if (change.condition === undefined) {
    if (change.timezone) await rejectZone(client, change.timezone);
    return before;
  }
  if (!catalogue) throw new Error('a condition is checked against a catalogue');
  // An empty zone clears it: the condition is read in the catalogue's.
  const timezone = (change.timezone ?? before.timezone) || null;
  await rejectVersion(client, catalogue, { key, condition: change.condition, timezone });
  return before;
}

/** @throws {Failure} `usage` for a condition that the kind does not have, or for a missing one */
function rejectKind(
  { key, kind: before }: Segment,
  { kind: after = before, condition, timezone }: SegmentChange,
): void {
  if (after === 'dynamic') {
    if (before !== 'dynamic' && condition === undefined)
      throw new Failure('usage', `${key} is ${before}: to become dynamic it needs a condition.`);
    return;
  }
  if (condition !== undefined) {
    const hint =
      after === 'static'
        ? 'it has no condition, callers add its members'
        : 'its members are what they were when it was made';
    throw new Failure(
      'usage',
      `${key} ${before === after ? 'is' : 'would be'} ${after === 'static' ? 'a static segment' : 'a snapshot'}: ${hint}.`,
    );
  }
  if (before === 'snapshot' && after === 'snapshot' && timezone !== undefined)
    throw new Failure('usage', `${key} is a snapshot: its zone has no meaning any more.`);
}

/**
 * Confirms the wanted version, however many members it moves, whether or not the guard holds it already.
 * @throws {Failure} `not-found`; `conflict` when the wanted version is live
 */
export async function confirmSegment(
  client: Queryable,
  key: string,
  { expectedVersion, catalogue }: ExpectedOptions & Worded = {},
): Promise<Segment> {
  const { version, liveVersion } = await showSegment(client, key);
  if (expectedVersion !== undefined && version !== expectedVersion)
    throw await whyNothingWritten(client, key, expectedVersion, catalogue);
  if (version === liveVersion)
    throw new Failure('conflict', `Nothing of ${key} waits to be confirmed: version ${version} is live.`);
  const { rowCount } = await client.query({ ...statement('segment-confirm'), values: [key, expectedVersion ?? null] });
  if (rowCount === 0) throw await whyNothingWritten(client, key, expectedVersion, catalogue);
  return showSegment(client, key);
}

/**
 * Changes what is given. A new condition or zone is a new version: the old one stays live until the new one is built.
 * @throws {Failure} `not-found`; `RefusedCondition`; `conflict` for another version than expected
 */
export async function editSegment(
  client: Queryable,
  catalogue: Catalogue | undefined,
  key: string,
  change: SegmentChange,
  options: EditOptions = {},
): Promise<Segment> {
  await checkChange(client, catalogue, key, change);
  await updateSegment(client, key, change, { ...options, catalogue });
  return showSegment(client, key);
}

/** Writes what was checked already. @throws {Failure} `not-found`; `conflict` */
export async function updateSegment(
  client: Queryable,
  key: string,
  change: SegmentChange,
  options: EditOptions & Worded = {},
): Promise<void> {
  const { rows } = await client.query({
    ...statement('segment-edit'),
    values: [
      key,
      change.name ?? null,
      change.description ?? null,
      change.condition === undefined ? null : JSON.stringify(change.condition),
      change.timezone ?? null,
      change.tags ?? null,
      options.confirm === true,
      change.kind ?? null,
      options.expectedVersion ?? null,
    ],
  });
  if (rows.length === 0) throw await whyNothingWritten(client, key, options.expectedVersion, options.catalogue);
}

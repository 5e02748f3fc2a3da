/**
 * Segments as rows: what callers want, written by plain SQL on any connection, so that it can be part of the caller's own
 * transaction. Conditions are checked before they are written and refused with every issue. It never writes membership,
 * states or versions: the triggers on `segmentd.segment` and the worker do.
 */
import { Failure, noSegment } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition } from '../condition/check/check.ts';
import { isTooDeep } from '../condition/check/check-shape.ts';
import type { Issue } from '../condition/issue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { refuseUnknownZone } from '../postgres/known-zone.ts';
import { whyNothing, type ExpectedOptions } from './expected.ts';
import { referencesFor } from './reference-graph.ts';
import { referenceIssues } from './reference.ts';
import { textMistakes } from './text.ts';
import { usesOf } from './use.ts';
import type { SegmentKind, SegmentState, WantedState } from '../lifecycle/state.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';

/** What a caller says about a segment. */
export interface SegmentInput {
  /** Letters, digits, `_`, `.` and `-`; at most 100; it names the segment for ever. */
  readonly key: string;
  /** JsonLogic; required for `dynamic`, refused for `static`. Of a `snapshot`: who is in it, decided once when it is built. */
  readonly condition?: unknown;
  /** In place of the condition of a snapshot: key of the segment whose members it gets. */
  readonly of?: string;
  readonly name?: string;
  readonly description?: string;
  /** IANA name; default the catalogue's. */
  readonly timezone?: string;
  readonly tags?: readonly string[];
  /** Default `dynamic`. */
  readonly kind?: SegmentKind;
}

/**
 * What an edit changes; what is absent stays. An empty `name`, `description` or `timezone` clears it. A segment that becomes
 * `static` or a `snapshot` keeps the members that it has; one that becomes `dynamic` needs a condition, and follows it.
 */
export type SegmentChange = Partial<Omit<SegmentInput, 'key' | 'of'>>;

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

export interface CreateOptions {
  /** Takes the key of a deleted segment, whose past is then found under `KEY.deleted.ID`. Otherwise that is refused. */
  readonly reuse?: boolean;
}

export interface EditOptions extends ExpectedOptions {
  /** The worker lets the new version through however many members it moves; otherwise it may hold it (lifecycle/guard.ts). */
  readonly confirm?: boolean;
}

/** The catalogue in which a conflict says what the later versions changed. */
interface Worded {
  readonly catalogue?: Catalogue | undefined;
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
const KEY_HINT = 'use letters, digits, "_", "." and "-", at most 100, the first a letter or digit';

/** Undefined when the key may name a segment, else what a key is. */
export function keyHint(key: string): string | undefined {
  return KEY.test(key) ? undefined : KEY_HINT;
}

/**
 * Creates a segment; it is `building` until the worker has built it.
 * @throws {Failure} `RefusedCondition`, `conflict` when the key is taken or was
 */
export async function createSegment(
  client: Queryable,
  catalogue: Catalogue,
  input: SegmentInput,
  options: CreateOptions = {},
): Promise<Segment> {
  const { key, kind = 'dynamic', of } = input;
  const hint = keyHint(key);
  if (hint !== undefined) throw new Failure('usage', `${JSON.stringify(key)} cannot be a segment's key: ${hint}.`);
  if (of !== undefined && kind !== 'snapshot')
    throw new Failure('usage', `Only a snapshot is made of another segment; ${key} would be ${kind}.`);
  if (of !== undefined && input.condition !== undefined)
    throw new Failure('usage', 'A snapshot is made of a condition or of a segment, not of both.');
  if (of !== undefined) await showSegment(client, of);
  const condition = of === undefined ? input.condition : { in_segment: [of] };
  if (kind === 'static' && condition !== undefined)
    throw new Failure('usage', 'A static segment has no condition: its members are added by hand.');
  if (kind !== 'static' && condition === undefined)
    throw new Failure(
      'usage',
      kind === 'snapshot'
        ? 'A snapshot is made of a condition, or of a segment.'
        : `A ${kind} segment needs a condition.`,
    );
  checkText(input);
  if (input.timezone) await refuseUnknownZone(client, input.timezone);
  if (condition !== undefined) await refuseIssues(client, catalogue, key, condition, input.timezone);
  await insertSegment(client, { ...input, ...(condition === undefined ? {} : { condition }) }, options);
  return showSegment(client, key);
}

/** What was checked, and no more. @throws {Failure} `conflict` when the key is taken or was */
export async function insertSegment(
  client: Queryable,
  input: SegmentInput,
  options: CreateOptions = {},
): Promise<void> {
  const { key, kind = 'dynamic', condition } = input;
  const { rows } = await client.query({
    ...statement('segment-create'),
    values: [
      key,
      input.name ?? null,
      input.description ?? null,
      kind,
      json(condition),
      input.timezone || null,
      input.tags ?? null,
      options.reuse === true,
    ],
  });
  if (rows.length === 0) throw await keyTaken(client, key);
}

/**
 * What an edit must pass; returns the segment as it is.
 * @param catalogue needed by an edit of the condition alone
 * @throws {Failure} `not-found`; `RefusedCondition`
 */
export async function checkChange(
  client: Queryable,
  catalogue: Catalogue | undefined,
  key: string,
  change: SegmentChange,
): Promise<Segment> {
  const before = await showSegment(client, key);
  refuseKind(before, change);
  checkText(change);
  if (change.timezone) await refuseUnknownZone(client, change.timezone);
  if (change.condition !== undefined) {
    if (!catalogue) throw new Error('a condition is checked against a catalogue');
    await refuseIssues(client, catalogue, key, change.condition, change.timezone ?? before.timezone ?? undefined);
  }
  return before;
}

/** @throws {Failure} `usage` for a condition where none belongs, or none where one does */
function refuseKind(
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
        ? 'it has no condition, its members are added by hand'
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
 * Lets the wanted version through however many members it moves, whether it is held already or would be.
 * @throws {Failure} `not-found`; `conflict` when the wanted version is live
 */
export async function confirmSegment(
  client: Queryable,
  key: string,
  { expectedVersion, catalogue }: ExpectedOptions & Worded = {},
): Promise<Segment> {
  const { version, liveVersion } = await showSegment(client, key);
  if (expectedVersion !== undefined && version !== expectedVersion)
    throw await whyNothing(client, key, expectedVersion, catalogue);
  if (version === liveVersion)
    throw new Failure('conflict', `Nothing of ${key} waits to be confirmed: version ${version} is live.`);
  const { rowCount } = await client.query({ ...statement('segment-confirm'), values: [key, expectedVersion ?? null] });
  if (rowCount === 0) throw await whyNothing(client, key, expectedVersion, catalogue);
  return showSegment(client, key);
}

/** Ids by key of all that are not deleted. */
export async function segmentIds(client: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ id: number; key: string }>(
    `select s.id, s.key from segmentd.segment s where s.wanted_state <> 'deleted'`,
  );
  return new Map(rows.map((row) => [row.key, row.id]));
}

async function keyTaken(client: Queryable, key: string): Promise<Failure> {
  const { rows } = await client.query<{ state: string; wanted_state: string; deleted_on: string | null }>({
    ...statement('segment-deleted'),
    values: [key],
  });
  const row = rows[0];
  if (row?.wanted_state !== 'deleted') return new Failure('conflict', `There is a segment ${key} already.`);
  if (row.state !== 'deleted')
    return new Failure('conflict', `The segment ${key} is being deleted; its key is free when a worker has done that.`);
  const when = row.deleted_on === null ? '' : ` on ${row.deleted_on}`;
  return new Failure(
    'conflict',
    `A segment ${key} was deleted${when}: segmentd restore ${key} brings it back, --reuse gives its key to a new one.`,
  );
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

/** What was checked, and no more. @throws {Failure} `not-found`; `conflict` */
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
      json(change.condition),
      change.timezone ?? null,
      change.tags ?? null,
      options.confirm === true,
      change.kind ?? null,
      options.expectedVersion ?? null,
    ],
  });
  if (rows.length === 0) throw await whyNothing(client, key, options.expectedVersion, options.catalogue);
}

/** Copies condition, zone, description and tags under a new key, of a static segment its members; not what was decided by hand beside a condition. */
export async function duplicateSegment(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  newKey: string,
  options: CreateOptions = {},
): Promise<Segment> {
  const { condition, description, timezone, tags, kind } = await showSegment(client, key);
  const input = {
    key: newKey,
    kind,
    tags,
    ...(kind === 'snapshot' ? { of: key } : condition === null ? {} : { condition }),
    ...(description === null ? {} : { description }),
    ...(timezone === null ? {} : { timezone }),
  };
  const made = await createSegment(client, catalogue, input, options);
  if (kind === 'static') await client.query({ ...statement('override-copy'), values: [key, newKey] });
  return made;
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

/**
 * Asks the worker for a state. `deleted` and `archived` are refused while other segments read this one.
 * @throws {Failure} `not-found`; `conflict` naming the segments that use it
 */
export async function requestState(
  client: Queryable,
  key: string,
  wanted: WantedState,
  { expectedVersion, catalogue }: ExpectedOptions & Worded = {},
): Promise<void> {
  if (wanted === 'deleted' || wanted === 'archived') {
    const users = (await usesOf(client, key)).filter(({ path }) => path.length === 2).map((use) => use.key);
    if (users.length > 0)
      throw new Failure(
        'conflict',
        `${key} is used by ${users.join(', ')}; edit or delete ${users.length === 1 ? 'that' : 'those'} first.`,
        { data: users },
      );
    const { rows: schedules } = await client.query<{ id: number }>({ ...statement('segment-schedule'), values: [key] });
    const ids = schedules.map(({ id }) => id);
    if (ids.length > 0)
      throw new Failure(
        'conflict',
        `${key} is exported by schedule ${ids.join(', ')}; remove ${ids.length === 1 ? 'that' : 'those'} first.`,
        { data: ids },
      );
  }
  const { rows } = await client.query({ ...statement('segment-want'), values: [key, wanted, expectedVersion ?? null] });
  if (rows.length === 0) throw await whyNothing(client, key, expectedVersion, catalogue);
}

/**
 * Asks for a full rebuild. Members that stay are not touched.
 * @param options.inside `client` is in a transaction that may have written before: a build that is asked for already may miss that
 * @returns the keys that will be rebuilt, invalid ones if their reason is gone; paused and archived segments rebuild when they return
 * @throws {Failure} `not-found`; `conflict` when the one asked for is paused or archived
 */
export async function requestRebuild(
  client: Queryable,
  key: string | 'all',
  options: { readonly inside?: boolean } = {},
): Promise<readonly string[]> {
  const one = key === 'all' ? null : key;
  const { rows } = await client.query<{ key: string }>({
    ...statement('rebuild-ask'),
    values: [one, 'repair', options.inside === true],
  });
  if (one !== null && rows.length === 0) {
    const { wantedState } = await showSegment(client, one);
    throw new Failure('conflict', `${one} is ${wantedState}; it rebuilds when it is resumed.`);
  }
  await client.query(statement('ring'));
  return rows.map((row) => row.key);
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

/** @param key of the segment that would have it, or '' for none yet. @throws {RefusedCondition} */
export async function refuseIssues(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  condition: unknown,
  timezone: string | undefined,
): Promise<void> {
  const { reads, bound } = await referencesFor(client, condition);
  const checked = checkCondition(condition, {
    catalogue,
    timezone: timezone || catalogue.timezone,
    segments: (other) => (key !== '' && other === key) || reads.has(other),
  });
  const issues: readonly Issue[] = checked.ok ? referenceIssues(key, condition, reads, bound) : checked.issues;
  if (issues.length === 0) return;
  throw new RefusedCondition(
    issues.length === 1 ? 'The condition is refused.' : `The condition is refused for ${issues.length} reasons.`,
    issues,
  );
}

/** Postgres takes neither NUL nor a lone surrogate in text; said here, where the field has a name. */
function checkText(input: SegmentChange): void {
  const [first] = textMistakes(input);
  if (first) throw new Failure('usage', `The ${first.thing} ${first.message}.`);
}

function json(condition: unknown): string | null {
  return condition === undefined ? null : JSON.stringify(condition);
}

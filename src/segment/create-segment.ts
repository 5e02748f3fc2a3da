/**
 * Creates segments, as plain SQL would, on any connection: the row can be part of the caller's own transaction. The condition is
 * checked before it is written, and rejected with every issue. Never writes membership, states or versions.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SegmentKind } from '../lifecycle/state.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { showSegment, type Segment } from './read-segment.ts';
import { rejectText, rejectVersion } from './reject-segment.ts';

/** What a caller writes about a segment. */
export interface SegmentInput {
  /** At most 100 letters, digits, `_`, `.` and `-`. A segment keeps its key for ever. */
  readonly key: string;
  /** JsonLogic; required for `dynamic`, rejected for `static`. A `snapshot` evaluates it once, when it is built. */
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

export interface CreateOptions {
  /** Takes the key of a deleted segment, whose past is then found under `KEY.deleted.ID`. Without it such a key is rejected. */
  readonly reuse?: boolean;
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
const KEY_HINT = 'use letters, digits, "_", "." and "-", at most 100, the first a letter or digit';

/** Returns undefined when the key may name a segment, else what a key may be. */
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
    throw new Failure('usage', 'A static segment has no condition: callers add its members.');
  if (kind !== 'static' && condition === undefined)
    throw new Failure(
      'usage',
      kind === 'snapshot'
        ? 'A snapshot is made of a condition, or of a segment.'
        : `A ${kind} segment needs a condition.`,
    );
  rejectText(input);
  await rejectVersion(client, catalogue, { key, condition, timezone: input.timezone || null });
  await insertSegment(client, { ...input, ...(condition === undefined ? {} : { condition }) }, options);
  return showSegment(client, key);
}

/** Inserts what was checked already. @throws {Failure} `conflict` when the key is taken or was */
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
      condition === undefined ? null : JSON.stringify(condition),
      input.timezone || null,
      input.tags ?? null,
      options.reuse === true,
    ],
  });
  if (rows.length === 0) throw await keyTaken(client, key);
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

/** Copies condition, zone, description and tags under a new key, and the members of a static segment. Overrides of a dynamic segment are not copied. */
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

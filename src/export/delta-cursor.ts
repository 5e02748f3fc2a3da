/**
 * The cursor of a delta in `segmentd_internal.export_delta`: up to which snapshot its files reach, and what the next file holds.
 * Invariant: what is pending changes only with a restart; each file is made of what was fixed once.
 * Every function runs in a transaction of the caller, on the connection that holds the lock of the delta.
 */
import { Failure } from '../base/error.ts';
import { integer, render, sql } from '../compile/fragment.ts';
import { ageForeignEvents, unseenBy } from '../membership/snapshot-cursor.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { manifestText, type Manifest } from './manifest.ts';
import { readSegmentSnapshot, type SegmentSnapshot } from './segment-snapshot.ts';

/** A delta by its id, with its names for sentences. */
interface Delta {
  readonly id: number;
  readonly name: string;
  /** Of the segment. */
  readonly key: string;
}

interface State {
  /** Of the last file. */
  readonly number: number;
  readonly snapshot: string | null;
  readonly as_of: string | null;
  readonly pending_snapshot: string | null;
  readonly pending: SegmentSnapshot | null;
  /** Whether the event log still reaches back to the cursor. */
  readonly reached: boolean;
  /** Whether the cursor is of this server. */
  readonly ours: boolean;
}

/** What the next file holds. */
export interface FixedFile {
  readonly segment: SegmentSnapshot;
  readonly number: number;
  /** `as_of` of the file before; null for the first file, which holds all members. */
  readonly since: string | null;
  /** Whether an earlier attempt has fixed it. */
  readonly repeated: boolean;
  readonly changes: number;
}

export const CURSOR_TIMEOUTS = { lockTimeout: 5_000, statementTimeout: 600_000, idleTimeout: 30_000 } as const;

const AGAIN = 'begin anew with --restart: the next file then holds all members.';

/** Returns what is pending, or makes pending what happened between the cursor and this transaction's own snapshot. */
export async function fixNextFile(client: Client, delta: Delta, restart: boolean): Promise<FixedFile> {
  const { id, name, key } = delta;
  await client.query('set transaction isolation level repeatable read');
  if (restart) await forgetCursor(client, id);
  const { rows } = await client.query<State>({ ...statement('delta-state'), values: [id] });
  const state = rows[0];
  if (!state) throw new Failure('conflict', `The delta ${JSON.stringify(name)} of ${key} was removed meanwhile.`);
  const next = { number: state.number + 1, since: state.as_of };
  if (state.pending_snapshot !== null && state.pending)
    return {
      ...next,
      segment: { ...state.pending, key },
      repeated: true,
      changes: await countChanges(client, id),
    };
  refuseLostCursor(delta, state);
  const segment = await readSegmentSnapshot(client, key, name);
  const changes = state.snapshot === null ? 0 : await storeChanges(client, id, segment.id, state.snapshot);
  await client.query(
    'update segmentd_internal.export_delta set pending_snapshot = $2::text::pg_snapshot, pending = $3 where id = $1',
    [id, segment.snapshot, JSON.stringify(segment)],
  );
  return { ...next, segment, repeated: false, changes };
}

/**
 * Publishes the file and moves the cursor. The lock of the delta goes with its connection: when the connection broke,
 * this fails before the file has its name.
 */
export async function finishFile(
  client: Client,
  { id, name, key }: Delta,
  manifest: Manifest,
  publish: () => Promise<void>,
): Promise<void> {
  const held = await client.query(
    'select from segmentd_internal.export_delta d where d.id = $1 and d.number = $2 and d.pending_snapshot is not null for update',
    [id, (manifest.delta?.number ?? 0) - 1],
  );
  if (held.rowCount !== 1)
    throw new Failure('conflict', `Another process has written the delta ${JSON.stringify(name)} of ${key} meanwhile.`);
  await publish();
  await client.query({ ...statement('delta-finish'), values: [id, manifestText(manifest)] });
}

async function forgetCursor(client: Client, id: number): Promise<void> {
  await ageForeignEvents(client);
  await client.query('delete from segmentd_internal.export_change c where c.delta_id = $1', [id]);
  await client.query(
    'update segmentd_internal.export_delta set snapshot = null, as_of = null, pending_snapshot = null, pending = null where id = $1',
    [id],
  );
}

function refuseLostCursor({ name, key }: Delta, { ours, reached, as_of: since }: State): void {
  if (!ours)
    throw new Failure(
      'conflict',
      `The delta ${JSON.stringify(name)} of ${key} was begun on another server, before a dump was restored; ${AGAIN}`,
    );
  if (!reached)
    throw new Failure(
      'conflict',
      `The event log no longer reaches back to ${since}, where the last file of the delta ${JSON.stringify(name)} ended; ${AGAIN}`,
    );
}

async function countChanges(client: Client, id: number): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    'select count(*) from segmentd_internal.export_change c where c.delta_id = $1',
    [id],
  );
  return Number(rows[0]?.count);
}

/** Events of a contact alternate, so the first and the last event say what the contact was and what it is now. */
async function storeChanges(client: Client, id: number, segment: number, since: string): Promise<number> {
  const { text, bind } =
    render(sql`insert into segmentd_internal.export_change (delta_id, contact_id, change, at, reason, version)
    select ${integer(id)}, f.contact_id, case when f.first = f.last then f.first else f.first || '_' || f.last end, f.at, f.reason, f.version
    from (
      select e.contact_id, (array_agg(e.kind order by e.id))[1] as first, (array_agg(e.kind order by e.id desc))[1] as last,
        (array_agg(e.at order by e.id desc))[1] as at, (array_agg(e.reason order by e.id desc))[1] as reason,
        (array_agg(e.version order by e.id desc))[1] as version
      from segmentd.membership_event e where e.segment_id = ${integer(segment)} and ${unseenBy(since, sql`e.xid`)}
      group by e.contact_id
    ) f`);
  return (await client.query(text, bind())).rowCount ?? 0;
}

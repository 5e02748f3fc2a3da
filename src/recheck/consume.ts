/**
 * Takes work off the outbox and the recheck queue. Owns the floors' arithmetic. It must not look at segments: a drain
 * that listed segments before it consumes would lose the change of a segment that appears in between.
 */
import { lockClass } from '../postgres/advisory-lock.ts';
import { CROSSINGS, LANES, shardOf, tryShards } from '../postgres/lock.ts';
import { statement } from '../postgres/sql-file.ts';
import type { DrainSession } from './drain-session.ts';

export interface Change {
  readonly lane: number;
  readonly source: number;
  readonly contact_id: string;
  readonly mask: string | null;
  readonly edge: number | null;
  readonly xid: string;
  readonly origin: string;
  readonly rank: number;
  readonly xmin: string;
}

export interface Recheck {
  readonly row_id: string;
  readonly segment_id: number;
  readonly contact_id: string;
  readonly reason: string;
  readonly origin: string;
}

/** Lanes that have something to drain at this moment. */
export async function lanesWithWork(session: DrainSession): Promise<number[]> {
  const { xids, contacts } = session.floors(LANES);
  const { rows } = await session.client.query<{ lane: number }>({
    ...statement('find-work'),
    values: [LANES, xids, contacts, session.waiting()],
  });
  return rows.map((row) => row.lane);
}

/** The shards of the lanes, as far as they are free, held until the transaction ends. */
export async function lockShards(session: DrainSession, lanes: readonly number[]): Promise<number[]> {
  const shards = [...new Set(lanes.map(shardOf))];
  return shards.length === 0 ? [] : tryShards(session.client, lockClass.shard, shards);
}

/** The one shard of a contact. */
export async function shardsOfContact(session: DrainSession, contact: string): Promise<number[]> {
  const { rows } = await session.client.query<{ shard: number }>({
    name: 'shard-of',
    text: 'select segmentd_internal.shard($1) as shard',
    values: [contact],
  });
  return rows.map((row) => row.shard);
}

export interface Consumed {
  readonly changes: readonly Change[];
  /** Raises the floors; to be called once the transaction has committed. */
  readonly committed: () => void;
}

/**
 * At most `limit` changes and crossings of the locked shards, each lane's in the order of its outbox, and some more of
 * what came since `seen` lanes had work.
 */
export async function consumeChanges(
  session: DrainSession,
  shards: readonly number[],
  limit: number,
  seen: number,
  exact: boolean,
): Promise<Consumed> {
  // A quarter more than an even share: hashes are not even, and a burst should fit into one batch.
  const perLane = exact ? Math.max(1, Math.floor(limit / seen)) : Math.ceil((limit / seen) * 1.25) + 3;
  const lanes = shards.flatMap((shard) => [shard, CROSSINGS + shard]);
  const { xids, contacts } = session.floors(lanes);
  const { rows } = await session.client.query<Change>({
    ...statement('consume-change'),
    values: [lanes, xids, contacts, perLane],
  });
  return { changes: rows, committed: () => raiseFloors(session, rows, perLane) };
}

/** A lane without rows keeps its floor: this statement returned no `xmin` to raise it to, and the next change will. */
function raiseFloors(session: DrainSession, rows: readonly Change[], perLane: number): void {
  const last = new Map<number, Change>();
  for (const row of rows) if (row.rank > (last.get(row.lane)?.rank ?? 0)) last.set(row.lane, row);
  for (const [lane, row] of last) {
    const cut = row.rank >= perLane ? { xid: row.xid, contact: row.contact_id } : undefined;
    session.raiseFloor(lane, row.xmin, cut);
  }
}

export async function listRechecks(
  session: DrainSession,
  shards: readonly number[],
  limit: number,
  only?: { readonly segments: readonly number[]; readonly contact: string },
): Promise<Recheck[]> {
  if (limit <= 0) return [];
  const asked = only
    ? { ...statement('list-recheck-of'), values: [shards[0], only.segments, only.contact] }
    : { ...statement('list-recheck'), values: [shards, session.waiting(), limit] };
  return (await session.client.query<Recheck>(asked)).rows;
}

export async function consumeRechecks(session: DrainSession, rechecks: readonly Recheck[]): Promise<void> {
  if (rechecks.length === 0) return;
  await session.client.query({ ...statement('consume-recheck'), values: [rechecks.map((row) => row.row_id)] });
}

export interface Pending {
  readonly segmentId: number;
  readonly contact: string;
  readonly reason: string;
  readonly epoch: number | null;
  /** The oldest transaction that caused it. */
  readonly origin: string | null;
}

/** Queues (epoch null) or parks work for later. */
export async function appendRechecks(session: DrainSession, pending: readonly Pending[]): Promise<void> {
  if (pending.length === 0) return;
  await session.client.query({
    ...statement('append-recheck'),
    values: [
      pending.map((row) => row.segmentId),
      pending.map((row) => row.contact),
      pending.map((row) => row.reason),
      pending.map((row) => row.epoch),
      pending.map((row) => row.origin),
    ],
  });
}

/** The oldest origin of each contact's work. */
export function originsOf(work: readonly (Change | Recheck)[]): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  for (const { contact_id, origin } of work) {
    const known = origins.get(contact_id);
    if (known === undefined || BigInt(origin) < BigInt(known)) origins.set(contact_id, origin);
  }
  return origins;
}

/**
 * Locks of shards and slots. A transaction takes shards first (try), then slots (a drain tries them shared; a build
 * waits for one alone and holds nothing else), then rows of membership in the order of contacts. All are held until the
 * transaction ends.
 */
import { lockClass } from './advisory-lock.ts';
import type { Client } from './pool.ts';

/** Number of shards; every contact belongs to one (sql/object/shard.sql). */
export const SHARDS = 64;
/**
 * Added to a shard, this gives the lane in which crossings wait in the outbox (128–191; 64–127 are unresolved links).
 * One index serves all lanes, and a batch takes its share of each. So neither kind of work waits behind a backlog of
 * the other: with one lane, crossings came 5 to 10 s late while 50,000 changes drained.
 */
export const CROSSINGS = 128;
/** All lanes that a drain reads: for each shard its changes and its crossings. */
export const LANES: readonly number[] = [0, CROSSINGS].flatMap((kind) =>
  Array.from({ length: SHARDS }, (_, shard) => kind + shard),
);

/** The shard whose lock a lane needs. */
export function shardOf(lane: number): number {
  return lane % SHARDS;
}
/**
 * Number of slots, each shared by several segments: 10,000 advisory locks in one transaction exhausted Postgres' shared
 * memory.
 */
export const SLOTS = 256;

export function slotOf(segmentId: number): number {
  return segmentId & (SLOTS - 1);
}

/** Tries to lock each shard, and returns those it got. Never waits. */
export async function tryShards(client: Client, lockClass: number, shards: readonly number[]): Promise<number[]> {
  const { rows } = await client.query<{ shard: number }>({
    name: 'try-shards',
    text: `select shard from unnest($2::int[]) as wanted(shard) where pg_try_advisory_xact_lock($1::int, shard)`,
    values: [lockClass, shards],
  });
  return rows.map((row) => row.shard);
}

/** Tries to lock each slot in shared mode, and returns those it got. Never waits. */
export async function trySlotsShared(client: Client, slots: readonly number[]): Promise<Set<number>> {
  if (slots.length === 0) return new Set();
  const { rows } = await client.query<{ slot: number }>({
    name: 'try-slots',
    text: `select slot from unnest($2::int[]) as wanted(slot) where pg_try_advisory_xact_lock_shared($1::int, slot)`,
    values: [lockClass.slot, slots],
  });
  return new Set(rows.map((row) => row.slot));
}

/** Locks a segment's slot alone. Waits at most the transaction's `lock_timeout`, then fails with SQLSTATE 55P03. */
export async function takeSlot(client: Client, segmentId: number): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1::int, $2::int)', [lockClass.slot, slotOf(segmentId)]);
}

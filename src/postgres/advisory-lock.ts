/**
 * The advisory lock keys of segmentd: two integers, the first a constant of ours, so that they never collide with the
 * team's. src/PROTOCOL.md, "State", has the order in which a transaction takes them. This file only has the numbers and
 * the setup lock.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from './pool.ts';

/**
 * First integer of a key. The second is one of `single`, a shard, a slot, the shard of a link, the id of a delta, or
 * the hash of a consumer's name.
 */
export const lockClass = { single: 7361, shard: 7362, slot: 7363, link: 7364, delta: 7365, consumer: 7366 } as const;

/** Second integer of the keys of class `single`. */
export const single = {
  /** Held exclusively by a worker while it sleeps; writers probe it (`segmentd_internal.doorbell`). */
  doorbell: 1,
  /** Held during migrate, install and uninstall. */
  setup: 2,
  /** Held while a worker accepts versions of segments. */
  accept: 3,
  /** Held exclusively while a clock that went back is accepted; sweeps hold it shared. */
  clock: 4,
  /** Held by the worker that runs a step of the rolling audit. */
  audit: 5,
  /** Held by the transaction that computes a rank. */
  rank: 6,
} as const;

/**
 * Runs `fn` under the session lock `setup` of `client`. It polls for the lock: a session that waits inside
 * pg_advisory_lock holds a snapshot, and CREATE INDEX CONCURRENTLY of the lock's holder would wait for that snapshot.
 */
export async function underSetupLock<T>(client: Client, fn: () => Promise<T>): Promise<T> {
  const key = [lockClass.single, single.setup];
  for (let delay = 10; ; delay = Math.min(delay * 2, 250)) {
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', key);
    if (rows[0]?.got === true) break;
    await pause(delay);
  }
  try {
    return await fn();
  } finally {
    await client.query('select pg_advisory_unlock($1, $2)', key).catch(() => undefined);
  }
}

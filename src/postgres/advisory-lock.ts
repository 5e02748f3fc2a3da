/**
 * The advisory lock keys of segmentd: two integers, the first our own constant, so that they never meet the team's.
 * Order of taking them: src/PROTOCOL.md, "State". Here only the numbers, and taking one without holding a snapshot meanwhile.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from './pool.ts';

/** First integer of a key. `single` locks are listed in `single`; the second of the others is a shard, a slot, the shard of a link, a delta, or the hash of a consumer's name. */
export const lockClass = { single: 7361, shard: 7362, slot: 7363, link: 7364, delta: 7365, consumer: 7366 } as const;

/** Second integer of the keys of class `single`. */
export const single = {
  /** Held exclusively by a worker while it sleeps; writers probe it (`segmentd.doorbell`). */
  doorbell: 1,
  /** Set-up: migrate, install, uninstall. */
  setup: 2,
  /** Accepting a version of a segment. */
  accept: 3,
  /** Accepting a clock that went back: sweeps hold it shared. */
  clock: 4,
  /** Held by the worker whose step of the rolling audit is under way. */
  audit: 5,
} as const;

/**
 * Runs `fn` under the session lock `setup`, taken on `client` by trying again and again: a session that waits inside
 * pg_advisory_lock holds a snapshot, for which CREATE INDEX CONCURRENTLY of the holder would wait in turn.
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

/**
 * The clock of segmentd, on which I4 of src/PROTOCOL.md rests: `segmentd.instant()` never runs behind `clock.high`.
 * This file raises `clock.high`, always in a transaction of its own. Every later instant is at or after one that was
 * raised and committed, even when the server's clock steps back or another host takes over.
 */
import { lockClass, single } from './advisory-lock.ts';
import type { Client, Queryable } from './pool.ts';
import { statement } from './sql-file.ts';

/** Raises `high` to the present and returns it; `client` must not be in a transaction. */
export async function raiseClock(client: Client): Promise<string> {
  const { rows } = await client.query<{ instant: string }>({ ...statement('raise-clock') });
  const instant = rows[0]?.instant;
  if (instant === undefined) throw new Error('segmentd_internal.clock has no row');
  return instant;
}

/** Seconds by which the server's clock lies behind the latest instant that was used; 0 when it does not. */
export async function clockBehind(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ behind: number }>({ ...statement('clock-behind') });
  return rows[0]?.behind ?? 0;
}

const KEY = [lockClass.single, single.clock];

/**
 * Runs `fn` under a shared lock of the clock: no session accepts a clock that went back while `fn` reads an instant and
 * commits what it derives from it. Returns undefined at once while another session accepts such a clock.
 */
export async function withClockHeld<T>(client: Client, fn: () => Promise<T>): Promise<T | undefined> {
  const { rows } = await client.query<{ got: boolean }>({
    name: 'hold-clock',
    text: 'select pg_try_advisory_lock_shared($1, $2) as got',
    values: KEY,
  });
  if (rows[0]?.got !== true) return undefined;
  try {
    return await fn();
  } finally {
    await client
      .query({ name: 'release-clock', text: 'select pg_advisory_unlock_shared($1, $2)', values: KEY })
      .catch(() => undefined);
  }
}

/** Takes that lock until the end of the transaction; it waits at most the transaction's `lock_timeout`. */
export async function holdClock(client: Client): Promise<void> {
  await client.query('select pg_advisory_xact_lock_shared($1, $2)', KEY);
}

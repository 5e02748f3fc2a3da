/**
 * The clock of segmentd as callers use it: `segmentd.instant()` never runs behind `clock.high`, which is raised here and
 * always in a transaction of its own. An instant that was raised and committed is behind every instant read later, even
 * when the server's clock steps back or another host takes over.
 */
import { lockClass, single } from './advisory-lock.ts';
import type { Client, Queryable } from './pool.ts';
import { statement } from './sql-file.ts';

/** Raises `high` to the present and returns it; `client` must not be in a transaction. */
export async function raiseClock(client: Client): Promise<string> {
  const { rows } = await client.query<{ instant: string }>({ ...statement('raise-clock') });
  const instant = rows[0]?.instant;
  if (instant === undefined) throw new Error('segmentd.clock has no row');
  return instant;
}

/** Seconds by which the server's clock lies behind the latest instant that was used; 0 when it does not. */
export async function clockBehind(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ behind: number }>({ ...statement('clock-behind') });
  return rows[0]?.behind ?? 0;
}

const KEY = [lockClass.single, single.clock];

/**
 * Runs `fn` with the clock held: nobody accepts a clock that went back from before `fn` reads an instant until what it
 * derives from it is committed. Returns undefined, at once, while somebody is accepting one.
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

/** The same until the end of the transaction, waiting at most its `lock_timeout`. */
export async function holdClock(client: Client): Promise<void> {
  await client.query('select pg_advisory_xact_lock_shared($1, $2)', KEY);
}

/**
 * A session lock on a connection of its own, for work that takes longer than a transaction may. The lock ends with the
 * connection. Keepalives free the lock of a machine that vanished within a minute, not after the two hours of a
 * system's default.
 */
import type { Client, Pool } from './pool.ts';

export interface SessionLock {
  /** The connection that holds the lock. A write through it proves that the lock is still held. */
  readonly client: Client;
  /** Releases the lock and the connection. Idempotent. */
  release(): Promise<void>;
}

const KEEPALIVE = 'set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3';

/** Tries the lock; returns undefined when another session holds it. */
export async function trySessionLock(
  pool: Pool,
  key: readonly [lockClass: number, second: number],
): Promise<SessionLock | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  let released = false;
  const giveBack = (): void => {
    if (released) return;
    released = true;
    client.removeListener('error', onError);
    client.release(broken);
  };
  try {
    await client.query(KEEPALIVE);
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [...key]);
    if (rows[0]?.got !== true) {
      giveBack();
      return undefined;
    }
  } catch (error) {
    broken ??= error instanceof Error ? error : new Error(String(error));
    giveBack();
    throw error;
  }
  return {
    client,
    async release() {
      if (released) return;
      // A connection that fails to unlock is closed, which releases the lock.
      await client.query('select pg_advisory_unlock($1, $2)', [...key]).catch((error: Error) => (broken ??= error));
      giveBack();
    },
  };
}

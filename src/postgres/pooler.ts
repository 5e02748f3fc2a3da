/**
 * Whether a pooler that hands out connections by the transaction stands between us and Postgres. Behind one, session locks
 * stay with whoever comes next, so do settings and prepared statements, and a LISTEN hears nothing.
 */
import { onConnection } from './connection.ts';
import type { Client, Pool } from './pool.ts';

export const POOLER = 'Connections are shared by the transaction here (a pooler), but segmentd holds locks, settings, prepared statements and a LISTEN for as long as a session lasts.';
export const POOLER_MEND = 'point DATABASE_URL at Postgres itself, or at session pooling';

/**
 * True only where it is sure: two sessions that are open at once were served by one process. A pooler that is busy gives
 * them two, and is not found out.
 */
export async function sharesBackends(pool: Pool): Promise<boolean> {
  // A caller's pool of one would wait for ever.
  if (pool.options.max < 2) return false;
  return onConnection(pool, (first) => onConnection(pool, async (second) => (await pidOf(first)) === (await pidOf(second))));
}

async function pidOf(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}

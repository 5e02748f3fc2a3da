/**
 * Whether a pooler that hands out connections by the transaction stands between us and Postgres. Behind one, session locks
 * stay with whoever comes next, so do settings and prepared statements, and a LISTEN hears nothing.
 */
import type { Pool } from './pool.ts';

export const POOLER = 'Connections are shared by the transaction here (a pooler), but segmentd holds locks, settings, prepared statements and a LISTEN for as long as a session lasts.';
export const POOLER_MEND = 'point DATABASE_URL at Postgres itself, or at session pooling';

/**
 * True only where it is sure: two sessions that are open at once were served by one process. A pooler that is busy gives
 * them two, and is not found out.
 */
export async function sharesBackends(pool: Pool): Promise<boolean> {
  // A caller's pool of one would wait for ever.
  if (pool.options.max < 2) return false;
  const first = await pool.connect();
  try {
    const second = await pool.connect();
    try {
      const pid = async (client: typeof first): Promise<number | undefined> => (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
      return (await pid(first)) === (await pid(second));
    } finally {
      second.release();
    }
  } finally {
    first.release();
  }
}

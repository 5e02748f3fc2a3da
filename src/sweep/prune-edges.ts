/**
 * Prunes edges. An edge without a linked version is removed. The watermark of an edge that only segments use which are
 * not followed (paused, failed …) moves on without a sweep. A barrier that links an edge meanwhile is safe: it locks
 * the edge against removal first, and its build reads the rows at a later instant than any watermark that is moved
 * here.
 */
import { raiseClock, withClockHeld } from '../postgres/clock.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

const TIMEOUTS = { lockTimeout: 500, statementTimeout: 5_000, idleTimeout: 30_000 } as const;

/** Returns how many were removed and how many moved. */
export async function prune(client: Client): Promise<{ removed: number; moved: number }> {
  const idle = await client.query({ ...statement('idle-edge') });
  if (idle.rowCount === 0) return { removed: 0, moved: 0 };
  const done = await withClockHeld(client, async () => {
    await raiseClock(client);
    const moved = await client.query({ ...statement('move-idle-edge') });
    const removed = await inTransaction(client, TIMEOUTS, async () => {
      const locked = await client.query<{ id: number }>({ ...statement('lock-unlinked-edge') });
      // A new statement: it sees the links of barriers that let go of the edge just before it was locked.
      return client.query({ ...statement('delete-unlinked-edge'), values: [locked.rows.map((row) => row.id)] });
    });
    return { removed: removed.rowCount ?? 0, moved: moved.rowCount ?? 0 };
  });
  return done ?? { removed: 0, moved: 0 };
}

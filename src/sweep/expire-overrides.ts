/**
 * Removes overrides whose last instant has come, and queues their rechecks in the same transaction. The row of the
 * override is the truth: while it exists, the override counts for drains, rebuilds and comparisons alike.
 */
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

const TIMEOUTS = { lockTimeout: 500, statementTimeout: 5_000, idleTimeout: 30_000 } as const;
/** Removed in one transaction. */
const MOST = 2_000;

/** Returns how many were removed; skips rows that another session holds. `client` is not in a transaction. */
export async function expireOverrides(client: Client): Promise<number> {
  const due = await client.query({ ...statement('override-due') });
  if (due.rowCount === 0) return 0;
  let expired = 0;
  for (let some = MOST; some === MOST; expired += some) {
    some = await inTransaction(client, TIMEOUTS, async () => {
      // The recheck says that time ended it, and no person.
      await client.query(`select set_config('segmentd.worker', 'on', true)`);
      const { rowCount } = await client.query({ ...statement('override-expire'), values: [MOST] });
      return rowCount ?? 0;
    });
  }
  return expired;
}

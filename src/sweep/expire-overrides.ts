/**
 * Takes back what was decided by hand until an instant, once that has come: the override goes and its recheck is queued in one
 * transaction. The row is the truth: until it is gone the decision stands, for drains, rebuilds and comparisons alike.
 */
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

const TIMEOUTS = { lockTimeout: 500, statementTimeout: 5_000, idleTimeout: 30_000 } as const;
/** Taken back in one transaction. */
const MOST = 2_000;

/** Returns how many; none where somebody else is at it. `client` is not in a transaction. */
export async function expireOverrides(client: Client): Promise<number> {
  const due = await client.query({ ...statement('override-due') });
  if (due.rowCount === 0) return 0;
  let expired = 0;
  for (let some = MOST; some === MOST; expired += some) {
    some = await inTransaction(client, TIMEOUTS, async () => {
      // The recheck says that it was time, and not somebody.
      await client.query(`select set_config('segmentd.worker', 'on', true)`);
      const { rowCount } = await client.query({ ...statement('override-expire'), values: [MOST] });
      return rowCount ?? 0;
    });
  }
  return expired;
}

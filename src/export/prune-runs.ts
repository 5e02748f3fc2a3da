/** How long the record of exports is kept: 90 days, and the last run of each schedule for good. */
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

const TIMEOUTS = { lockTimeout: 200, statementTimeout: 30_000, idleTimeout: 30_000 } as const;
const RUN_DAYS = 90;
/** Runs that one call of the statement removes at most. */
const BATCH = 10_000;

export async function pruneRuns(pool: Pool): Promise<void> {
  for (let more = true; more;) {
    const { rowCount } = await inTransaction(pool, TIMEOUTS, (client) =>
      client.query({ ...statement('run-prune'), values: [RUN_DAYS] }),
    );
    more = (rowCount ?? 0) === BATCH;
  }
}

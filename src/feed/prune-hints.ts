/** How long hints for open pages (page-watch.ts) and answers of requests that may be repeated are kept. */
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

const TIMEOUTS = { lockTimeout: 200, statementTimeout: 30_000, idleTimeout: 30_000 } as const;
/** Longer than a reader's cursor is good for. */
const HINT_MINUTES = 20;

export async function pruneHints(pool: Pool): Promise<void> {
  await inTransaction(pool, TIMEOUTS, async (client) => {
    await client.query({ ...statement('hint-prune'), values: [HINT_MINUTES] });
    await client.query({ ...statement('request-prune') });
  });
}

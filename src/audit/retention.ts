/**
 * Keeps the months of the event log: partitions for this month and the next, and no events older than is wanted (the SQL is
 * in sql/object/event-month.sql); and no record of exports that ended long ago. Nobody may wait for it for long: a lock that is busy is left for the next hour.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

/** Whoever reads the log keeps a month from being dropped, and whoever writes waits behind that override. */
const TIMEOUTS = { lockTimeout: 200, statementTimeout: 30_000, idleTimeout: 30_000 } as const;

/** @param months whole months to keep; 0: all */
export async function keepEvents(pool: Pool, months: number): Promise<void> {
  await inTransaction(pool, TIMEOUTS, (client) => client.query('select segmentd.open_event_months()'));
  if (months === 0) return;
  try {
    for (let more = true; more;) {
      const { rows } = await inTransaction(pool, TIMEOUTS, (client) =>
        client.query<{ deleted: number }>('select p.deleted from segmentd.prune_events($1) p', [months]),
      );
      more = (rows[0]?.deleted ?? 0) > 0;
    }
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
  }
}

const RUN_DAYS = 90;

/** The last run of each schedule stays. */
export async function keepRuns(pool: Pool): Promise<void> {
  for (let more = true; more;) {
    const { rowCount } = await inTransaction(pool, TIMEOUTS, (client) =>
      client.query({ ...statement('run-prune'), values: [RUN_DAYS] }),
    );
    more = (rowCount ?? 0) === 10_000;
  }
}

/**
 * How long the event log is kept: partitions for this month and the next, and no events older than the option says. The
 * sizes by day are kept for good, and folded here. The SQL is in sql/object/event-month.sql and sql/object/size-day.sql. It never waits long for a lock: what is locked stays until the next hour.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';

/** Readers of the log keep a month from being dropped, and writers of the log wait behind a drop that waits. */
const TIMEOUTS = { lockTimeout: 200, statementTimeout: 30_000, idleTimeout: 30_000 } as const;

/** A condition may read no further back, so its check has to know. */
const NOTE = 'update segmentd_internal.installation i set event_months = $1 where i.event_months is distinct from $1';

/** @param months whole months to keep; 0: all. What conditions read is kept longer. */
export async function pruneEvents(pool: Pool, months: number): Promise<void> {
  await inTransaction(pool, TIMEOUTS, (client) => client.query('select segmentd_internal.open_event_months()'));
  await inTransaction(pool, TIMEOUTS, (client) => client.query(NOTE, [months]));
  try {
    await foldSizes(pool);
    if (months === 0) return;
    for (let more = true; more;) {
      const { rows } = await inTransaction(pool, TIMEOUTS, (client) =>
        client.query<{ deleted: number }>('select p.deleted from segmentd_internal.prune_events($1) p', [months]),
      );
      more = (rows[0]?.deleted ?? 0) > 0;
    }
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
  }
}

/** Each transaction is short: a drain that begins a new day may wait for it. */
async function foldSizes(pool: Pool): Promise<void> {
  for (let more = true; more;) {
    const { rows } = await inTransaction(pool, TIMEOUTS, (client) =>
      client.query<{ folded: number }>('select segmentd_internal.fold_size_days() as folded'),
    );
    more = (rows[0]?.folded ?? 0) > 0;
  }
}

/** The transaction in which one contact is looked at: one snapshot, read only, values printed the same everywhere, short waits. */
import { SHORT_WAIT } from '../postgres/give-way.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import { inTransaction } from '../postgres/transaction.ts';

const TIMEOUTS = { statementTimeout: 10_000, idleTimeout: 30_000 } as const;
/** The pool may be the caller's own, so the transaction sets how values print. */
const PREPARE = `
  set transaction isolation level repeatable read, read only;
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC'; set local extra_float_digits = 1;
  set local bytea_output = 'hex'; set local jit = off; ${SHORT_WAIT}`;
/** Milliseconds to wait for a table that the team has locked. */
const PATIENCE = 30_000;

/** @param what is named when a table stays locked */
export function inExplainSession<T>(pool: Pool, what: string, fn: (client: Client) => Promise<T>): Promise<T> {
  const once = (): Promise<T> =>
    inTransaction(pool, TIMEOUTS, async (client) => {
      await client.query(PREPARE);
      return fn(client);
    });
  return retryLocked(once, { patience: PATIENCE, what });
}

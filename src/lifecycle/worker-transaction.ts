/**
 * A transaction in which the triggers on `segmentd.segment` let the worker's columns through. The setting ends with the
 * transaction. Callers' code must not use it.
 */
import type { Client, Pool } from '../postgres/pool.ts';
import { inTransaction, type TransactionOptions } from '../postgres/transaction.ts';

/** As `inTransaction`, as a worker. */
export async function inWorkerTransaction<T>(
  source: Pool | Client,
  options: TransactionOptions,
  fn: (client: Client) => Promise<T>,
): Promise<T> {
  return inTransaction(source, options, async (client) => {
    await client.query(`select set_config('segmentd.worker', 'on', true)`);
    return fn(client);
  });
}

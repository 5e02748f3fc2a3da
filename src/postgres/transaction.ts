/**
 * One transaction, always READ COMMITTED whatever the role defaults to (I2 of src/PROTOCOL.md): the protocol needs each
 * statement to see what committed before it. Settings are local to the transaction. A connection whose rollback failed
 * is closed.
 */
import { integer, join, render, sql, type Fragment } from '../compile/fragment.ts';
import { SHORT_WAIT } from './give-way.ts';
import type { Client, Pool } from './pool.ts';

export interface TransactionOptions {
  /**
   * Milliseconds that a statement waits for a lock; 0 waits for ever. `short` is for statements that read the team's
   * tables (give-way.ts).
   */
  readonly lockTimeout?: number | 'short';
  /** Milliseconds a statement may run. */
  readonly statementTimeout?: number;
  /** Milliseconds that the transaction may sit idle: this frees the locks of a frozen process. */
  readonly idleTimeout?: number;
}

function opening(options: TransactionOptions): string {
  const parts: Fragment[] = [sql`begin isolation level read committed`];
  if (typeof options.lockTimeout === 'number')
    parts.push(sql`set local lock_timeout = ${integer(options.lockTimeout)}`);
  if (options.statementTimeout !== undefined)
    parts.push(sql`set local statement_timeout = ${integer(options.statementTimeout)}`);
  if (options.idleTimeout !== undefined) {
    parts.push(sql`set local idle_in_transaction_session_timeout = ${integer(options.idleTimeout)}`);
  }
  const { text } = render(join(parts, sql`; `));
  return options.lockTimeout === 'short' ? `${text}; ${SHORT_WAIT}` : text;
}

/** Runs `fn` on a connection of its own (pool) or on `client`, which must not be in a transaction. */
export async function inTransaction<T>(
  source: Pool | Client,
  options: TransactionOptions,
  fn: (client: Client) => Promise<T>,
): Promise<T> {
  if ('release' in source) return (await attempt(source, options, fn)).unwrap();
  const client = await source.connect();
  let broken: Error | undefined;
  try {
    const outcome = await attempt(client, options, fn);
    broken = outcome.broken;
    return outcome.unwrap();
  } finally {
    client.release(broken);
  }
}

interface Outcome<T> {
  readonly broken?: Error;
  unwrap(): T;
}

async function attempt<T>(
  client: Client,
  options: TransactionOptions,
  fn: (client: Client) => Promise<T>,
): Promise<Outcome<T>> {
  // A connection that dies between two queries emits an event; the next query then fails with the same error.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  try {
    await client.query(opening(options));
    const result = await fn(client);
    // Postgres answers the commit of a failed transaction with a rollback and no error. A hidden error must not look
    // like success.
    const { command } = await client.query('commit');
    if (command !== 'COMMIT')
      throw new Error('A transaction was rolled back at its commit: an error in it was hidden.');
    return { unwrap: () => result };
  } catch (error) {
    const unwrap = (): never => {
      throw error;
    };
    try {
      await client.query('rollback');
      return { unwrap };
    } catch (failure) {
      return { unwrap, broken: failure instanceof Error ? failure : new Error(String(failure)) };
    }
  } finally {
    client.removeListener('error', ignore);
  }
}

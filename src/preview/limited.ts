/**
 * A read-only snapshot in which statements may run only so long and which a signal cancels, in the server too: whoever
 * presses Ctrl-C leaves no query behind. What takes too long is answered by `undefined`, never by a part.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Statement } from '../compile/fragment.ts';
import { SHORT_WAIT, whenFree } from '../postgres/give-way.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';

export interface LimitOptions {
  /** Milliseconds for everything that is counted. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

const TIMEOUTS = { statementTimeout: 10_000, idleTimeout: 30_000 } as const;
/** How values print must not depend on the pool, which may be the caller's own. */
const PREPARE = `
  set transaction isolation level repeatable read, read only;
  set local datestyle = 'ISO, YMD'; set local timezone = 'UTC'; set local jit = off; set local work_mem = '32MB'; ${SHORT_WAIT}`;
/** Milliseconds to wait for a table that the team has locked. */
const PATIENCE = 30_000;

export class Limited {
  readonly client: Client;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;

  constructor(client: Client, options: LimitOptions) {
    this.client = client;
    this.#end = performance.now() + options.timeout;
    this.#signal = options.signal;
  }

  /** The rows, or undefined when the time is over. @param share of the time that is left */
  async rows<Row extends object>({ text, bind }: Statement, slots: Readonly<Record<string, unknown>>, share = 1): Promise<readonly Row[] | undefined> {
    this.#signal?.throwIfAborted();
    const left = Math.floor((this.#end - performance.now()) * share);
    if (left < 1) return undefined;
    await this.client.query(`savepoint counted; set local statement_timeout = ${left}`);
    try {
      const { rows } = await this.client.query<Row>(text, bind(slots));
      return rows;
    } catch (error) {
      if (sqlState(error) !== QUERY_CANCELED) throw error;
      this.#signal?.throwIfAborted();
      await this.client.query('rollback to savepoint counted');
      return undefined;
    }
  }
}

/**
 * `fn` runs again from its beginning when a table that it reads was locked.
 * @throws {DOMException} `AbortError` once the signal is raised
 */
export async function limited<T>(pool: Pool, options: LimitOptions, fn: (session: Limited) => Promise<T>): Promise<T> {
  const { signal } = options;
  signal?.throwIfAborted();
  const once = () => inTransaction(pool, TIMEOUTS, async (client) => {
    await client.query(PREPARE);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    let cancelling: Promise<unknown> = Promise.resolve();
    const cancel = (): void => {
      cancelling = pool.query('select pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => {});
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await fn(new Limited(client, options));
    } catch (error) {
      // Our own doing, whichever statement it hit.
      if (sqlState(error) === QUERY_CANCELED) signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      // A cancel that is still under way must not hit whoever gets the connection next; a pool of one has none to send it.
      await Promise.race([cancelling, delay(1_000, undefined, { ref: false })]);
    }
  });
  return whenFree(once, { patience: PATIENCE, what: 'the condition', ...(signal ? { signal } : {}) });
}

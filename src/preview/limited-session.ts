/**
 * A read-only transaction over one snapshot whose statements have a time limit, and which a signal cancels in the server
 * too: after Ctrl-C no query goes on. A statement that takes too long yields `undefined`, never a part of its rows.
 */
import { LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Statement } from '../compile/fragment.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';

export interface LimitOptions {
  /** Milliseconds for everything that is counted. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
  /** Fails at once with SQLSTATE 55P03 where a table is locked, instead of waiting up to 30 s for it. */
  readonly atOnce?: boolean;
}

const ATTEMPTS = 20;
const TIMEOUTS = { statementTimeout: 10_000, idleTimeout: 30_000 } as const;
/** The pool may be the caller's own, so the transaction sets how values print. */
const PREPARE = `
  set transaction isolation level repeatable read, read only;
  set local datestyle = 'ISO, YMD'; set local timezone = 'UTC'; set local jit = off; set local work_mem = '32MB'; ${SHORT_WAIT}`;
/** Milliseconds to wait for a table that the team has locked. */
const PATIENCE = 30_000;

const CANCEL = `select pg_catalog.pg_cancel_backend(a.pid) from pg_catalog.pg_stat_activity a where a.pid = $1 and a.xact_start = $2::timestamptz`;

export class LimitedSession {
  readonly client: Client;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;

  constructor(client: Client, options: LimitOptions) {
    this.client = client;
    this.#end = performance.now() + options.timeout;
    this.#signal = options.signal;
  }

  /**
   * The rows, or undefined when the time is over. The limit ends with the statement: the next statement has its own.
   * @param share of the time that is left
   */
  async rowsInTime<Row extends object>(
    { text, bind }: Statement,
    params: Readonly<Record<string, unknown>>,
    share = 1,
  ): Promise<readonly Row[] | undefined> {
    this.#signal?.throwIfAborted();
    const left = Math.floor((this.#end - performance.now()) * share);
    if (left < 1) return undefined;
    try {
      await this.client.query(`savepoint counted; set local statement_timeout = ${left}`);
      return (await this.client.query<Row>(text, bind(params))).rows;
    } catch (error) {
      if (sqlState(error) !== QUERY_CANCELED) throw error;
      this.#signal?.throwIfAborted();
      return undefined;
    } finally {
      await this.#unlimited();
    }
  }

  /** Puts the time limit back to that of the transaction. The limit may end this statement too: then it is sent again. */
  async #unlimited(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.client.query('rollback to savepoint counted; release savepoint counted');
        return;
      } catch (error) {
        if (sqlState(error) !== QUERY_CANCELED || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

/**
 * Runs `fn` in a limited session. `fn` runs again from its beginning when a table that it reads was locked.
 * @throws {DOMException} `AbortError` once the signal is raised
 */
export async function inLimitedSession<T>(
  pool: Pool,
  options: LimitOptions,
  fn: (session: LimitedSession) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  signal?.throwIfAborted();
  const once = () =>
    inTransaction(pool, TIMEOUTS, async (client) => {
      await client.query(PREPARE);
      const { rows } = await client.query<{ pid: number; began: string }>(
        'select pg_catalog.pg_backend_pid() as pid, pg_catalog.now()::text as began',
      );
      let isOver = false;
      let cancelling: Promise<unknown> = Promise.resolve();
      // Only while this transaction runs: a later cancel would hit the session's next user.
      const send = async (): Promise<void> => {
        const other = await pool.connect();
        if (!isOver) cancelling = other.query(CANCEL, [rows[0]?.pid, rows[0]?.began]).catch(() => {});
        await cancelling;
        other.release();
      };
      const cancel = (): void => {
        // Without a connection there is no cancel: the time limit ends the statement.
        send().catch(() => {});
      };
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        return await fn(new LimitedSession(client, options));
      } catch (error) {
        // Once the signal is raised, the cancel or the end of a wait for a lock is no failure of its own.
        const state = sqlState(error);
        if (state === QUERY_CANCELED || state === LOCK_NOT_AVAILABLE) signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', cancel);
        isOver = true;
        await cancelling;
      }
    });
  return options.atOnce === true
    ? once()
    : retryLocked(once, { patience: PATIENCE, what: 'the condition', ...(signal ? { signal } : {}) });
}

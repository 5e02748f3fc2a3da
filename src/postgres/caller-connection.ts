/**
 * A pool or a connection that belongs to the caller. Our statements on it run with pinned settings (pin-session.ts), so
 * that the caller's settings do not change what our SQL means. Afterwards the caller finds every setting as it was. In
 * a transaction of the caller only that transaction is pinned, and the caller's own limits apply.
 */
import pg from 'pg';
import { refuseSharedConnections } from './pooler.ts';
import { valueTypes, type Client, type Pool, type Queryable } from './pool.ts';
import { overlaid } from './overlaid.ts';
import { pinSession, pinTransaction, unpin, type Former } from './pin-session.ts';

/** Adds our type parsers to a query, so that its results read as on our own connections. */
function typed(query: unknown, values: readonly unknown[]): unknown[] {
  if (typeof query === 'string') {
    const [parameters] = values;
    return [{ text: query, types: valueTypes, ...(Array.isArray(parameters) ? { values: parameters } : {}) }];
  }
  // A stream (COPY, a cursor) reads its rows itself.
  if (typeof query !== 'object' || query === null || 'submit' in query) return [query, ...values];
  return [{ ...query, types: valueTypes }, ...values];
}

type Run = (...given: unknown[]) => Promise<pg.QueryResult>;

function typedQuery(target: Queryable): Run {
  const run = target.query.bind(target) as Run;
  return (query, ...values) => run(...typed(query, values));
}

/** The caller's pool. Each connection that it hands out is pinned, and gets its settings back when it is released. */
export function callerPool(pool: Pool): Pool {
  let known: Promise<void> | undefined;

  async function connect(): Promise<Client> {
    const client = await pool.connect();
    let former: readonly Former[];
    try {
      await (known ??= refuseSharedConnections(client, (limit) => anotherOf(pool, limit)));
      former = await pinSession(client);
    } catch (error) {
      client.release(error instanceof Error ? error : true);
      throw error;
    }
    let released = false;
    const release = (broken?: Error | boolean): void => {
      if (released) return;
      released = true;
      if (broken !== undefined && broken !== false) client.release(broken);
      else
        unpin(client, former, false).then(
          () => client.release(),
          (error: Error) => client.release(error),
        );
    };
    return overlaid(client, { query: typedQuery(client), release });
  }

  async function query(...given: unknown[]): Promise<pg.QueryResult> {
    const client = await connect();
    let broken: boolean | undefined;
    try {
      return await (client.query as Run)(...given);
    } catch (error) {
      // The caller's pool also discards a connection after an error that is not Postgres' own answer.
      broken = !(error instanceof pg.DatabaseError);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  return overlaid(pool, { connect, query });
}

function anotherOf({ options }: Pool, limit: number): pg.Client {
  // pg hides the password from copies.
  const { password } = options;
  return new pg.Client({
    ...options,
    ...(password === undefined ? {} : { password }),
    connectionTimeoutMillis: limit,
    query_timeout: limit,
  });
}

/** The last call on each connection. Calls take turns, because one call restores settings that another still needs. */
const turns = new WeakMap<Queryable, Promise<unknown>>();

/**
 * Runs `work` in the transaction that the caller has open on `client`, or in a transaction of its own when there is
 * none. When a statement fails, the caller's rollback (to a savepoint, or of everything) restores the settings.
 */
export function onCallerConnection<T>(client: Queryable, work: (client: Queryable) => Promise<T>): Promise<T> {
  const before = turns.get(client) ?? Promise.resolve();
  const result = before.then(() => inTurn(client, work));
  turns.set(
    client,
    result.catch(() => undefined),
  );
  return result;
}

async function inTurn<T>(client: Queryable, work: (client: Queryable) => Promise<T>): Promise<T> {
  const own = statusOf(client) === 'I';
  if (own) await client.query('begin isolation level read committed');
  try {
    const former = await pinTransaction(client);
    let result: T;
    try {
      result = await work(overlaid(client, { query: typedQuery(client) }));
    } finally {
      // A failed transaction refuses this statement; its rollback restores the settings.
      await unpin(client, former, true).catch(() => undefined);
    }
    if (own) await client.query('commit');
    return result;
  } catch (error) {
    if (own) await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * `I` idle, `T` in a transaction, `E` in a failed one; undefined when the caller's version of pg does not report it.
 */
function statusOf(client: Queryable): string | null | undefined {
  return (client as { readonly getTransactionStatus?: () => string | null }).getTransactionStatus?.();
}

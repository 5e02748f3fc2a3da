/**
 * Connections to the team's Postgres. No value is parsed that would lose digits: instants, dates, int8 and numeric stay
 * text. A server that is unreachable or too old becomes one sentence here. Later errors stay Postgres' own, and callers
 * distinguish them by SQLSTATE.
 */
import pg from 'pg';
import { bounded, LATE } from '../base/bounded.ts';
import { Failure } from '../base/error.ts';
import { connectFailure } from './connect/connect-failure.ts';
import { ConnectTimeout } from './connect/failure-kind.ts';
import { LoginClient, type LoginConfig } from './connect/login-client.ts';
import { approachOf } from './connect/approach.ts';
import { refuseSharedConnections } from './pooler.ts';
import { pinSession } from './pin-session.ts';
import { SocketSet } from './socket-set.ts';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
/** Anything that runs a query: a pool, or a client that may be in a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

export interface PoolOptions {
  /** Most connections, 10 by default. */
  readonly max?: number;
  readonly applicationName?: string;
  /** Milliseconds to wait for a connection; by default `connect_timeout` of the URL, else 10,000. */
  readonly connectTimeout?: number;
  /** Called when an idle connection broke; the pool replaces it by itself. */
  readonly onError?: (error: Error) => void;
  /** Milliseconds after which an idle connection is closed, 10,000 by default. */
  readonly idleTimeout?: number;
  /** Ends the attempt to open the pool when it aborts. */
  readonly signal?: AbortSignal;
  /** Cuts every connection at once when it aborts, and lets the pool make no more. */
  readonly cut?: AbortSignal;
}

/** Milliseconds that the pool waits longer than its clients. */
const BEYOND_LIMIT = 1_000;

const OLDEST_SERVER = 140_000;

/** timestamptz, timestamp, date, time(tz), interval, point, circle, bytea and their arrays: as Postgres prints them. */
const KEPT_AS_TEXT: ReadonlySet<number> = new Set([
  1184, 1114, 1082, 1083, 1266, 1186, 600, 718, 17, 1185, 1115, 1182, 1183, 1270, 1187, 1017, 719, 1001,
]);
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY = 1009;

/** Type parsers for `pg`: the types above stay text, and an array of numeric becomes an array of text. */
export const valueTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
    if (KEPT_AS_TEXT.has(oid)) return (text: string) => text;
    return pg.types.getTypeParser(oid === NUMERIC_ARRAY ? TEXT_ARRAY : oid, 'text');
  },
};

/**
 * Opens a pool of pinned sessions (pin-session.ts) and tries one connection.
 * @throws {Failure} with one sentence when the server cannot serve us, or a pooler shares its connections by the
 *   transaction
 */
export async function openPool(url: string, options: PoolOptions = {}): Promise<Pool> {
  const approach = approachOf(url);
  const limit = options.connectTimeout ?? approach.settings.connectTimeout;
  const sockets = new SocketSet();
  const ending = new AbortController();
  const config: LoginConfig = {
    approach,
    signal: ending.signal,
    connectLimit: limit,
    stream: sockets.make,
    application_name: options.applicationName ?? 'segmentd',
    keepAlive: true,
    types: valueTypes,
  };
  let known: Promise<void> | undefined;
  const prepare = async (client: pg.ClientBase): Promise<void> => {
    await (known ??= refuseServer(
      client,
      (connectLimit) => new LoginClient({ ...config, connectLimit, query_timeout: connectLimit }),
    ));
    await pinSession(client);
  };
  const pool = new pg.Pool({
    ...config,
    // The types of pg know only clients without options.
    Client: LoginClient as unknown as new () => pg.Client,
    // A client ends by itself before that; this is the limit of waiting for one that is in use.
    connectionTimeoutMillis: limit === 0 ? 0 : limit * approach.settings.hosts.length + BEYOND_LIMIT,
    idleTimeoutMillis: options.idleTimeout ?? 10_000,
    max: options.max ?? 10,
    // oxlint-disable-next-line typescript/no-misused-promises -- pg awaits it, which its types do not say
    onConnect: async (client) => {
      if (limit === 0) await prepare(client);
      else if ((await bounded(prepare(client), limit)) === LATE) throw new ConnectTimeout('after login', limit);
    },
  });
  // `end` of a pool resolves before its sockets are closed.
  const end: () => Promise<void> = pool.end.bind(pool);
  Object.assign(pool, {
    end: async () => {
      await end();
      await sockets.close();
    },
  });
  const { onError, signal, cut } = options;
  const interrupt = (): void => {
    ending.abort();
    sockets.destroy();
  };
  cut?.addEventListener('abort', interrupt, { once: true });
  signal?.addEventListener('abort', interrupt, { once: true });
  // A pool that is ending resolves before its sockets are closed, so errors of those sockets are expected.
  pool.on('error', (error) => {
    if (!pool.ending) onError?.(error);
  });
  // The next query reports a connection that ended; without a listener here the process would end.
  pool.on('connect', (client) => void client.on('error', () => {}));
  try {
    signal?.throwIfAborted();
    (await pool.connect()).release();
    return pool;
  } catch (error) {
    await pool.end();
    signal?.throwIfAborted();
    throw connectFailure(approach, error);
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

/** Runs before the session is pinned, so every name has its schema. @throws {Failure} `incompatible` */
async function refuseServer(client: pg.ClientBase, another: (connectLimit: number) => pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: string; version: string }>(
    `select pg_catalog.current_setting('server_version_num') as number, pg_catalog.current_setting('server_version') as version`,
  );
  if (rows[0]) refuseOldServer(rows[0]);
  await refuseSharedConnections(client, another);
}

/** `number` is `server_version_num`. @throws {Failure} `incompatible` */
export function refuseOldServer({ number, version }: { readonly number: string; readonly version: string }): void {
  if (Number(number) >= OLDEST_SERVER) return;
  throw new Failure('incompatible', `This server is Postgres ${version}; segmentd needs Postgres 14 or newer.`);
}

/**
 * Ends the work on a pool's connections within a time limit, in two steps. First it cancels the statements: Postgres
 * answers at once and rolls every transaction back. Then it cuts the connections that are still in use. For a process
 * that must end in time, whatever it runs. It cancels with the wire protocol's own request, which needs no free
 * connection and passes through a pooler.
 */
import type { ConnectionOptions } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Client, Pool } from './pool.ts';

/** Members of a pg connection that its types do not declare. */
interface Wire {
  readonly host: string;
  readonly port: number;
  readonly ssl: false | ConnectionOptions;
  readonly processID: number | null;
  readonly secretKey: unknown;
  readonly connection: {
    connect(port: number | string, host?: string): void;
    cancel(processID: number, secretKey: unknown): void;
    requestSsl(): void;
    on(event: 'connect' | 'sslconnect' | 'error' | 'end', heard: () => void): void;
  };
}

export interface EndingOptions {
  /** Milliseconds before the first cancel, 1,000 by default. */
  readonly grace?: number;
  /** Milliseconds after which connections are cut, 1,700 by default. */
  readonly limit?: number;
}

/** Milliseconds between two rounds of cancels: a loop may have begun another statement. */
const AGAIN_MS = 100;

/**
 * After `signal` aborts, the work has the grace period to release its connections. Then every statement is cancelled,
 * repeatedly, and at the limit every connection is cut. Call it before any connection of the pool is in use.
 * @param cut is aborted at the limit; the pool was opened with its signal
 * @returns closes the pool; call it when the work has ended
 */
export function endInTime(
  pool: Pool,
  signal: AbortSignal,
  cut: AbortController,
  { grace = 1_000, limit = 1_700 }: EndingOptions = {},
): () => Promise<void> {
  const busy = new Set<Client>();
  pool.on('acquire', (client) => void busy.add(client));
  pool.on('release', (_, client) => void busy.delete(client));
  pool.on('remove', (client) => void busy.delete(client));
  const over = new AbortController();
  const cancelAndCut = async (): Promise<void> => {
    const started = performance.now();
    await delay(grace, undefined, { signal: over.signal });
    while (performance.now() - started < limit) {
      for (const client of busy) cancel(client);
      await delay(AGAIN_MS, undefined, { signal: over.signal });
    }
    cut.abort();
  };
  const begin = (): void => void cancelAndCut().catch(() => {});
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return async () => {
    try {
      await pool.end();
    } finally {
      signal.removeEventListener('abort', begin);
      over.abort();
    }
  };
}

/**
 * Asks Postgres to cancel the running statement of a connection. The protocol does not report whether one was
 * cancelled.
 */
function cancel(client: Client): void {
  const { host, port, ssl, processID, secretKey } = client as unknown as Wire;
  if (processID === null) return;
  // A proxy that finds the server by the name in TLS does not understand a request without TLS.
  const { connection } = new pg.Client({ host, port, ssl }) as unknown as Wire;
  connection.on('error', () => {});
  connection.on('connect', () => {
    if (ssl) connection.requestSsl();
    else connection.cancel(processID, secretKey);
  });
  connection.on('sslconnect', () => connection.cancel(processID, secretKey));
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
}

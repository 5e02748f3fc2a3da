/**
 * Ends what runs on the connections of a pool, in two steps: first the statements are cancelled, which Postgres answers at once and
 * which leaves every transaction rolled back; who still has a connection afterwards loses it. For a process that is to end in time,
 * whatever it is at. Cancels by the wire's own request: it needs no free connection, and reaches through a pooler.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Client, Pool } from './pool.ts';

/** What pg keeps of a connection and does not declare. */
interface Wire {
  readonly host: string;
  readonly port: number;
  readonly processID: number | null;
  readonly secretKey: unknown;
  readonly connection: {
    connect(port: number | string, host?: string): void;
    cancel(processID: number, secretKey: unknown): void;
    on(event: 'connect' | 'error' | 'end', heard: () => void): void;
  };
}

export interface EndingOptions {
  /** Milliseconds that the work may take undisturbed, 1,000 by default. */
  readonly grace?: number;
  /** Milliseconds after which connections are cut, 1,700 by default. */
  readonly limit?: number;
}

/** How often what runs is cancelled, until the work has ended: a loop may have begun another statement. */
const AGAIN_MS = 100;

/**
 * Once `signal` is aborted, whoever has a connection of the pool has the grace to give it back; then every statement is cancelled, again
 * and again, and in the end every connection cut. To be called before anyone has a connection.
 * @param cut is aborted in the end; the pool was opened with its signal
 * @returns how to close the pool, for when the work has ended
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
  const press = async (): Promise<void> => {
    const started = performance.now();
    await delay(grace, undefined, { signal: over.signal });
    while (performance.now() - started < limit) {
      for (const client of busy) cancel(client);
      await delay(AGAIN_MS, undefined, { signal: over.signal });
    }
    cut.abort();
  };
  const begin = (): void => void press().catch(() => {});
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

/** Asks Postgres to cancel what runs on a connection, if anything does. Says nothing of the outcome, as the protocol does not. */
function cancel(client: Client): void {
  const { host, port, processID, secretKey } = client as unknown as Wire;
  if (processID === null) return;
  const { connection } = new pg.Client({ host, port, ssl: false }) as unknown as Wire;
  connection.on('error', () => {});
  connection.on('connect', () => connection.cancel(processID, secretKey));
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
}

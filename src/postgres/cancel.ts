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
    readonly stream: { destroy(): void };
    connect(port: number | string, host?: string): void;
    cancel(processID: number, secretKey: unknown): void;
    on(event: 'connect' | 'error' | 'end', heard: () => void): void;
  };
}

export interface EndingOptions {
  /** Milliseconds that the work may take undisturbed, 1,000 by default. */
  readonly grace?: number;
  /** Milliseconds after which connections are cut, 1,700 by default. */
  readonly cut?: number;
}

/** How often what runs is cancelled, until the work has ended: a loop may have begun another statement. */
const AGAIN_MS = 100;

export class BusyConnections {
  readonly #pool: Pool;
  readonly #busy = new Set<Client>();

  /** From now on it knows who has a connection of the pool. */
  constructor(pool: Pool) {
    this.#pool = pool;
    pool.on('acquire', (client) => void this.#busy.add(client));
    pool.on('release', (_, client) => void this.#busy.delete(client));
    pool.on('remove', (client) => void this.#busy.delete(client));
  }

  /** Waits for `work`, which is to end soon; after the grace every statement is cancelled, and in the end every connection cut. */
  async endWith(work: Promise<unknown>, { grace = 1_000, cut = 1_700 }: EndingOptions = {}): Promise<void> {
    const over = new AbortController();
    const ended = work.finally(() => over.abort());
    const pressed = this.#press(grace, cut, over.signal).catch(() => {});
    try {
      await ended;
    } finally {
      await pressed;
    }
  }

  async #press(grace: number, cut: number, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    await delay(grace, undefined, { signal });
    while (performance.now() - started < cut) {
      for (const client of this.#busy) cancel(client);
      await delay(AGAIN_MS, undefined, { signal });
    }
    // Nobody gets another connection either.
    if (!this.#pool.ending) this.#pool.end().catch(() => {});
    for (const client of this.#busy) (client as unknown as Wire).connection.stream.destroy();
  }
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

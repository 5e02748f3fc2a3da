/**
 * A worker's row in `segmentd_internal.worker`: written at its start, renewed while it runs, deleted at its stop. Other
 * processes read in it which workers live and which queue is in use. It must not stop the worker: without its row a
 * worker runs all the same, and writes it again.
 */
import { hostname } from 'node:os';
import { Lifecycle, type Service } from '../base/service.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { bounded } from '../base/bounded.ts';

/** What every log line of a worker carries. */
export interface Identity {
  /** Its number, a UUID. */
  readonly worker: string;
  /** Of segmentd. */
  readonly version: string;
  readonly database: string;
}

export interface RegistrationOptions {
  readonly identity: Identity;
  readonly queue: { readonly kind: 'redis' | 'postgres'; readonly place: string } | undefined;
  /** Generation of the segments that it knows, once it knows one. */
  readonly generation: () => string | undefined;
  readonly onError: (error: unknown) => void;
}

const FAREWELL_MS = 1_000;

export class Registration implements Service {
  readonly #pool: Pool;
  readonly #options: RegistrationOptions;
  readonly #life: Lifecycle;

  constructor(pool: Pool, options: RegistrationOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#life = new Lifecycle('The registration', async () => {
      // Without the right to register, or for a moment without Postgres, a worker runs all the same.
      await this.beat().catch(options.onError);
      return async () => {
        // Postgres may be away; then the row is too old in half a minute.
        await bounded(
          this.#pool.query('delete from segmentd_internal.worker where id = $1::uuid', [options.identity.worker]),
          FAREWELL_MS,
        ).catch(() => {});
      };
    });
  }

  start(): Promise<void> {
    return this.#life.start();
  }

  stop(): Promise<void> {
    return this.#life.stop();
  }

  /** Says that the worker lives; to be called every few seconds. */
  async beat(): Promise<void> {
    const { identity, queue, generation } = this.#options;
    await this.#pool.query({
      ...statement('worker-beat'),
      values: [
        identity.worker,
        hostname(),
        process.pid,
        identity.version,
        queue?.kind ?? null,
        queue?.place ?? null,
        generation() ?? null,
      ],
    });
  }
}

/**
 * Whether this worker keeps membership, in one word. Ready: Postgres answers, its schema fits this code, capture stands
 * on every source, and the drain loop has come round lately. Not ready is a state to look at, not an error: it never
 * throws.
 */
import { stepsToInstall } from '../capture/install-step.ts';
import { registeredSources } from '../capture/source-row.ts';
import { planSources } from '../capture/source.ts';
import { Failure } from '../base/error.ts';
import { pendingMigrations } from '../postgres/migrate.ts';
import type { Pool } from '../postgres/pool.ts';
import { bounded, LATE } from '../base/bounded.ts';
import type { Registry } from '../followed/registry.ts';
import { subscribe, type WorkerEmitter } from './event.ts';

export const UNREADY = ['starting', 'database', 'migrations', 'capture', 'drain', 'stopping'] as const;
export type Unready = (typeof UNREADY)[number];

/** Longer than a batch may take, and then some. */
const DRAIN_MS = 15_000;
const ANSWER_MS = 2_000;

export class Readiness {
  readonly worker: { readonly worker: string; readonly version: string };
  readonly #pool: Pool;
  readonly #registry: Registry;
  /** performance.now() when a drain loop last found nothing or committed a batch. */
  #passedAt: number | undefined;
  #stopping = false;
  readonly #unsubscribe: () => void;

  /** @param worker who answers */
  constructor(
    pool: Pool,
    registry: Registry,
    events: WorkerEmitter,
    worker: { readonly worker: string; readonly version: string },
  ) {
    this.worker = { worker: worker.worker, version: worker.version };
    this.#pool = pool;
    this.#registry = registry;
    const passed = (): void => {
      this.#passedAt = performance.now();
    };
    this.#unsubscribe = subscribe(events, { idle: passed, drained: passed });
  }

  /** Answers `stopping` from now on, and hears no events any more. */
  stop(): void {
    this.#stopping = true;
    this.#unsubscribe();
  }

  /** Undefined: ready. Answers within about 2 s; never throws. */
  async missing(): Promise<Unready | undefined> {
    if (this.#stopping) return 'stopping';
    const answer = await bounded(this.#ask(), ANSWER_MS).catch(() => 'database' as const);
    if (answer === LATE) return 'database';
    if (answer !== undefined) return answer;
    if (this.#passedAt === undefined) return 'starting';
    return performance.now() - this.#passedAt > DRAIN_MS ? 'drain' : undefined;
  }

  async #ask(): Promise<Unready | undefined> {
    try {
      if ((await pendingMigrations(this.#pool)) > 0) return 'migrations';
    } catch (error) {
      // Set up by a newer segmentd.
      if (error instanceof Failure) return 'migrations';
      throw error;
    }
    const plans = planSources(this.#registry.catalogue);
    const sources = await registeredSources(this.#pool, plans);
    if (sources.length < plans.length) return 'capture';
    try {
      const { rows } = await this.#pool.query<{ doorbell: boolean }>(
        'select doorbell from segmentd_internal.installation',
      );
      const steps = await stepsToInstall(this.#pool, sources, { doorbell: rows[0]?.doorbell ?? true });
      return steps.length > 0 ? 'capture' : undefined;
    } catch (error) {
      // A source table was dropped.
      if (error instanceof Failure) return 'capture';
      throw error;
    }
  }
}

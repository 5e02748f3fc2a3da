/**
 * Computes the ranks that are due (rank/compute-rank.ts): looks every second, hands each to the queue, and carries out what the queue
 * hands back. Invariant: the queue is only the way. A rank that the queue lost is added again, and when the queue stays silent the rank
 * is computed without it. A process computes one rank at a time, and a lock in Postgres keeps all other workers from computing.
 */
import { createLoop } from '../base/loop.ts';
import { Lifecycle, type Close, type Service } from '../base/service.ts';
import type { Turns } from '../base/turn.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Outcome, TaskQueue } from '../queue/task-queue.ts';
import { computeRank, type RankContext, type RankResult } from '../rank/compute-rank.ts';
import { dueRanks } from '../rank/due-rank.ts';
import type { WorkerEmitter } from './event.ts';
import type { Signals } from './signal.ts';

export interface RankerOptions {
  readonly catalogue: () => Catalogue;
  /** Absent: ranks are computed without a queue. */
  readonly queue?: TaskQueue;
  readonly events: WorkerEmitter;
  readonly signals: Pick<Signals, 'wakeDrains'>;
  /** Looks take turns with the other parts of a worker; computations do not. */
  readonly inTurn: Turns;
  /** Milliseconds between two looks; 1,000 by default. */
  readonly interval?: number;
  /** Milliseconds after which a rank that no worker took is computed without the queue; 10,000 by default. */
  readonly silence?: number;
  readonly at?: RankContext['at'];
}

const INTERVAL_MS = 1_000;
const SILENT_MS = 10_000;

export class Ranker implements Service {
  readonly #pool: Pool;
  readonly #options: RankerOptions;
  readonly #life = new Lifecycle('The ranker', (signal) => this.#open(signal));
  readonly #loop: Service;
  #running: Promise<unknown> | undefined;

  constructor(pool: Pool, options: RankerOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#loop = createLoop({
      name: 'The look for due ranks',
      interval: options.interval ?? INTERVAL_MS,
      round: ({ signal }) => this.#look(signal),
      onError: (error) => this.#report(error),
    });
  }

  start(): Promise<void> {
    return this.#life.start();
  }

  /** A computation under way is interrupted: the ranks before stay, and the next worker computes. */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  async #open(signal: AbortSignal): Promise<Close> {
    const { queue } = this.#options;
    await queue?.work((name, ofJob) => this.#job(name, AbortSignal.any([ofJob, signal])));
    await this.#loop.start();
    return async () => {
      const looked = this.#loop.stop();
      await queue?.close();
      await looked;
      await this.#running;
    };
  }

  /** Every rank that is due, without the queue. Returns how many were computed. */
  async once(signal: AbortSignal = new AbortController().signal): Promise<number> {
    let computed = 0;
    for (const { name } of await dueRanks(this.#pool, this.#options.catalogue())) {
      if (signal.aborted) break;
      if ((await this.#carryOut(name, signal)).outcome === 'done') computed += 1;
    }
    return computed;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { queue, catalogue, silence = SILENT_MS, inTurn } = this.#options;
    const due = await inTurn(() => dueRanks(this.#pool, catalogue()));
    for (const { name, seconds } of due) {
      if (signal.aborted) return;
      if (queue) await queue.add(name);
      if (queue && seconds * 1000 <= silence) continue;
      await this.#carryOut(name, signal).catch((error: unknown) => {
        if (!signal.aborted) this.#report(error);
      });
    }
  }

  #report(error: unknown): void {
    this.#options.events.emit('error', { during: 'rank', error });
  }

  /** A failure is noted in Postgres, which says when to try again. */
  async #job(name: string, signal: AbortSignal): Promise<Outcome> {
    const { outcome } = await this.#carryOut(name, signal);
    return outcome === 'failed' ? 'failed' : 'done';
  }

  /** One at a time in this process, however it came. */
  async #carryOut(name: string, signal: AbortSignal): Promise<RankResult> {
    while (this.#running) await this.#running;
    const work = this.#compute(name, signal);
    this.#running = work
      .catch(() => {})
      .finally(() => {
        this.#running = undefined;
      });
    return work;
  }

  async #compute(name: string, signal: AbortSignal): Promise<RankResult> {
    const { catalogue, events, signals, at } = this.#options;
    const result = await computeRank({ pool: this.#pool, catalogue, signal, ...(at ? { at } : {}) }, name);
    if (result.outcome === 'done') {
      const { ranked, moved, ms } = result;
      events.emit('ranked', { name, ranked, moved, ms });
      if (moved > 0) signals.wakeDrains();
    } else if (result.outcome === 'failed') events.emit('rankFailed', { name, error: result.error });
    return result;
  }
}

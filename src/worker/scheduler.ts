/**
 * Runs the schedules of exports: looks every second what is due, hands the runs to the queue, and carries out what the
 * queue hands back. Invariant: the queue is only the way. A run that the queue lost is added again, and when the queue
 * stays silent the run is carried out without it. One process writes one export at a time.
 */
import { randomUUID } from 'node:crypto';
import { createLoop } from '../base/loop.ts';
import { Lifecycle, type Close, type Service } from '../base/service.ts';
import type { Turns } from '../base/turn.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { recoverRuns } from '../export/run.ts';
import { noteDue } from '../export/schedule-due.ts';
import { carryOutRun, readyRuns, type RunResult } from '../export/schedule-run.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Outcome, TaskQueue } from '../queue/task-queue.ts';
import type { WorkerEmitter } from './event.ts';
import { waitUntilVisible } from './wait.ts';

export interface SchedulerOptions {
  readonly catalogue: () => Catalogue;
  /** Files of schedules are written below this folder. */
  readonly folder: string;
  /** Absent: runs are carried out without a queue. */
  readonly queue?: TaskQueue;
  readonly events: WorkerEmitter;
  /** Milliseconds between two looks; 1,000 by default. */
  readonly interval?: number;
  /** Milliseconds after which a run that no worker took is carried out without the queue; 10,000 by default. */
  readonly silence?: number;
  /** Looks take turns with the other parts of a worker; runs do not. */
  readonly inTurn: Turns;
}

const INTERVAL_MS = 1_000;
const SILENT_MS = 10_000;
const FRESH_MS = 120_000;

export class Scheduler implements Service {
  readonly #pool: Pool;
  readonly #options: SchedulerOptions;
  readonly #owner = `${process.pid} ${randomUUID()}`;
  readonly #life = new Lifecycle('The scheduler', (signal) => this.#open(signal));
  readonly #loop: Service;
  #running: Promise<unknown> | undefined;

  constructor(pool: Pool, options: SchedulerOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#loop = createLoop({
      name: 'The look for due exports',
      interval: options.interval ?? INTERVAL_MS,
      round: ({ signal }) => this.#look(signal),
      onError: (error) => this.#report(error),
    });
  }

  start(): Promise<void> {
    return this.#life.start();
  }

  /** A run under way is interrupted and waits for the next worker. */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  async #open(signal: AbortSignal): Promise<Close> {
    const { queue } = this.#options;
    await queue?.work((run, ofJob) => this.#job(run, AbortSignal.any([ofJob, signal])));
    await this.#loop.start();
    return async () => {
      const looked = this.#loop.stop();
      await queue?.close();
      await looked;
      await this.#running;
    };
  }

  /** Everything that is due, without the queue. A run under way when the signal is aborted waits for the next worker. */
  async once(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await recoverRuns(this.#pool);
    await noteDue(this.#pool);
    const tried = new Set<string>();
    while (!signal.aborted) {
      const next = (await readyRuns(this.#pool)).find(({ id }) => !tried.has(id));
      if (!next) return;
      tried.add(next.id);
      await this.#carryOut(next.id, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { queue, silence = SILENT_MS, inTurn } = this.#options;
    const ready = await inTurn(async () => {
      await recoverRuns(this.#pool);
      await noteDue(this.#pool);
      return readyRuns(this.#pool);
    });
    for (const { id, seconds } of ready) {
      if (signal.aborted) return;
      if (queue) await queue.add(id);
      if (queue && seconds * 1000 <= silence) continue;
      // A run that fails where nothing is written down keeps no other waiting.
      await this.#carryOut(id, signal).catch((error: unknown) => {
        if (!signal.aborted) this.#report(error);
      });
    }
  }

  #report(error: unknown): void {
    this.#options.events.emit('error', { during: 'schedule', error });
  }

  async #job(run: string, signal: AbortSignal): Promise<Outcome> {
    const result = await this.#carryOut(run, signal);
    return result.outcome === 'none' ? 'done' : result.outcome;
  }

  /** One at a time in this process, however it came. */
  async #carryOut(run: string, signal: AbortSignal): Promise<RunResult> {
    while (this.#running) await this.#running;
    const work = this.#export(run, signal);
    this.#running = work
      .catch(() => {})
      .finally(() => {
        this.#running = undefined;
      });
    return work;
  }

  async #export(run: string, signal: AbortSignal): Promise<RunResult> {
    const { catalogue, folder, events } = this.#options;
    const started = performance.now();
    const result = await carryOutRun(
      {
        pool: this.#pool,
        catalogue,
        root: folder,
        owner: this.#owner,
        fresh: async (key) => {
          await Promise.race([
            waitUntilVisible(this.#pool, { key, timeoutMs: FRESH_MS, standing: true }),
            rejectedBy(signal),
          ]);
        },
        signal,
      },
      run,
    );
    if (result.outcome === 'done') {
      const { segment, count, bytes } = result.manifest;
      events.emit('exported', {
        schedule: result.schedule,
        run,
        segment,
        count,
        bytes,
        ms: performance.now() - started,
      });
    } else if (result.outcome !== 'none' && !signal.aborted) {
      events.emit('exportFailed', {
        schedule: result.schedule,
        run,
        again: result.outcome === 'again',
        error: result.error,
      });
    }
    return result;
  }
}

/** Rejects once the signal is raised. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new DOMException('the worker stops', 'AbortError'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Runs the schedules of exports: looks every second what is due, hands the runs to the queue, and carries them out as the
 * queue hands them back. The queue is only the way: what it lost is added again, and when it stays silent the runs
 * are carried out without it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Lifecycle, type Close, type Service } from '../base/service.ts';
import { createTurns, type Turns } from '../base/turn.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { recoverRuns } from '../export/run.ts';
import { carryOutRun, noteDue, readyRuns, type RunResult } from '../export/schedule-run.ts';
import type { Pool } from '../postgres/pool.ts';
import type { ExportQueue, Outcome } from '../queue/export-queue.ts';
import type { WorkerEmitter } from './event.ts';
import { waitUntilVisible } from './wait.ts';

export interface SchedulerOptions {
  readonly catalogue: () => Catalogue;
  /** Files of schedules are written below this folder. */
  readonly folder: string;
  readonly queue?: ExportQueue;
  readonly events: WorkerEmitter;
  /** Milliseconds between two looks; default 1,000. */
  readonly interval?: number;
  /** A run that nobody took for so long (ms) is carried out without the queue; default 10,000. */
  readonly silence?: number;
  /** Looks take turns with the other parts of a worker. */
  readonly inTurn?: Turns;
}

const INTERVAL_MS = 1_000;
const SILENT_MS = 10_000;
const FRESH_MS = 120_000;

export class Scheduler implements Service {
  readonly #pool: Pool;
  readonly #options: SchedulerOptions;
  readonly #owner = `${process.pid} ${randomUUID()}`;
  readonly #life = new Lifecycle('The scheduler', (signal) => this.#open(signal));
  readonly #inTurn: Turns;
  #running: Promise<unknown> | undefined;

  constructor(pool: Pool, options: SchedulerOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#inTurn = options.inTurn ?? createTurns();
  }

  async start(): Promise<void> {
    await this.#life.start();
  }

  /** A run under way is interrupted and waits for the next worker. */
  async stop(): Promise<void> {
    await this.#life.stop();
  }

  async #open(signal: AbortSignal): Promise<Close> {
    const { queue } = this.#options;
    await queue?.work((run, ofJob) => this.#job(run, AbortSignal.any([ofJob, signal])));
    const ended = this.#run(signal);
    return async () => {
      await queue?.close();
      await ended;
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

  async #run(signal: AbortSignal): Promise<void> {
    const { interval = INTERVAL_MS } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
      } catch (error) {
        if (!signal.aborted) this.#options.events.emit('error', { during: 'schedule', error });
      }
      await delay(interval, undefined, { signal }).catch(() => {});
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { queue, silence = SILENT_MS } = this.#options;
    const ready = await this.#inTurn(async () => {
      await recoverRuns(this.#pool);
      await noteDue(this.#pool);
      return readyRuns(this.#pool);
    });
    for (const { id, seconds } of ready) {
      if (signal.aborted) return;
      if (queue) await queue.add(id);
      if (queue && seconds * 1000 <= silence) continue;
      // One that fails where nothing is written down keeps no other waiting.
      await this.#carryOut(id, signal).catch((error: unknown) => {
        if (!signal.aborted) this.#options.events.emit('error', { during: 'schedule', error });
      });
    }
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

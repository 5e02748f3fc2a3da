/**
 * From "a drain saw something to build" to "a build runs":
 *
 * 1. A drain's look finds an intent (drainer.ts) and signals `lookForBuilds`, which is `look` here. `look` only wakes
 * the loop.
 * 2. A round validates what callers asked for (validator.ts), and asks which builds are owed.
 * 3. Where one is owed the round rings the queue. The queue hands the job to the worker that is free, possibly to
 * another one.
 * 4. The job builds everything that is owed (rebuild/rebuild.ts). Postgres says what is owed: the job carries nothing.
 *
 * When the queue stays silent (Redis is down, emptied, or the job stalls) step 3 builds without it. Invariant: a build
 * that is owed runs whatever the queue does, and one process runs one build at a time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createLoop } from '../base/loop.ts';
import { Lifecycle, type Close, type Service } from '../base/service.ts';
import type { Turns } from '../base/turn.ts';
import { caughtUp } from '../followed/catalogue-signal.ts';
import type { Registry } from '../followed/registry.ts';
import type { Pool } from '../postgres/pool.ts';
import type { RebuildJob, RebuildQueue } from '../queue/rebuild-queue.ts';
import { owedBuilds } from '../rebuild/owed.ts';
import { rebuildOwed } from '../rebuild/rebuild.ts';
import type { RebuildOptions } from '../rebuild/rebuild-option.ts';
import type { WorkerEmitter } from './event.ts';
import type { Signals } from './signal.ts';
import { Validator } from './validator.ts';

/** Milliseconds after which a build that is still owed is built without the queue. */
const QUEUE_SILENT_MS = 3_000;

export interface KeeperOptions {
  /** Absent: builds run without a queue. */
  readonly queue?: RebuildQueue;
  readonly events: WorkerEmitter;
  readonly signals: Pick<Signals, 'catchUp' | 'hasCatalogueChanged' | 'rereadCatalogue'>;
  /** Looks take turns with the other parts of a worker; builds do not. */
  readonly inTurn: Turns;
  /** Edits that move more are held; absent: none. */
  readonly guard?: RebuildOptions['guard'];
  /** Connections that read the contacts during a build. */
  readonly connections: number;
  /** Steps at which tests stop a build. */
  readonly at?: RebuildOptions['at'];
}

export class Keeper implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: KeeperOptions;
  readonly #validator: Validator;
  readonly #life = new Lifecycle('The keeper', (signal) => this.#open(signal));
  readonly #loop = createLoop({
    name: 'The look for builds',
    interval: Infinity,
    delay: Infinity,
    round: () => this.#look(),
    onError: (error) => this.#options.events.emit('error', { during: 'keep', error }),
  });
  /** Of the run that began last; `once` works without one. */
  #signal = new AbortController().signal;
  #building: Promise<number> | undefined;
  /** performance.now() since when a build is owed and none runs. */
  #owedSince: number | undefined;

  constructor(pool: Pool, registry: Registry, options: KeeperOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
    this.#validator = new Validator(pool, registry, options.signals);
  }

  start(): Promise<void> {
    return this.#life.start();
  }

  /** Builds under way stop at their next step. */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  async #open(signal: AbortSignal): Promise<Close> {
    const { queue } = this.#options;
    this.#signal = signal;
    await queue?.work((job) => this.#job(job));
    await this.#loop.start();
    return async () => {
      const looked = this.#loop.stop();
      await queue?.close();
      await looked;
      await this.#building?.catch(() => {});
    };
  }

  /** Looks soon; never blocks. */
  look(): void {
    this.#loop.wake();
  }

  /** Validates and builds everything that is owed, without the queue. Returns how many segments went live. */
  async once(): Promise<number> {
    await caughtUp(this.#options.signals, () => this.#validator.validate());
    return this.#build({});
  }

  async #look(): Promise<void> {
    await this.#options.inTurn(() => caughtUp(this.#options.signals, () => this.#validator.validate()));
    await caughtUp(this.#options.signals, () => this.#ask());
  }

  /** Asks the queue for a build where one is owed, and builds when the queue has been silent. */
  async #ask(): Promise<void> {
    if (this.#building) return;
    const { queue, inTurn } = this.#options;
    const owed = await inTurn(() => owedBuilds(this.#pool, this.#registry, [], 1));
    if (owed.length === 0) {
      this.#owedSince = undefined;
      return;
    }
    this.#owedSince ??= performance.now();
    queue?.request();
    if (!queue || performance.now() - this.#owedSince > QUEUE_SILENT_MS) await this.#build({});
  }

  async #job(job: RebuildJob): Promise<void> {
    // A build that began while the queue was silent; what that build did not see is built after it.
    await this.#building?.catch(() => {});
    await this.#build({ progress: (progress) => job.progress(progress), signal: job.signal });
  }

  async #build(job: { readonly progress?: RebuildJob['progress']; readonly signal?: AbortSignal }): Promise<number> {
    const { events, signals, guard, connections, at } = this.#options;
    const started = performance.now();
    const signal = job.signal ? AbortSignal.any([job.signal, this.#signal]) : this.#signal;
    this.#building = rebuildOwed(this.#pool, this.#registry, {
      signal,
      connections,
      signals,
      wait: (milliseconds) => delay(milliseconds, undefined, { signal }),
      report: {
        async progress(progress) {
          events.emit('progress', progress);
          await job.progress?.(progress);
        },
        rebuilt: (rebuilt) => events.emit('rebuilt', rebuilt),
        held: (held) => events.emit('held', held),
        error: (error) => events.emit('error', { during: 'rebuild', error }),
      },
      ...(guard ? { guard } : {}),
      ...(at ? { at } : {}),
    });
    try {
      const live = await this.#building;
      if (live > 0) events.emit('built', { live, ms: performance.now() - started });
      return live;
    } finally {
      this.#building = undefined;
      this.#owedSince = undefined;
    }
  }
}

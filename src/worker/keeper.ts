/**
 * Keeps segments as they are wanted: validates versions, carries out requests, sees that owed builds happen. The queue
 * carries the doorbell for builds; when it stays silent (Redis down, emptied, a stalled job) the keeper builds by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Lifecycle, type Close, type Service } from '../base/service.ts';
import { createTurns, type Turns } from '../base/turn.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../postgres/pool.ts';
import type { RebuildJob, RebuildQueue } from '../queue/rebuild-queue.ts';
import { owedBuilds } from '../rebuild/owed.ts';
import { rebuildOwed, type RebuildOptions } from '../rebuild/rebuild.ts';
import { acceptVersions } from '../lifecycle/accept.ts';
import { CatalogueBehind, readGeneration, type Registry } from '../followed/registry.ts';
import { carryOutRequests } from '../lifecycle/request.ts';
import { proposeUnblocked } from '../lifecycle/unblock.ts';
import { revalidate, revalidateRequested } from '../lifecycle/revalidate.ts';
import type { WorkerEmitter } from './event.ts';

/** An intent that is still owed so long after the queue was asked is built without it. */
const QUEUE_SILENT_MS = 3_000;

export interface KeeperOptions {
  readonly queue?: RebuildQueue;
  readonly events: WorkerEmitter;
  readonly onDrift: (sqlstate: string, under: Catalogue) => Promise<boolean>;
  /** Our catalogue is behind that of others; afterwards it is not. */
  readonly onBehind: () => Promise<unknown>;
  /** A version does not fit our catalogue, which may be old; afterwards it is not. */
  readonly onRefusal: () => Promise<unknown>;
  readonly guard?: RebuildOptions['guard'];
  /** Of a rebuild's scan. */
  readonly connections: number;
  /** Looks take turns with the other parts of a worker. */
  readonly inTurn?: Turns;
  readonly at?: RebuildOptions['at'];
}

export class Keeper implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: KeeperOptions;
  readonly #life = new Lifecycle('The keeper', (signal) => this.#open(signal));
  /** Of the run that began last; `once` works without one. */
  #signal = new AbortController().signal;
  readonly #inTurn: Turns;
  #looking: Promise<void> | undefined;
  #again = false;
  #building: Promise<number> | undefined;
  /** performance.now() since when builds are owed without anyone taking them. */
  #owedSince: number | undefined;
  /** Generation at the last look for versions that other segments stood in the way of. */
  #unblockedAt: string | undefined;

  constructor(pool: Pool, registry: Registry, options: KeeperOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
    this.#inTurn = options.inTurn ?? createTurns();
  }

  async start(): Promise<void> {
    await this.#life.start();
  }

  /** Builds under way stop at their next step. */
  async stop(): Promise<void> {
    await this.#life.stop();
  }

  async #open(signal: AbortSignal): Promise<Close> {
    this.#signal = signal;
    await this.#options.queue?.work((job) => this.#job(job));
    return async () => {
      await this.#options.queue?.close();
      await this.#looking;
      await this.#building?.catch(() => {});
    };
  }

  /** Looks soon; never blocks. One look at a time, and one more when asked meanwhile. */
  look(): void {
    this.#again = true;
    this.#looking ??= this.#loop().finally(() => {
      this.#looking = undefined;
    });
  }

  async #loop(): Promise<void> {
    while (this.#again && !this.#signal.aborted) {
      this.#again = false;
      try {
        await this.#inTurn(() => this.#abreast(() => this.#validate()));
        await this.#abreast(() => this.#drive());
      } catch (error) {
        if (!this.#signal.aborted) this.#options.events.emit('error', { during: 'keep', error });
        return;
      }
    }
  }

  /** Everything owed, without the queue, until nothing is. Returns how many segments went live. */
  async once(): Promise<number> {
    await this.#abreast(() => this.#validate());
    return this.#build({});
  }

  /** With a catalogue that was behind, what was begun is done again from its beginning. */
  async #abreast(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CatalogueBehind)) throw error;
      await this.#options.onBehind();
      await work();
    }
  }

  async #validate(): Promise<void> {
    await revalidateRequested(this.#pool, () => this.#recall());
    await this.#accept();
    await carryOutRequests(this.#pool, this.#registry);
    if (await this.#unblock()) await this.#accept();
  }

  /** Whatever changes what others read, or that they are there, makes another generation. */
  async #unblock(): Promise<boolean> {
    const generation = await readGeneration(this.#pool);
    if (generation === this.#unblockedAt) return false;
    this.#unblockedAt = generation;
    return (await proposeUnblocked(this.#pool, this.#registry.catalogue)) > 0;
  }

  async #accept(): Promise<void> {
    let under = this.#registry.catalogue;
    await acceptVersions(this.#pool, under, async () => (under = await this.#recall()));
    // It was replaced while versions were validated under the one before, and what was refused then is not among those validated again.
    if (under !== this.#registry.catalogue) await revalidate(this.#pool, this.#registry.catalogue);
  }

  async #recall(): Promise<Catalogue> {
    await this.#options.onRefusal();
    return this.#registry.catalogue;
  }

  async #drive(): Promise<void> {
    if (this.#building) return;
    const owed = await this.#inTurn(() => owedBuilds(this.#pool, this.#registry, [], 1));
    if (owed.length === 0) {
      this.#owedSince = undefined;
      return;
    }
    const { queue } = this.#options;
    this.#owedSince ??= performance.now();
    queue?.request();
    if (!queue || performance.now() - this.#owedSince > QUEUE_SILENT_MS) await this.#build({});
  }

  async #job(job: RebuildJob): Promise<void> {
    // A build of our own began while the queue was silent; what it did not see is looked for after it.
    await this.#building?.catch(() => {});
    await this.#build({ onProgress: (progress) => job.progress(progress), signal: job.signal });
  }

  async #build(options: Pick<RebuildOptions, 'onProgress' | 'signal'>): Promise<number> {
    const { events, onDrift, onBehind, guard, connections, at } = this.#options;
    const started = performance.now();
    const signal = options.signal ? AbortSignal.any([options.signal, this.#signal]) : this.#signal;
    this.#building = rebuildOwed(this.#pool, this.#registry, {
      signal,
      connections,
      onDrift,
      onBehind,
      wait: (milliseconds) => delay(milliseconds, undefined, { signal }),
      onProgress: async (progress) => {
        events.emit('progress', progress);
        await options.onProgress?.(progress);
      },
      onError: (error) => events.emit('error', { during: 'rebuild', error }),
      onRebuilt: (rebuilt) => events.emit('rebuilt', rebuilt),
      onHeld: (held) => events.emit('held', held),
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

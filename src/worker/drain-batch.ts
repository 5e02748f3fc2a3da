/**
 * Takes the work that a look saw: resolves links, drains a batch, and makes the next batch smaller after one that
 * failed. Owns the sizes of both. Invariant: whatever one segment's condition does, the work of all other segments goes
 * on (src/PROTOCOL.md, "Failing batches"). It must not decide when to look again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isOwnTimeout, isPoison, LOCK_NOT_AVAILABLE, readingOf, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { CatalogueBehind } from '../followed/catalogue-behind.ts';
import type { Registry } from '../followed/registry.ts';
import { CROSSINGS } from '../postgres/lock.ts';
import type { Pool } from '../postgres/pool.ts';
import { attempt, type Outcome } from '../recheck/attempt.ts';
import { STATEMENT_TIMEOUT } from '../recheck/drain.ts';
import type { DrainOptions } from '../recheck/drain-option.ts';
import { isolate } from '../recheck/isolate.ts';
import { resolve, RESOLVE_TIMEOUT } from '../recheck/resolve.ts';
import type { DrainSession } from '../recheck/drain-session.ts';
import { BatchSize } from './batch.ts';
import { hasBatch, type Probe } from './drain-probe.ts';
import type { WorkerEmitter } from './event.ts';
import type { Signals } from './signal.ts';

export interface DrainBatchOptions {
  /** Changes and rechecks of a full batch. */
  readonly batchSize: number;
  readonly events: WorkerEmitter;
  readonly signals: Pick<Signals, 'catchUp' | 'hasCatalogueChanged' | 'lookForCrossings'>;
  /** Steps at which tests stop a drain. */
  readonly at?: DrainOptions['at'];
}

/** What a batch is taken with. */
export interface Taking {
  readonly session: DrainSession;
  /** Ends the work between two statements. */
  readonly signal: AbortSignal;
  /** Hears each refusal of a lock. What it throws ends the work. */
  readonly onRefusal?: (error: unknown) => void;
}

/** Milliseconds after a refused lock, and until work that a busy slot holds back is looked for again. */
export const REFUSED_MS = 50;
/** Milliseconds after a batch that found its shards taken by another worker. */
const TAKEN_MS = 4;
/** Links of a full batch, for each change of one: a link costs a part of what a change costs. */
const LINKS_PER_CHANGE = 4;
/** Links are never resolved in smaller groups: when even these take too long, the segments that read them are rebuilt. */
const FEWEST_LINKS = 8;

export class DrainBatches {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: DrainBatchOptions;
  readonly #size: BatchSize;
  /** Links that are resolved at a time. */
  #links: number;

  constructor(pool: Pool, registry: Registry, options: DrainBatchOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
    this.#size = new BatchSize(options.batchSize);
    this.#links = options.batchSize * LINKS_PER_CHANGE;
  }

  /**
   * Resolves links and drains a batch, where the look saw both. Neither waits for the other: links may come as fast as
   * they are resolved, and what they resolve to came later than what can be drained already. Returns the changes and
   * links it took.
   */
  async take(taking: Taking, probe: Probe): Promise<number> {
    try {
      const resolved = probe.links ? await this.#orGiveWay(taking, () => this.#resolve(taking)) : 0;
      if (!hasBatch(probe) || taking.signal.aborted) return resolved;
      return resolved + (await this.#orGiveWay(taking, () => this.#drain(taking, probe)));
    } catch (error) {
      if (!(error instanceof CatalogueBehind)) throw error;
      await this.#options.signals.catchUp();
      return 0;
    }
  }

  /**
   * Returns 0 when the team has locked a table: everything was rolled back, and the next batch leaves out the segments
   * that read the table. So this is no retry of the same work (postgres/retry-locked.ts).
   */
  async #orGiveWay({ session, onRefusal }: Taking, take: () => Promise<number>): Promise<number> {
    try {
      return await take();
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
      onRefusal?.(error);
      session.beCareful();
      await delay(REFUSED_MS);
      return 0;
    }
  }

  /** Links that cannot be resolved any more (a column on the way changed), or only too slowly, end in rebuilds. */
  async #resolve({ session, signal }: Taking): Promise<number> {
    const { batchSize, events, signals } = this.#options;
    const under = this.#registry.catalogue;
    const started = performance.now();
    try {
      const resolved = await resolve(session, this.#registry, this.#links);
      this.#links = Math.min(batchSize * LINKS_PER_CHANGE, this.#links * 2);
      return resolved;
    } catch (error) {
      const code = sqlState(error);
      if (code === undefined || !isPoison(code)) throw error;
      if (!signal.aborted) events.emit('error', { during: 'resolve', error });
      if (readingOf(code) === 'cancelled') {
        const slow = isOwnTimeout(error, performance.now() - started, RESOLVE_TIMEOUT);
        if (!slow) return 0;
        if (this.#links > FEWEST_LINKS) {
          this.#links = Math.max(FEWEST_LINKS, Math.floor(this.#links / 8));
          return 0;
        }
      }
      if (code.startsWith('42')) await signals.hasCatalogueChanged(under);
      return resolve(session, this.#registry, this.#links, { coarse: true });
    }
  }

  /** One batch. Returns the changes it took; 1 after a batch that failed, so that the next look comes at once. */
  async #drain(taking: Taking, probe: Probe): Promise<number> {
    const { at, events, signals } = this.#options;
    const { session, signal } = taking;
    const under = this.#registry.catalogue;
    const started = performance.now();
    const outcome = await attempt(session, this.#registry, {
      batchSize: this.#size.size,
      exact: this.#size.reduced,
      statementTimeout: this.#size.limit(STATEMENT_TIMEOUT),
      lanes: [...new Set([...probe.changed, ...probe.queued])],
      rechecks: probe.queued.length > 0,
      ...(at ? { at } : {}),
    });
    if (outcome.kind === 'drained') {
      const { idle, changes, contacts, written } = outcome.drained;
      const ms = performance.now() - started;
      if (!idle) this.#size.took(ms);
      if (idle) await delay(TAKEN_MS);
      else events.emit('drained', { changes, contacts, written, ms });
      if (changes > 0 && probe.changed.some((lane) => lane < CROSSINGS)) signals.lookForCrossings();
      return changes;
    }
    if (!signal.aborted) events.emit('error', { during: 'batch', error: outcome.error });
    // A cancel says nothing about the work: the same batch is tried again.
    if (outcome.kind !== 'cancelled') await this.#reduce(taking, outcome, under);
    return 1;
  }

  /**
   * After a batch that failed for its content or took too long: the next one has fewer contacts. A batch of one contact
   * is taken apart by segments.
   * @param under the catalogue that its statements were compiled under
   */
  async #reduce(
    { session, signal }: Taking,
    { code, kind, taken }: Extract<Outcome, { code: string }>,
    under: Catalogue,
  ): Promise<void> {
    const { events, signals } = this.#options;
    const hasChanged = (): Promise<boolean> => signals.hasCatalogueChanged(under);
    // A table changed, or a right was lost: no segment's fault. When the right is that of the contacts, this throws,
    // and the batch waits.
    if (code.startsWith('42') && (await hasChanged())) return;
    if (taken.contacts.length > 1) return this.#size.failed(taken.contacts.length, kind === 'slow');
    const segments = await isolate(session, this.#pool, this.#registry, taken, { hasChanged, signal });
    if (segments.length > 0) events.emit('frozen', { segments });
    // Each group of segments passes in time: all of them together are too much for one statement.
    else if (kind === 'slow' && session.divide(this.#registry.latest?.live.size ?? 0)) this.#size.relax();
  }
}

/**
 * Takes the steps of the rolling audit when they are due. It is never in a hurry: an error, or another worker's step, is
 * only a reason to ask again later. What it finds is repaired by the drains.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { auditStep } from '../audit/rolling.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Registry } from '../segment/registry.ts';
import type { WorkerEmitter } from './event.ts';

export interface AuditorOptions {
  /** Milliseconds in which all contacts are to be compared; 0: never. */
  readonly period: number;
  readonly events: WorkerEmitter;
  /** Repairs were queued. */
  readonly onQueued: () => void;
}

/** Longest sleep: the period may have been changed, or another worker gone. */
const LONGEST = 60_000;
const SHORTEST = 20;
const AFTER_ERROR = 5_000;

export class Auditor {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: AuditorOptions;
  #stopping: AbortController | undefined;
  #loop: Promise<void> | undefined;

  constructor(pool: Pool, registry: Registry, options: AuditorOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
  }

  start(): void {
    if (this.#loop || this.#options.period === 0) return;
    this.#stopping = new AbortController();
    this.#loop = this.#run(this.#stopping.signal);
  }

  /** Lets the step at hand end. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#loop;
    this.#loop = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = await this.#step(signal).catch((error: unknown) => {
        this.#options.events.emit('error', { during: 'audit', error });
        return AFTER_ERROR;
      });
      await delay(Math.min(LONGEST, Math.max(SHORTEST, wait)), undefined, { signal }).catch(() => {});
    }
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { period, events, onQueued } = this.#options;
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onBroken = (error: Error): void => {
      broken = error;
    };
    client.on('error', onBroken);
    try {
      const onError = (error: unknown): void => void events.emit('error', { during: 'audit', error });
      const { done, wait } = await auditStep(client, this.#registry, { period, onError, signal });
      if (done) events.emit('audited', done);
      if (done && done.differences > 0) onQueued();
      return wait;
    } catch (error) {
      // Its lock goes with the connection.
      broken ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.removeListener('error', onBroken);
      client.release(broken);
    }
  }
}

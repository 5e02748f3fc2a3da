/**
 * Takes the steps of the rolling audit when they are due. It is never in a hurry: an error, or another worker's step, is
 * only a reason to ask again later. What it finds is repaired by the drains.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { auditStep } from '../audit/rolling.ts';
import type { Service } from '../base/service.ts';
import { createTurns, type Turns } from '../base/turn.ts';
import { withConnection } from '../postgres/with-connection.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Registry } from '../followed/registry.ts';
import type { WorkerEmitter } from './event.ts';
import { createLoop } from './loop.ts';

export interface AuditorOptions {
  /** Milliseconds in which all contacts are to be compared; 0: never. */
  readonly period: number;
  readonly events: WorkerEmitter;
  /** Repairs were queued. */
  readonly onQueued: () => void;
  /** Steps take turns with the other parts of a worker. */
  readonly inTurn?: Turns;
}

/** Longest sleep: the period may have been changed, or another worker gone. */
const LONGEST = 60_000;
const SHORTEST = 20;
const AFTER_ERROR = 5_000;

export class Auditor implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: AuditorOptions;
  readonly #loop = createLoop('The audit', (signal) => this.#run(signal));

  constructor(pool: Pool, registry: Registry, options: AuditorOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#options.period > 0) await this.#loop.start();
  }

  /** Lets the step at hand end. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = await this.#step(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#options.events.emit('error', { during: 'audit', error });
        return AFTER_ERROR;
      });
      await delay(Math.min(LONGEST, Math.max(SHORTEST, wait)), undefined, { signal }).catch(() => {});
    }
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { period, events, onQueued } = this.#options;
    const onError = (error: unknown): void => void events.emit('error', { during: 'audit', error });
    // After an error its lock goes with the connection.
    const { inTurn = createTurns() } = this.#options;
    const { done, wait } = await inTurn(() =>
      withConnection(this.#pool, (client) => auditStep(client, this.#registry, { period, onError, signal })),
    );
    if (done) events.emit('audited', done);
    if (done && done.differences > 0) onQueued();
    return wait;
  }
}

/**
 * Takes the steps of the rolling audit when they are due (audit/rolling.ts). What a step finds is repaired by the
 * drains. It must not hurry: an error, or another worker's step, is only a reason to ask again later.
 */
import { auditStep } from '../audit/rolling.ts';
import { createLoop } from '../base/loop.ts';
import type { Service } from '../base/service.ts';
import type { Turns } from '../base/turn.ts';
import type { Registry } from '../followed/registry.ts';
import type { Pool } from '../postgres/pool.ts';
import { withConnection } from '../postgres/with-connection.ts';
import type { WorkerEmitter } from './event.ts';
import type { Signals } from './signal.ts';

export interface AuditorOptions {
  /** Milliseconds in which all contacts are to be compared; 0: never. */
  readonly period: number;
  readonly events: WorkerEmitter;
  readonly signals: Pick<Signals, 'wakeDrains'>;
  readonly inTurn: Turns;
}

/** Longest rest: the period may have been changed, or another worker may have died. */
const LONGEST_MS = 60_000;
const SHORTEST_MS = 20;
const AFTER_ERROR_MS = 5_000;

export class Auditor implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: AuditorOptions;
  readonly #loop: Service;

  constructor(pool: Pool, registry: Registry, options: AuditorOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
    this.#loop = createLoop({
      name: 'The audit',
      interval: LONGEST_MS,
      afterError: AFTER_ERROR_MS,
      inTurn: options.inTurn,
      round: ({ signal }) => this.#step(signal),
      onError: (error) => this.#report(error),
    });
  }

  async start(): Promise<void> {
    if (this.#options.period > 0) await this.#loop.start();
  }

  /** Lets the step at hand end. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Returns milliseconds until the next step. After an error the step's lock goes with its connection. */
  async #step(signal: AbortSignal): Promise<number> {
    const { period, events, signals } = this.#options;
    const onError = (error: unknown): void => this.#report(error);
    const { done, wait } = await withConnection(this.#pool, (client) =>
      auditStep(client, this.#registry, { period, onError, signal }),
    );
    if (done) events.emit('audited', done);
    if (done && done.differences > 0) signals.wakeDrains();
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, wait));
  }

  #report(error: unknown): void {
    this.#options.events.emit('error', { during: 'audit', error });
  }
}

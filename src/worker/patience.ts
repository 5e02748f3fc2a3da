/** Pauses between questions, growing from a few milliseconds, until the time is over. */
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

export class Patience {
  readonly #end: number;
  readonly #over: () => Error;
  #pause = FIRST_PAUSE_MS;

  /** @param over makes what is thrown when the time is over */
  constructor(milliseconds: number, over: () => Error) {
    this.#end = performance.now() + milliseconds;
    this.#over = over;
  }

  /** Milliseconds left, at least 0. */
  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Pauses are short again. */
  again(): void {
    this.#pause = FIRST_PAUSE_MS;
  }

  /** @throws what the constructor was given, when the time is over */
  async pause(): Promise<void> {
    if (this.left === 0) throw this.#over();
    await delay(Math.min(this.#pause, this.left));
    this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
  }
}

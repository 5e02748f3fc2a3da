/**
 * Rings for work until a ring was heard. Invariant: one more ring follows a request that came while a ring was under
 * way, because that ring may have been answered before the request. It holds no work: the keeper of the intents rings
 * again after a crash.
 */
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

export class Ring {
  readonly #ring: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  #wanted = false;
  #ringing = false;

  constructor(ring: () => Promise<void>, onError: (error: unknown) => void) {
    this.#ring = ring;
    this.#onError = onError;
  }

  /** Never blocks, never throws. */
  request(): void {
    if (this.#closing.signal.aborted) return;
    this.#wanted = true;
    if (!this.#ringing) void this.#run();
  }

  /** No new ring starts; the one under way is left to end with its connection. */
  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    this.#ringing = true;
    for (let pause = FIRST_PAUSE; this.#wanted && !this.#closing.signal.aborted;) {
      this.#wanted = false;
      try {
        await this.#ring();
        pause = FIRST_PAUSE;
      } catch (error) {
        if (this.#closing.signal.aborted) break;
        this.#wanted = true;
        this.#onError(error);
        await delay(pause, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
    this.#ringing = false;
  }
}

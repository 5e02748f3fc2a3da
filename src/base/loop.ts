/**
 * The one loop of everything that works round by round: a service that does a round, rests, and does the next one. Owns
 * the rest, what wakes it, and what follows an error. Invariant: rounds never overlap, and a wake is never lost. A wake
 * during a round makes the next rest end at once. It must not know what a round does; `stop` waits for the round at
 * hand.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Lifecycle, type Service } from './service.ts';
import type { Turns } from './turn.ts';

export interface Loop extends Service {
  /** Begins the next round now, or at once after the round at hand. Never blocks. */
  wake(): void;
}

export interface Round<S> {
  readonly session: S;
  /** Aborted when the loop stops. */
  readonly signal: AbortSignal;
  /** A wake came since the round before began. */
  readonly woken: boolean;
}

interface Rest {
  /** As a sentence begins with it: `The drain loop`. */
  readonly name: string;
  /** Milliseconds between two rounds; `Infinity`: until a wake. */
  readonly interval: number;
  /** Milliseconds before the first round; 0 by default. */
  readonly delay?: number;
  /** Rounds take turns with those of other loops. */
  readonly inTurn?: Turns;
  /** Hears what a round threw, but for a round that the stop ended. */
  readonly onError: (error: unknown) => void;
}

export interface LoopOptions extends Rest {
  /** Returns milliseconds until the next round where `interval` does not fit. */
  readonly round: (round: Round<undefined>) => Promise<number | void>;
  /** Milliseconds until the next round after one that threw; by default `interval`. */
  readonly afterError?: number;
}

export interface SessionLoopOptions<S> extends Rest {
  /**
   * Opens what the rounds share, such as a connection, runs them on it, and closes it. It is opened anew after a round
   * that threw.
   */
  readonly session: (rounds: (session: S) => Promise<void>) => Promise<void>;
  readonly round: (round: Round<S>) => Promise<number | void>;
  /** Milliseconds before a session is opened anew. No wake shortens them. */
  readonly reopenAfter: number;
}

/** A loop whose rounds share nothing: a round that throws is followed by the next one. */
export function createLoop({ round, afterError, ...rest }: LoopOptions): Loop {
  const { interval, onError } = rest;
  return createSessionLoop<undefined>({
    ...rest,
    reopenAfter: 0,
    session: (rounds) => rounds(undefined),
    round: (one) =>
      round(one).catch((error: unknown) => {
        if (!one.signal.aborted) onError(error);
        return afterError ?? interval;
      }),
  });
}

/** A loop whose rounds share a session. */
export function createSessionLoop<S>(options: SessionLoopOptions<S>): Loop {
  const { name, interval, session, round, onError, reopenAfter, inTurn = (run) => run() } = options;
  const bell = new Bell();

  const rounds = async (shared: S, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const woken = bell.clear();
      // A stop may come while the round waits for its turn.
      const rest = await inTurn(async () => (signal.aborted ? 0 : round({ session: shared, signal, woken })));
      await bell.rest(rest ?? interval, signal);
    }
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    await bell.rest(options.delay ?? 0, signal);
    while (!signal.aborted) {
      try {
        await session((shared) => rounds(shared, signal));
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
        await delay(reopenAfter, undefined, { signal }).catch(() => {});
      }
    }
  };
  const life = new Lifecycle(name, async (signal) => {
    const ended = run(signal);
    return () => ended;
  });
  return { start: () => life.start(), stop: () => life.stop(), wake: () => bell.ring() };
}

/** Remembers a wake until the next round takes note of it. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Whether it was rung since the last call. */
  clear(): boolean {
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }

  /** Ends after the time, with a ring, or when the signal is aborted. */
  async rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#rung || signal.aborted || milliseconds <= 0) return;
    const over = new AbortController();
    await new Promise<void>((settle) => {
      this.#wake = settle;
      signal.addEventListener('abort', () => settle(), { once: true, signal: over.signal });
      if (milliseconds !== Infinity)
        delay(milliseconds, undefined, { signal: over.signal }).then(
          () => settle(),
          () => {},
        );
    });
    over.abort();
    this.#wake = undefined;
  }
}

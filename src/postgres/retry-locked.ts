/**
 * The one retry of work that another session's lock has refused. Owns the patience, the pauses and the sentence of the
 * end. Invariant: between two attempts nothing is held, because an attempt that throws has ended its own transaction.
 * It must not decide that a segment or a batch waits for its next turn instead: that is the caller's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, isHeldByAnother, LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';

export interface RetryOptions {
  /** Milliseconds to keep trying; `Infinity`: until `signal` is aborted. */
  readonly patience: number;
  /** Once it is aborted, the next refusal is thrown. */
  readonly signal?: AbortSignal;
  /** What is read, for the sentence of the error; absent: Postgres' own error is thrown. */
  readonly what?: string;
  /** Makes the error of the end from the last refusal; replaces the sentence about `what`. */
  readonly tooLate?: (refusal: unknown) => Error;
  /** Which errors are a refusal; by default SQLSTATE 55P03 alone. */
  readonly isRefusal?: (error: unknown) => boolean;
  /** Runs before each pause. What it throws ends the retries. */
  readonly onRefusal?: (refusal: unknown) => unknown;
  /** Waits between two attempts. By default 20 ms, twice as long after each attempt, up to 250 ms. */
  readonly pause?: (attempts: number) => Promise<unknown>;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

/**
 * Runs `attempt` until no lock refuses it. The attempt must end its own transaction when it throws.
 * @throws {Failure} `failed` when the time is over and `what` names what is read
 */
export async function retryLocked<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { patience, signal, isRefusal = isLockRefusal, onRefusal } = options;
  const pause = options.pause ?? growing(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, signal);
  const end = performance.now() + patience;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRefusal(error) || signal?.aborted === true) throw error;
      if (performance.now() >= end) throw endOf(error, options);
      await onRefusal?.(error);
    }
    await pause(attempts);
  }
}

/** A pause of `first` milliseconds, twice as long after each attempt, up to `longest`. */
export function growing(first: number, longest: number, signal?: AbortSignal): (attempts: number) => Promise<unknown> {
  return (attempts) => delay(Math.min(longest, first * 2 ** (attempts - 1)), undefined, signal ? { signal } : {});
}

/** No pause, for an attempt that has waited for its lock itself (`lock_timeout`). */
export const AT_ONCE = async (): Promise<void> => {};

/**
 * A lock or DDL of another session, or a cancelled statement: the same transaction is tried again on the same
 * connection.
 */
export function isHeldOrCancelled(error: unknown): boolean {
  return isHeldByAnother(error) || sqlState(error) === QUERY_CANCELED;
}

function isLockRefusal(error: unknown): boolean {
  return sqlState(error) === LOCK_NOT_AVAILABLE;
}

function endOf(refusal: unknown, { patience, what, tooLate }: RetryOptions): unknown {
  if (tooLate) return tooLate(refusal);
  if (what === undefined) return refusal;
  return new Failure(
    'failed',
    `A transaction holds a table that ${what} reads, and did not end within ${Math.round(patience / 1000)} s. Try again when it has ended.`,
    { cause: refusal },
  );
}

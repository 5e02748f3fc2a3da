/** Waits for a condition by asking again and again: tests never sleep for a time they guessed. */
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/**
 * Resolves with the first truthy value of `ask`. After `timeout` milliseconds it throws, with the last value or the
 * last error that was seen.
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  options: { readonly timeout?: number; readonly interval?: number; readonly message?: string } = {},
): Promise<Exclude<Awaited<T>, false | null | undefined | 0 | ''>> {
  // Only a hang: what has a bound of its own names it.
  const { timeout = 30_000, interval = 10, message = 'the condition' } = options;
  const end = Date.now() + timeout;
  for (;;) {
    let seen: string;
    let cause: unknown;
    try {
      const value = await ask();
      if (value) return value as Exclude<Awaited<T>, false | null | undefined | 0 | ''>;
      seen = `last value ${inspect(value)}`;
    } catch (error) {
      seen = `last error ${String(error)}`;
      cause = error;
    }
    if (Date.now() >= end) throw new Error(`${message} did not come true within ${timeout} ms: ${seen}`, { cause });
    await delay(interval);
  }
}

/** Resolves as `work` does; throws when that takes longer than `timeout` milliseconds, which only a hang should. */
export async function within<T>(timeout: number, work: Promise<T>, message: string): Promise<T> {
  const ended = new AbortController();
  const late = delay(timeout, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`${message} did not end within ${timeout} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.abort();
    await late.catch(() => {});
  }
}

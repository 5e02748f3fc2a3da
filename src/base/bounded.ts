/**
 * A promise with an end, for answers that may never come: a queue's while its server is away, a turn's while another
 * part works. It must not cancel what it waits for: that goes on, and a late rejection is swallowed.
 */

export const LATE = Symbol('late');

/** The promise's value, or `LATE` after `ms` milliseconds. @throws what the promise rejects with in time */
export async function bounded<T>(promise: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((settle) => {
    timer = setTimeout(() => settle(LATE), ms);
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

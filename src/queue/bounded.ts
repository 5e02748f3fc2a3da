/** A promise with an end: what a queue answers may never come while its server is away. */

export const LATE = Symbol('late');

/** The promise's value, or `LATE` after `ms` milliseconds. A late rejection is swallowed. */
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

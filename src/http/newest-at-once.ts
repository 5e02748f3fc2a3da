/**
 * How much of one kind of work a person may have at once: the newest requests run, and an older one is cancelled in Postgres. A page
 * that a person types into asks again before the last answer is there, and only the newest answer is wanted.
 * Invariant: never more than `most` of a person run, so a new request waits until the cancelled one has ended.
 */
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from './http-env.ts';
import { Refusal } from './problem.ts';
import { openHeaders } from './rate-limit.ts';

interface Work {
  readonly controller: AbortController;
  /** Resolves when its query has ended. */
  readonly ended: Promise<void>;
}

/** Sets `signal` of the request: it is raised when the client leaves, and when a newer request takes the place. */
export function newestAtOnce(most: number, what: string) {
  const running = new Map<string, readonly Work[]>();
  return createMiddleware<HttpEnv>(async (c, next) => {
    const { name, by } = c.var.person;
    const person = `${by}:${name}`;
    const controller = new AbortController();
    const { promise: ended, resolve: end } = withResolvers();
    const own: Work = { controller, ended };
    const before = running.get(person) ?? [];
    running.set(person, [...before, own]);
    const signal = AbortSignal.any([c.req.raw.signal, controller.signal]);
    c.set('signal', signal);
    const headers = openHeaders(most, before.length + 1);
    const older = before.slice(0, Math.max(0, before.length + 1 - most));
    for (const work of older) work.controller.abort();
    try {
      await Promise.all(older.map((work) => work.ended));
      if (!controller.signal.aborted) await next();
    } finally {
      const left = (running.get(person) ?? []).filter((work) => work !== own);
      if (left.length > 0) running.set(person, left);
      else running.delete(person);
      end();
    }
    if (controller.signal.aborted)
      throw new Refusal(
        429,
        'too-many-at-once',
        `At most ${most} ${what} of a person run at once: newer ones took the place of this one.`,
        { headers: { ...headers, 'retry-after': '1' } },
      );
    for (const [header, value] of Object.entries(headers)) c.header(header, value);
  });
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

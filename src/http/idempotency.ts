/**
 * `Idempotency-Key` on every POST: the same request with the same key is carried out once, and answered the same for 24 hours. A request
 * that changes nothing is carried out again, so that no value of a row is stored. A failure is not stored: it may be tried again.
 */
import { createHash } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { Segmentd } from '../index.ts';
import type { HttpEnv } from './http-env.ts';
import { Refusal } from './problem.ts';

const HEADER = 'idempotency-key';
/** Printable, as a UUID is. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** These read only, and their answers hold values of contacts. */
const READS = /\/(previews|edit-previews|trials|checks|verifications|waits|pages)$/;
/** Of an answer, what its client reads; the others are of the moment. */
const KEPT_HEADERS = ['content-type', 'etag', 'location'] as const;
const MOST_BYTES = 1024 * 1024;

export function idempotency(access: Segmentd['access']) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const given = c.req.header(HEADER);
    if (given === undefined || c.req.method !== 'POST' || READS.test(c.req.path)) return next();
    if (!KEY.test(given))
      throw new Refusal(
        400,
        'wrong-idempotency-key',
        'Idempotency-Key must be 1 to 255 printable characters, such as a UUID.',
      );
    const { by, name } = c.var.person;
    const key = { person: `${by}:${name}`, key: given };
    const begun = await access.beginRequest(key, hashOf(c.req.method, c.req.path, await c.req.text()));
    if (begun.outcome === 'other')
      throw new Refusal(
        422,
        'used-idempotency-key',
        'This Idempotency-Key was used for another request: choose another key.',
      );
    if (begun.outcome === 'under-way')
      throw new Refusal(409, 'under-way', 'The request with this Idempotency-Key is under way: try it again.', {
        headers: { 'retry-after': '1' },
      });
    if (begun.outcome === 'answered') {
      const { status, headers, body } = begun.answer;
      return new Response(body === '' ? null : body, {
        status,
        headers: { ...headers, 'idempotency-replayed': 'true' },
      });
    }
    let kept = false;
    try {
      await next();
      const answer = c.res;
      if (!answer.ok) return undefined;
      const body = await answer.clone().text();
      if (body.length > MOST_BYTES) return undefined;
      const headers = Object.fromEntries(
        KEPT_HEADERS.flatMap((one) => {
          const value = answer.headers.get(one);
          return value === null ? [] : [[one, value]];
        }),
      );
      await access.endRequest(key, { status: answer.status, headers, body });
      kept = true;
    } finally {
      if (!kept) await access.endRequest(key);
    }
    return undefined;
  });
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * How much one person may ask: a token bucket over requests. Kept in this process, said in headers. It protects the database from a page that asks in circles, and is no wall against many machines.
 */
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from './http-env.ts';
import { Refusal } from './problem.ts';

export interface RateLimit {
  /** Requests that a person may send at once. */
  readonly burst: number;
  /** Requests a second, over time. */
  readonly perSecond: number;
}

/** A page that is used fast sends some 5 requests a second. */
export const DEFAULT_RATE: RateLimit = { burst: 120, perSecond: 20 };

interface Bucket {
  tokens: number;
  /** Milliseconds of `now`. */
  at: number;
}

/** Buckets that are full again are forgotten when there are more than so many. */
const MOST_BUCKETS = 10_000;

/** @param now milliseconds of a clock that never goes back */
export function rateLimit({ burst, perSecond }: RateLimit, now: () => number) {
  const buckets = new Map<string, Bucket>();
  const take = (key: string): Bucket => {
    const at = now();
    const bucket = buckets.get(key) ?? { tokens: burst, at };
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    buckets.set(key, bucket);
    if (buckets.size > MOST_BUCKETS) forgetFull(buckets, burst, perSecond, at);
    return bucket;
  };
  return createMiddleware<HttpEnv>(async (c, next) => {
    const { name, by } = c.var.person;
    const bucket = take(`${by}:${name}`);
    const allowed = bucket.tokens >= 1;
    if (allowed) bucket.tokens -= 1;
    const wait = Math.max(0, Math.ceil((1 - bucket.tokens) / perSecond));
    const headers = {
      'ratelimit-limit': String(burst),
      'ratelimit-remaining': String(Math.floor(bucket.tokens)),
      'ratelimit-reset': String(Math.ceil((burst - bucket.tokens) / perSecond)),
    };
    if (!allowed)
      throw new Refusal(429, 'too-many-requests', `Too many requests: wait ${wait} s.`, {
        headers: { ...headers, 'retry-after': String(wait) },
      });
    await next();
    for (const [name_, value] of Object.entries(headers)) c.header(name_, value);
  });
}

function forgetFull(buckets: Map<string, Bucket>, burst: number, perSecond: number, at: number): void {
  for (const [key, bucket] of buckets) {
    if (bucket.tokens + ((at - bucket.at) / 1000) * perSecond >= burst) buckets.delete(key);
  }
}

/** What an answer says of work that a person may have at once. @param open pieces of it that run, this one included */
export function openHeaders(most: number, open: number): Readonly<Record<string, string>> {
  return { 'open-limit': String(most), 'open-remaining': String(Math.max(0, most - open)) };
}

/**
 * Counts what a person has open, such as a download, whose answer goes on behind its handler.
 * @param what in the plural, as in `At most 4 downloads`
 * @returns a function that counts one more and returns what to call, once or more often, at its end; it throws a `Refusal`
 */
export function countOpen(most: number, what: string): (c: Context<HttpEnv>) => () => void {
  const running = new Map<string, Set<symbol>>();
  return (c) => {
    const key = `${c.var.person.by}:${c.var.person.name}`;
    const own = running.get(key) ?? new Set();
    const headers = openHeaders(most, own.size + 1);
    if (own.size >= most)
      throw new Refusal(429, 'too-many-at-once', `At most ${most} ${what} are open at once: wait for one, or end it.`, {
        headers: { ...headers, 'retry-after': '5' },
      });
    const one = Symbol(key);
    running.set(key, own.add(one));
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    return () => {
      if (own.delete(one) && own.size === 0) running.delete(key);
    };
  };
}

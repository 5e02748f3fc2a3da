/**
 * The streams that are open: how many a person has, and when each has to end. A stream ends some seconds after its session or token, and
 * after half an hour in any case: the page comes back by itself, and is asked again who it is.
 */
import type { Context } from 'hono';
import type { Log } from '../base/log.ts';
import { createLoop } from '../base/loop.ts';
import type { Segmentd } from '../index.ts';
import { credentialOf } from './auth/authenticate.ts';
import type { HttpEnv } from './http-env.ts';
import { Refusal } from './problem.ts';
import { openHeaders } from './rate-limit.ts';

export interface OpenStreams {
  /**
   * @param end ends the stream
   * @returns what to call when the stream has ended @throws {Refusal} 429 for a person who has too many
   */
  open(c: Context<HttpEnv>, end: () => void): () => void;
  /** Ends every stream. */
  stop(): Promise<void>;
}

/** Streams of one person. Two browsers with some tabs each. */
export const MOST_STREAMS = 20;
const CHECK_MS = 10_000;
const MOST_MS = 30 * 60_000;

interface OpenStream {
  readonly person: string;
  readonly credential: string | undefined;
  readonly until: number;
  readonly end: () => void;
}

/** @param now milliseconds of a clock that never goes back */
export function createOpenStreams(
  access: Pick<Segmentd['access'], 'living'>,
  log: Log,
  now: () => number,
): OpenStreams {
  const streams = new Set<OpenStream>();
  const loop = createLoop({
    name: 'The check of open streams',
    interval: CHECK_MS,
    delay: CHECK_MS,
    async round() {
      const credentials = [...new Set([...streams].flatMap(({ credential }) => credential ?? []))];
      const living = credentials.length === 0 ? new Set<string>() : await access.living(credentials);
      for (const { credential, until, end } of streams)
        if (now() > until || (credential !== undefined && !living.has(credential))) end();
    },
    onError: (error) => log.warn({ err: error }, 'the persons of open pages could not be checked'),
  });
  return {
    open(c, end) {
      const person = `${c.var.person.by}:${c.var.person.name}`;
      const own = [...streams].filter((one) => one.person === person).length;
      const headers = openHeaders(MOST_STREAMS, own + 1);
      if (own >= MOST_STREAMS)
        throw new Refusal(
          429,
          'too-many-streams',
          `One person has at most ${MOST_STREAMS} streams open: close a page.`,
          {
            headers: { ...headers, 'retry-after': '10' },
          },
        );
      for (const [name, value] of Object.entries(headers)) c.header(name, value);
      const stream: OpenStream = { person, credential: credentialOf(c), until: now() + MOST_MS, end };
      streams.add(stream);
      void loop.start().catch(() => {
        // It was stopped at once: nothing is open any more.
      });
      return () => {
        if (streams.delete(stream) && streams.size === 0) void loop.stop();
      };
    },
    async stop() {
      for (const { end } of streams) end();
      await loop.stop();
    },
  };
}

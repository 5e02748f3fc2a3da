/** What every handler of the HTTP API has at hand: who asks, and the API bound to that person. Types only. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { KnownPerson, Segmentd } from '../index.ts';

/** Who asks. */
export interface Person extends KnownPerson {
  /** How the person came in. */
  readonly by: 'session' | 'token' | 'proxy';
}

export interface HttpEnv {
  readonly Bindings: {
    /** The answer over a socket; absent where no socket is, as in a test. */
    readonly outgoing?: { destroy(): unknown };
  };
  readonly Variables: {
    readonly person: Person;
    /** Acts as the person; a request that its client leaves is cancelled in Postgres. */
    readonly segmentd: Segmentd;
    /** Acts as the person too; what runs goes on when the client has left. */
    readonly lasting: Segmentd;
    /** Of work that newer work of the person replaces (newest-at-once.ts). */
    readonly signal: AbortSignal;
  };
}

export type HttpApi = OpenAPIHono<HttpEnv>;

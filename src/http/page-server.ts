/**
 * `segmentd serve`: the HTTP API (and with it the page) of one database, on one address. Listening anywhere but on loopback needs a way to
 * sign in that is not the printed link. Invariant: after `stop` no connection and no query of a request is open.
 */
import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import { hostInUrl, listen } from '../base/http-listen.ts';
import type { Log } from '../base/log.ts';
import { DEFAULT_SETTINGS, type Endpoint } from '../base/option.ts';
import { Lifecycle, type Service } from '../base/service.ts';
import type { KnownPerson, Segmentd } from '../index.ts';
import { byCredential } from './auth/authenticate.ts';
import { signInByLink } from './auth/sign-in.ts';
import { foreignWayIn, refuseExposed, type ForeignAuth } from './auth/way-in.ts';
import { createHintBoard } from './hint-board.ts';
import { createHttpApp } from './http-app.ts';
import { createOpenStreams } from './open-stream.ts';
import { DEFAULT_RATE, type RateLimit } from './rate-limit.ts';

export interface PageServerOptions {
  readonly segmentd: Segmentd;
  readonly at: Endpoint;
  readonly log: Log;
  /** The person that the printed link signs in; not needed with `auth`. */
  readonly owner?: KnownPerson;
  /** How persons of other machines come in; absent: by the printed link, on this machine. */
  readonly auth?: ForeignAuth | undefined;
  /** Hours after which a person signs in again; default 12. */
  readonly sessionHours?: number;
  /** Further names that `Host` may be. */
  readonly hosts?: readonly string[];
  /** What a person may ask in how much time; default `DEFAULT_RATE`. */
  readonly rate?: RateLimit;
}

export interface PageServer extends Service {
  /** `http://127.0.0.1:8080` while it serves. */
  readonly url: string | undefined;
  /** The link that signs in once, a new one at each call; with `auth`, the address of the page. */
  signInLink(): string;
  /** The link that was made last while no browser has used it, else a new one. */
  unusedLink(): string;
}

/** @throws {Failure} `usage` for an address beyond loopback; from `start`, `failed` when it cannot listen there */
export function createPageServer(options: PageServerOptions): PageServer {
  const {
    segmentd,
    at,
    log,
    owner,
    auth,
    hosts = [],
    rate = DEFAULT_RATE,
    sessionHours = DEFAULT_SETTINGS.sessionHours,
  } = options;
  refuseExposed(at, auth);
  const link = auth === undefined && owner !== undefined ? signInByLink(segmentd, owner, sessionHours) : undefined;
  const names = [hostInUrl(at.host), 'localhost', ...(auth ? [new URL(auth.publicUrl).hostname] : []), ...hosts];
  let url: string | undefined;
  const life = new Lifecycle('The page', async () => {
    const { enforced, sentence } = await segmentd.access.checkRoles();
    if (sentence !== null) log.warn(sentence);
    const now = () => performance.now();
    const board = createHintBoard({ watch: segmentd.watch, log, now });
    const streams = createOpenStreams(segmentd.access, log, now);
    const wayIn = auth
      ? await foreignWayIn(segmentd, auth, sessionHours, log, now)
      : { authenticate: byCredential(segmentd, now), ...(link ? { before: link.app } : {}) };
    const app = createHttpApp({
      segmentd,
      log,
      hosts: [...new Set(names.map((name) => name.toLowerCase()))],
      origins: auth ? [auth.publicUrl] : [],
      ...wayIn,
      board,
      streams,
      now,
      enforced,
      rate,
    });
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    server.requestTimeout = 30_000;
    server.headersTimeout = 10_000;
    const listening = await listen(server, at, 'the page');
    ({ url } = listening);
    return async () => {
      url = undefined;
      // The pages hear of the end; what comes meanwhile is cut.
      await streams.stop();
      await listening.close();
      await board.stop();
      await streams.stop();
    };
  });
  return {
    get url() {
      return url;
    },
    signInLink: () => auth?.publicUrl ?? `${url ?? ''}${link?.nextLink() ?? ''}`,
    unusedLink: () => auth?.publicUrl ?? `${url ?? ''}${link?.link() ?? ''}`,
    start: () => life.start(),
    stop: () => life.stop(),
  };
}

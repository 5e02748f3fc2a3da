/**
 * What a request must be before anyone asks who sent it. A page elsewhere may make a browser send requests here: `Host` must be a
 * name that this server goes by (DNS rebinding), and what changes something must come from the page itself, or with a token,
 * which no browser adds by itself.
 */
import { createMiddleware } from 'hono/factory';
import { tokenOf } from './auth/authenticate.ts';
import type { HttpEnv } from './http-env.ts';
import { Refusal } from './problem.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface GuardOptions {
  /** Names that `Host` may be, in lower case, without port. */
  readonly hosts: readonly string[];
  /** Further origins of the page: where a proxy in front changes `Host`. */
  readonly origins?: readonly string[];
}

export function guardRequest({ hosts, origins = [] }: GuardOptions) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const host = hostOf(c.req.header('host'));
    if (host === undefined || !hosts.includes(host))
      throw new Refusal(
        421,
        'wrong-host',
        'This server does not go by that name: use `localhost`, or the address that it listens on.',
      );
    if (!SAFE.has(c.req.method)) {
      const isOwn = (origin: string) => origins.includes(origin) || new URL(origin).host === c.req.header('host');
      if (tokenOf(c) === undefined) refuseForeignOrigin(c.req.header('sec-fetch-site'), c.req.header('origin'), isOwn);
      refuseOtherThanJson(c.req.header('content-type'), c.req.header('content-length'));
    }
    await next();
  });
}

function hostOf(header: string | undefined): string | undefined {
  // A name, or an address of IPv6 in brackets; then a port.
  return /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase();
}

/**
 * A browser says where a request comes from; one that does not say it sends `Origin`. A form of our own page sends `Origin: null`,
 * because the page has the policy `no-referrer`.
 */
function refuseForeignOrigin(
  site: string | undefined,
  origin: string | undefined,
  isOwn: (origin: string) => boolean,
): void {
  const ownOrigin = origin !== undefined && URL.canParse(origin) && isOwn(origin);
  const ownSite = site === 'same-origin' && (origin === undefined || origin === 'null' || ownOrigin);
  if (site === undefined ? ownOrigin : ownSite) return;
  throw new Refusal(
    403,
    'foreign-origin',
    'Requests that change something must come from the page itself, or bring a token.',
  );
}

function refuseOtherThanJson(type: string | undefined, length: string | undefined): void {
  // A form without fields names its type and sends nothing.
  if (length === '0' || (type === undefined && length === undefined)) return;
  if (type !== undefined && /^application\/(json|merge-patch\+json)\s*(;|$)/i.test(type)) return;
  throw new Refusal(415, 'wrong-content-type', 'The body must be JSON: content-type application/json.');
}

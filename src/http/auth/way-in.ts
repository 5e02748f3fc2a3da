/** How persons come in, put together for one server: who sent a request, the addresses to sign in and out, the names of the page. */
import type { Hono } from 'hono';
import { Failure } from '../../base/error.ts';
import type { AuthWay } from '../../base/access-option.ts';
import type { Log } from '../../base/log.ts';
import type { Endpoint } from '../../base/option.ts';
import type { Segmentd } from '../../index.ts';
import type { HttpEnv } from '../http-env.ts';
import { byCredential, byToken, type Authenticate } from './authenticate.ts';
import { isLoopbackHost } from './loopback.ts';
import type { OidcOptions } from './oidc-sign-in.ts';
import { byProxy, type ProxyOptions } from './proxy-person.ts';

/** Ways in that other machines may use. `publicUrl`: origin at which browsers open the page. */
export type ForeignAuth =
  | (ProxyOptions & { readonly way: 'proxy'; readonly publicUrl: string })
  | (OidcOptions & { readonly way: 'oidc' });

export interface WayIn {
  readonly auth: AuthWay;
  readonly authenticate: Authenticate;
  readonly before?: Hono<HttpEnv>;
}

/**
 * @throws {Failure} `usage` when other machines could reach a server that only a printed link protects, or when a browser would not keep
 * the cookie of a session
 */
export function refuseExposed({ host }: Endpoint, auth: ForeignAuth | undefined): void {
  if (auth === undefined && !isLoopbackHost(host))
    throw new Failure(
      'usage',
      `segmentd serve listens on loopback only: ${host} can be reached from other machines, where a printed link is no protection. Choose --auth proxy or --auth oidc, or listen on 127.0.0.1.`,
    );
  if (auth?.way !== 'oidc') return;
  const issuer = new URL(auth.issuer);
  if (isOpen(issuer))
    throw new Failure(
      'usage',
      `--oidc-issuer must begin with https://: over ${issuer.origin} the answer of the provider could be changed on the way.`,
    );
  const url = new URL(auth.publicUrl);
  if (isOpen(url))
    throw new Failure(
      'usage',
      `--public-url must begin with https://: over ${url.origin} the session could be read on the way, and no browser keeps its cookie.`,
    );
}

/** Whether others may read what is sent there. */
function isOpen({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !isLoopbackHost(hostname);
}

/**
 * @param hours of a session @param now milliseconds of a clock that never goes back
 * @throws {Failure} `usage` for wrong addresses of a proxy
 */
export async function foreignWayIn(
  segmentd: Segmentd,
  auth: ForeignAuth,
  hours: number,
  log: Log,
  now: () => number,
): Promise<WayIn> {
  if (auth.way === 'proxy') return { auth: 'proxy', authenticate: byProxy(auth, byToken(segmentd, now)) };
  const { signInByOidc } = await import('./oidc-sign-in.ts');
  const { app, discover } = signInByOidc(segmentd, auth, hours, log);
  // A provider that is down now may be up when a person signs in.
  await discover().catch((error: unknown) =>
    log.warn({ err: error }, 'the OpenID provider does not answer; it is asked again at each sign-in'),
  );
  return { auth: 'oidc', authenticate: byCredential(segmentd, now), before: app };
}

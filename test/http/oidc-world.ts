/** An OpenID provider of our own (oidc-provider), and a browser that only keeps cookies and follows redirects. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import type { ForeignAuth } from '../../src/http/auth/way-in.ts';

export interface TestProvider {
  readonly issuer: string;
  /** Who signs in next, and what the provider says of that person. */
  person: { sub: string; [claim: string]: unknown };
  /** The next person refuses. */
  denies: boolean;
  stop(): Promise<void>;
}

export const CLIENT = { id: 'segmentd', secret: 'a-secret-of-the-client' } as const;

/** Signing in at the provider: who is in one of its groups has the role of the group. */
export function oidcAuth(publicUrl: string, issuer: string): Extract<ForeignAuth, { way: 'oidc' }> {
  return {
    way: 'oidc',
    publicUrl,
    issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    scope: 'openid email profile groups',
    nameClaim: 'email',
    groupsClaim: 'groups',
    groups: { admin: ['ops'], editor: ['marketing'], viewer: ['staff'] },
  };
}

/** @param redirect the redirect URI of the client */
export async function startProvider(redirect: string): Promise<TestProvider> {
  const server: Server = createServer((request, response) => handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world: TestProvider = {
    issuer,
    person: { sub: 'u0' },
    denies: false,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const configuration: Configuration = {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirect] }],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username'],
      groups: ['groups'],
    },
    scopes: ['openid', 'email', 'profile', 'groups'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => world.person }),
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile groups');
      await grant.save();
      return grant;
    },
    cookies: { keys: ['test'] },
    ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
  };
  const provider = new Provider(issuer, configuration);
  const callback = provider.callback();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url?.startsWith('/interaction/') !== true) return void callback(request, response);
    const result = world.denies ? { error: 'access_denied' } : { login: { accountId: world.person.sub } };
    void provider.interactionFinished(request, response, result);
  };
  return world;
}

export interface Visit {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  /** Every address that was asked for. */
  readonly trail: readonly string[];
}

export interface CookieBrowser {
  /** Opens an address and follows redirects, at most 15. */
  open(
    url: string,
    options?: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Visit>;
  /** Name and value of the cookies of an origin. */
  cookies(origin: string): Map<string, string>;
  /** What came with `set-cookie`, with its attributes. */
  readonly received: readonly string[];
}

export function cookieBrowser(): CookieBrowser {
  const jars = new Map<string, Map<string, string>>();
  const received: string[] = [];
  const cookies = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };
  return {
    cookies,
    received,
    async open(url, { method = 'GET', headers = {} } = {}) {
      const trail: string[] = [];
      let next = url;
      for (let step = 0; step < 15; step++) {
        trail.push(next);
        const jar = cookies(new URL(next).origin);
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(next, {
          method,
          redirect: 'manual',
          headers: { accept: 'text/html', ...headers, ...(cookie === '' ? {} : { cookie }) },
        });
        for (const one of response.headers.getSetCookie()) {
          received.push(one);
          const [pair = ''] = one.split(';');
          const name = pair.slice(0, pair.indexOf('='));
          const value = pair.slice(pair.indexOf('=') + 1);
          if (value === '' || /max-age=0/i.test(one)) jar.delete(name);
          else jar.set(name, value);
        }
        const to = response.headers.get('location');
        if (to === null || response.status < 300 || response.status >= 400)
          return { status: response.status, url: next, text: await response.text(), trail };
        await response.body?.cancel();
        next = new URL(to, next).href;
      }
      throw new Error(`too many redirects: ${trail.join(' ')}`);
    },
  };
}

/**
 * `--auth oidc`: an OpenID provider signs persons in, by authorization code with PKCE. What the answer must fit (state, nonce, verifier) is
 * in a cookie of the browser for ten minutes, so every process of `serve` can take the answer. The session afterwards is ours: it ends
 * after its hours, whatever the provider does.
 */
import { Hono, type Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import * as client from 'openid-client';
import type { Log } from '../../base/log.ts';
import type { Segmentd } from '../../index.ts';
import type { HttpEnv } from '../http-env.ts';
import { claimList, nameOfClaims, type Claims } from './claim.ts';
import { roleOfGroups, type GroupRoles } from './group-role.ts';
import { isLoopbackHost } from './loopback.ts';
import { COOKIE, signInBrowser, signOutBrowser } from './session-cookie.ts';

export interface OidcOptions {
  readonly publicUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client. */
  readonly clientSecret?: string | undefined;
  readonly scope: string;
  readonly nameClaim: string;
  readonly groupsClaim: string;
  readonly groups: GroupRoles;
}

export interface OidcSignIn {
  readonly app: Hono<HttpEnv>;
  /** Reads what the provider says of itself. @throws when it does not answer */
  readonly discover: () => Promise<client.Configuration>;
}

/** What the answer of the provider must fit. */
interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Path of the page to open afterwards. */
  readonly to: string;
}

const PENDING_COOKIE = '__Host-segmentd-sign-in';
const PENDING_SECONDS = 600;
const TIMEOUT_SECONDS = 10;
const CALLBACK = '/sign-in/callback';

/** @param hours of the session */
export function signInByOidc(
  { access }: Pick<Segmentd, 'access'>,
  options: OidcOptions,
  hours: number,
  log: Log,
): OidcSignIn {
  const { publicUrl, scope } = options;
  let known: Promise<client.Configuration> | undefined;
  const discover = (): Promise<client.Configuration> => {
    const found = (known ??= discovered(options));
    // A provider that did not answer is asked again.
    found.catch(() => (known = undefined));
    return found;
  };
  const app = new Hono<HttpEnv>();

  app.get('/sign-in', async (c) => {
    try {
      const configuration = await discover();
      const verifier = client.randomPKCECodeVerifier();
      const pending: Pending = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier,
        to: ownPath(c.req.query('to')),
      };
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: `${publicUrl}${CALLBACK}`,
        scope: scope.split(/\s+/).includes('openid') ? scope : `openid ${scope}`,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      setCookie(c, PENDING_COOKIE, Buffer.from(JSON.stringify(pending)).toString('base64url'), {
        ...COOKIE,
        maxAge: PENDING_SECONDS,
      });
      return c.redirect(url.href, 303);
    } catch (error) {
      return failed(c, log, error);
    }
  });

  app.get(CALLBACK, async (c) => {
    const pending = readPending(getCookie(c, PENDING_COOKIE));
    deleteCookie(c, PENDING_COOKIE, COOKIE);
    if (!pending) return refused(c, 403, 'This sign-in has ended, or began in another browser.');
    try {
      const claims = await claimsOf(await discover(), c, pending, options);
      const name = nameOfClaims(claims, options.nameClaim);
      const role = roleOfGroups(claimList(claims, options.groupsClaim), options.groups);
      if (!role) return await refused(c, 403, `${name}, none of your groups gives a role here.`);
      await signInBrowser(c, access, { name, role }, 'oidc', hours);
      return c.redirect(pending.to, 303);
    } catch (error) {
      return failed(c, log, error);
    }
  });

  app.post('/sign-out', (c) => signOutBrowser(c, access));

  return { app, discover };
}

function discovered({ issuer, clientId, clientSecret }: OidcOptions): Promise<client.Configuration> {
  const url = new URL(issuer);
  return client.discovery(url, clientId, clientSecret, clientSecret === undefined ? client.None() : undefined, {
    timeout: TIMEOUT_SECONDS,
    // On this machine there is no way on which the answer could be changed.
    // oxlint-disable-next-line typescript/no-deprecated -- it is marked only so that it stands out
    ...(url.protocol === 'http:' && isLoopbackHost(url.hostname) ? { execute: [client.allowInsecureRequests] } : {}),
  });
}

/** The claims of the answer. Groups that the ID token lacks are asked of the provider. */
async function claimsOf(
  configuration: client.Configuration,
  c: Context<HttpEnv>,
  { state, nonce, verifier }: Pending,
  { publicUrl, nameClaim, groupsClaim }: OidcOptions,
): Promise<Claims> {
  // The address as the browser called it: a proxy in between may have changed host and scheme.
  const answer = new URL(`${CALLBACK}${new URL(c.req.url).search}`, publicUrl);
  const tokens = await client.authorizationCodeGrant(configuration, answer, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (!claims) throw new Error('no ID token');
  const lacks = claimList(claims, groupsClaim).length === 0 || claims[nameClaim] === undefined;
  if (!lacks || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
  return { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
}

function readPending(cookie: string | undefined): Pending | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString('utf8'));
    if (typeof read !== 'object' || read === null) return undefined;
    const { state, nonce, verifier, to } = read as Readonly<Record<string, unknown>>;
    if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return undefined;
    return { state, nonce, verifier, to: ownPath(typeof to === 'string' ? to : undefined) };
  } catch {
    return undefined;
  }
}

/** A path of this page; `/` for every other address, so that the sign-in leads nowhere else. */
function ownPath(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && to.length <= 2_000 ? to : '/';
}

/** What the provider answered is for the log: a message of an attacker is not shown. */
function failed(c: Context<HttpEnv>, log: Log, error: unknown): Promise<Response> {
  if (error instanceof client.AuthorizationResponseError) return refused(c, 403, 'The provider did not sign you in.');
  log.warn({ err: error }, 'a person could not be signed in');
  return refused(c, 503, 'Signing in failed. The log of the server says more.');
}

async function refused(c: Context<HttpEnv>, status: 403 | 503, sentence: string): Promise<Response> {
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>segmentd</title>
        </head>
        <body>
          <h1>segmentd</h1>
          <p>${sentence}</p>
          <p><a href="/sign-in">Sign in again</a></p>
        </body>
      </html>`,
    status,
  );
}

/** The cookie of a session: how it begins and ends in a browser. Each sign-in makes a new value and ends the session before. */
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import type { KnownPerson, Segmentd, SignInWay } from '../../index.ts';
import type { HttpEnv } from '../http-env.ts';
import { SESSION_COOKIE, sessionOf } from './authenticate.ts';

/** The prefix `__Host-` demands `secure` and the path. `Lax`: a link from elsewhere opens the page as the person. */
export const COOKIE = { path: '/', httpOnly: true, secure: true, sameSite: 'Lax' } as const;

type Access = Pick<Segmentd['access'], 'beginSession' | 'endSession'>;

/** Signs a browser in. A session that the browser had ends. @param hours until the person signs in again */
export async function signInBrowser(
  c: Context<HttpEnv>,
  access: Access,
  person: KnownPerson,
  way: SignInWay,
  hours: number,
): Promise<void> {
  const before = sessionOf(c);
  if (before !== undefined) await access.endSession(before);
  setCookie(c, SESSION_COOKIE, await access.beginSession(person, way, hours), { ...COOKIE, maxAge: hours * 3600 });
}

/** Signs a browser out. Idempotent. */
export async function signOutBrowser(c: Context<HttpEnv>, access: Access): Promise<Response> {
  const value = sessionOf(c);
  if (value !== undefined) await access.endSession(value);
  deleteCookie(c, SESSION_COOKIE, COOKIE);
  // A form leaves its page, so that it needs another one.
  if (c.req.header('accept')?.includes('text/html') === true) return c.redirect('/', 303);
  return c.body(null, 204);
}

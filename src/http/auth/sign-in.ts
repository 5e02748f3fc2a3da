/**
 * Signing in by the printed link (`--auth loopback`): its secret opens one session and is then worth nothing. Only for a server that
 * listens on loopback. The answer is a redirect, so that the secret does not stay in the address bar.
 */
import { Hono } from 'hono';
import { timingSafeEqual } from 'node:crypto';
import { credentialHash, newCredential } from '../../access/credential.ts';
import type { KnownPerson, Segmentd } from '../../index.ts';
import type { HttpEnv } from '../http-env.ts';
import { Refusal } from '../problem.ts';
import { signInBrowser, signOutBrowser } from './session-cookie.ts';

export interface SignInLink {
  readonly app: Hono<HttpEnv>;
  /** Path and query of the next link. Each call makes a new one, and the link before is worth nothing then. */
  nextLink(): string;
  /** The last one while it has not been used, else a new one. */
  link(): string;
}

/** @param person the one that the link signs in @param hours of the session */
export function signInByLink({ access }: Pick<Segmentd, 'access'>, person: KnownPerson, hours: number): SignInLink {
  let expected: Buffer | undefined;
  let last = '';
  const app = new Hono<HttpEnv>();

  app.get('/sign-in', async (c) => {
    const given = Buffer.from(credentialHash(c.req.query('secret') ?? ''));
    if (!expected || !timingSafeEqual(given, expected))
      throw new Refusal(
        403,
        'used-link',
        'This link was used already, or is not the one that was printed last. Start `segmentd serve` again for a new one.',
      );
    expected = undefined;
    await signInBrowser(c, access, person, 'link', hours);
    return c.redirect('/', 303);
  });

  app.post('/sign-out', (c) => signOutBrowser(c, access));

  const nextLink = (): string => {
    const secret = newCredential();
    expected = Buffer.from(credentialHash(secret));
    last = `/sign-in?secret=${secret}`;
    return last;
  };
  return { app, nextLink, link: () => (expected ? last : nextLink()) };
}

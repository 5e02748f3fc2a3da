/**
 * Who sent a request: a token in `Authorization`, else the session in the cookie. A person that was found is known for some
 * seconds, so that an open page does not ask Postgres at every request; a removed token or session is refused after them. Unknown
 * credentials are looked up at a limited rate, so that guesses do not keep Postgres busy.
 */
import { getCookie } from 'hono/cookie';
import type { Context } from 'hono';
import type { KnownPerson, Segmentd } from '../../index.ts';
import type { HttpEnv, Person } from '../http-env.ts';
import { Refusal } from '../problem.ts';

/** The prefix lets a browser take it only from this host, over a safe connection, for all paths. */
export const SESSION_COOKIE = '__Host-segmentd';

/** Milliseconds for which a person that was found is known. */
const KNOWN_MS = 10_000;
const MOST_KNOWN = 10_000;
/** Look-ups of credentials that are not known: at once, and a second. */
const FAILURES = { burst: 100, perSecond: 10 } as const;

export type Authenticate = (c: Context<HttpEnv>) => Promise<Person | undefined>;

/** A token of ours in `Authorization`. What a proxy writes there for others is none. */
export function tokenOf(c: Context<HttpEnv>): string | undefined {
  return /^Bearer +(sgd_\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

/** What the cookie holds; undefined for what was never a session. */
export function sessionOf(c: Context<HttpEnv>): string | undefined {
  const value = getCookie(c, SESSION_COOKIE);
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/** The token or session that let the person in; undefined for a person that a proxy named. */
export function credentialOf(c: Context<HttpEnv>): string | undefined {
  const { by } = c.var.person;
  if (by === 'proxy') return undefined;
  return by === 'token' ? tokenOf(c) : sessionOf(c);
}

/** Programs. @param now milliseconds of a clock that never goes back */
export function byToken({ access }: Pick<Segmentd, 'access'>, now: () => number): Authenticate {
  return by(
    'token',
    tokenOf,
    remembered((token) => access.personOfToken(token), now),
  );
}

/** Programs, and browsers with a session. @param now milliseconds of a clock that never goes back */
export function byCredential(segmentd: Pick<Segmentd, 'access'>, now: () => number): Authenticate {
  const token = byToken(segmentd, now);
  const session = by(
    'session',
    sessionOf,
    remembered((value) => segmentd.access.personOfSession(value), now),
  );
  return (c) => (tokenOf(c) === undefined ? session(c) : token(c));
}

function by(
  way: Person['by'],
  credential: (c: Context<HttpEnv>) => string | undefined,
  personOf: (credential: string) => Promise<KnownPerson | undefined>,
): Authenticate {
  return async (c) => {
    const given = credential(c);
    const person = given === undefined ? undefined : await personOf(given);
    return person && { ...person, by: way };
  };
}

interface Remembered {
  readonly person: KnownPerson;
  readonly until: number;
}

/** @throws {Refusal} 429 from the function, for an unknown credential after too many of them */
function remembered(
  find: (credential: string) => Promise<KnownPerson | undefined>,
  now: () => number,
): (credential: string) => Promise<KnownPerson | undefined> {
  const known = new Map<string, Remembered>();
  let failures: { readonly left: number; readonly at: number } = { left: FAILURES.burst, at: now() };
  const left = (): number =>
    Math.min(FAILURES.burst, failures.left + ((now() - failures.at) / 1_000) * FAILURES.perSecond);
  return async (credential) => {
    const found = known.get(credential);
    if (found && found.until > now()) return found.person;
    if (!found && left() < 1)
      throw new Refusal(429, 'too-many-failures', 'Too many unknown tokens and sessions: wait a second.', {
        headers: { 'retry-after': '1' },
      });
    const person = await find(credential);
    known.delete(credential);
    if (!person) failures = { left: left() - 1, at: now() };
    // The oldest goes first: what is unknown is never kept.
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value ?? '');
    if (person) known.set(credential, { person, until: now() + KNOWN_MS });
    return person;
  };
}

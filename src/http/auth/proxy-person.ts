/**
 * `--auth proxy`: a proxy in front has signed the person in and names the person in a header. The header is believed only from the
 * addresses of the proxy. From elsewhere it is refused, not ignored: a request that names a person there is an attack or a mistake.
 * No other forwarded header is read: `--public-url` says how browsers call the page.
 */
import type { Context } from 'hono';
import type { HttpEnv, Person } from '../http-env.ts';
import { Refusal } from '../problem.ts';
import type { Authenticate } from './authenticate.ts';
import { roleOfGroups, splitList, type GroupRoles } from './group-role.ts';
import { connectionOf, trustedAddresses } from './trusted-address.ts';

export interface ProxyOptions {
  /** Addresses and networks of the proxy. */
  readonly from: readonly string[];
  /** In lower case; so is the next. */
  readonly userHeader: string;
  readonly groupsHeader: string;
  readonly groups: GroupRoles;
}

/** Characters of a name. */
const LONGEST = 200;

/** @param byToken for programs, which come directly @throws {Failure} `usage` for wrong addresses */
export function byProxy({ from, userHeader, groupsHeader, groups }: ProxyOptions, byToken: Authenticate): Authenticate {
  const isTrusted = trustedAddresses(from);
  return async (c) => {
    const names = headersOf(c, userHeader);
    const named = names.length > 0 || headersOf(c, groupsHeader).length > 0;
    if (named && !isTrusted(connectionOf(c)?.socket.remoteAddress))
      throw new Refusal(403, 'untrusted-proxy', 'Only the proxy in front of this server may name a person.');
    const program = await byToken(c);
    if (program || !named) return program;
    const [name = ''] = names;
    if (names.length !== 1 || !isName(name))
      throw new Refusal(403, 'wrong-person', `The proxy must name one person in ${userHeader}.`);
    return personOf(name, roleOfGroups(headersOf(c, groupsHeader).flatMap(splitList), groups));
  };
}

/** @throws {Refusal} 403 without a role */
function personOf(name: string, role: Person['role'] | undefined): Person {
  if (!role) throw new Refusal(403, 'no-role', 'You are signed in, but none of your groups gives a role here.');
  return { name, role, by: 'proxy' };
}

/** Each header with the name, as it was sent: Node would join two of them, and a person would seem to have both names. */
function headersOf(c: Context<HttpEnv>, name: string): readonly string[] {
  const raw = connectionOf(c)?.rawHeaders ?? [...c.req.raw.headers].flat();
  return raw.flatMap((word, at) =>
    at % 2 === 0 && word.toLowerCase() === name ? [decoded(raw[at + 1] ?? '').trim()] : [],
  );
}

/** Node reads the bytes of a header as Latin-1; proxies send UTF-8. */
function decoded(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}

function isName(name: string): boolean {
  return name !== '' && name.length <= LONGEST && !/\p{Cc}/u.test(name);
}

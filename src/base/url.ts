/**
 * Addresses of servers as people give them. What is no well-formed URL is refused before anything connects, in a sentence that
 * repeats nothing of it: any part may be a password.
 */
import { Failure } from './error.ts';
import { learnSecrets } from './secret.ts';

export const POSTGRES_PROTOCOLS = ['postgres:', 'postgresql:'] as const;
export const REDIS_PROTOCOLS = ['redis:', 'rediss:'] as const;

export interface AddressParts {
  /** User, password, hosts and ports. */
  readonly authority: string;
  /** From the first `/` on. */
  readonly path: string;
  readonly query: string;
}

/** The parts of a URL, still encoded, or undefined when the text is no URL or its parts are not certain. */
export function splitAddress(text: string, protocols: readonly string[]): AddressParts | undefined {
  const scheme = protocols.find((protocol) => text.toLowerCase().startsWith(`${protocol}//`));
  // Spaces and control characters are dropped or encoded by the parser; then another part of the text becomes the host.
  if (scheme === undefined || /[\s\p{Cc}\\]/u.test(text)) return undefined;
  const rest = text.slice(scheme.length + 2);
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? '';
  const behind = rest.slice(authority.length);
  const [path = '', query = ''] = behind.split(/\?(.*)/s);
  // A password with `/`, `?`, `#` or `@` that is not encoded ends the host early: what follows holds an `@`.
  if (
    path.includes('@') ||
    path.startsWith('//') ||
    behind.includes('#') ||
    (query.includes('@') && !authority.includes('@'))
  )
    return undefined;
  if (authority.split('@').length > 2 || !encoded(text)) return undefined;
  // An encoded colon in the user is a whole `user:password`.
  const user = authority.includes('@') ? ((authority.split('@')[0] ?? '').split(':')[0] ?? '') : '';
  if (/%3a/i.test(user)) return undefined;
  return { authority, path, query };
}

/** The parsed address, or undefined when it is not one. A password in it is remembered as a secret. */
export function readServerUrl(text: string, protocols: readonly string[]): URL | undefined {
  learnSecrets(text);
  return splitAddress(text, protocols) && URL.canParse(text) ? new URL(text) : undefined;
}

/** Every `%` begins a byte, and the bytes are text. */
function encoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The message about a wrong URL. It holds nothing of the address. */
export function wrongUrl(protocols: readonly string[]): string {
  return `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')} and writes special characters in user and password as %XX (@ is %40, / is %2F, # is %23, ? is %3F, % is %25, a space is %20)`;
}

/** @throws {Failure} `usage`; it repeats nothing of the address and has no cause */
export function readRedisUrl(text: string): URL {
  const url = readServerUrl(text, REDIS_PROTOCOLS);
  if (!url) throw new Failure('usage', `The Redis URL cannot be read: it ${wrongUrl(REDIS_PROTOCOLS)}.`);
  return url;
}

/**
 * Passwords that this process was given, and the last net under its messages: whatever is said on stderr, logged, or reported
 * about servers passes through `withoutSecrets`. The first rule stays that no message is made of an address; see `url.ts`.
 */

const HIDDEN = '***';
/** A shorter text occurs by chance in words and numbers, and would be guessed from the gaps. */
const SHORTEST = 6;
/** Words of our own messages: hiding them everywhere would reveal the password, and spoil the message. */
const COMMON = new Set([
  'segmentd',
  'postgres',
  'postgresql',
  'password',
  'database',
  'public',
  'connection',
  'unknown',
]);
const MOST = 200;

const known = new Set<string>();

function remember(secret: string): void {
  if (secret.length < SHORTEST || COMMON.has(secret.toLowerCase()) || known.size >= MOST) return;
  // As it is, inside JSON, and inside JSON that is a text of JSON.
  for (let depth = 0, written = secret; depth < 3; depth += 1, written = JSON.stringify(written).slice(1, -1))
    known.add(written);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Remembers what may be a password in an address of a server, well-formed or not, and in `host=… password=…`. */
export function learnSecrets(text: string): void {
  for (const secret of candidates(text)) {
    if (secret === undefined) continue;
    remember(secret);
    remember(decoded(secret));
  }
}

/** Remembers a text that is a password. */
export function learnPassword(secret: string): void {
  remember(secret);
}

function candidates(text: string): (string | undefined)[] {
  const at = text.lastIndexOf('@');
  const user =
    at < 0
      ? ''
      : text
          .slice(0, at)
          .replace(/^[a-z][a-z0-9+.-]*:\/*(?=.)/i, '')
          .replace(/^\/+/, '');
  const colon = user.indexOf(':');
  const password = colon < 0 ? undefined : user.slice(colon + 1);
  const named = [
    ...text.matchAll(/(?:password|passwd|pwd|sslpassword)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&'"]+))/gi),
  ].map((match) => match[1] ?? match[2]);
  // Of a password with spaces, slashes or the like a message may hold a part.
  return [password, ...(password?.split(/[\s/?#@]+/) ?? []), ...named];
}

/**
 * `user:password@` in an address, and `password=…`, whether or not the process was given them. An address is looked for in each word,
 * up to its last `@`, and begins where a part of the word does: so the time grows with the text, whatever the text holds.
 */
const WORD = /[^\s"'`<>()]+/g;
const ADDRESS = /(?<![^/:@])(?!file:)([a-z][a-z0-9+.-]*:\/*)?[^\s"'`<>()/:@]*:[^\s"'`<>()]*@/gi;
const SETTING = /\b((?:ssl)?password|passwd|pwd)(\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&'"]+)/gi;

/** The text with every known password, and whatever looks like one in an address, as `***`. */
export function withoutSecrets(text: string): string {
  let shown = text;
  for (const secret of [...known].toSorted((a, b) => b.length - a.length)) shown = shown.replaceAll(secret, HIDDEN);
  return shown
    .replace(WORD, withoutAddress)
    .replace(SETTING, (_, name: string, sign: string) => `${name}${sign}${HIDDEN}`);
}

function withoutAddress(word: string): string {
  const end = word.lastIndexOf('@') + 1;
  return (
    word.slice(0, end).replace(ADDRESS, (_, scheme: string | undefined) => `${scheme ?? ''}${HIDDEN}@`) +
    word.slice(end)
  );
}

/**
 * The text that says where Postgres is and how to log in there, as libpq reads it: a URL, or `host=… dbname=…`. It is read here
 * and nothing is looked up: what the text leaves open, `postgres/connect` fills. Invariant: no message holds a value of the text,
 * because any part of a text that is not well-formed may be a password.
 */
import { KEYWORDS, refuseConninfo, type Conninfo, type Keyword } from './conninfo-keyword.ts';
import { Failure } from './error.ts';
import { learnPassword, learnSecrets } from './secret.ts';
import { didYouMean } from './suggest.ts';
import { POSTGRES_PROTOCOLS, splitAddress, wrongUrl, type AddressParts } from './url.ts';

/** @throws {RangeError} that says what the text must be; the caller puts the name of the setting before it */
export function parseConninfo(text: string): Conninfo {
  learnSecrets(text);
  const address = splitAddress(text, POSTGRES_PROTOCOLS);
  const info = address ? fromUrl(address) : /^\s*[a-z_]+\s*=/.test(text) ? fromKeywords(text) : undefined;
  if (info === undefined)
    throw new RangeError(
      `${wrongUrl(POSTGRES_PROTOCOLS)}, as in postgres://user:password@host:5432/database, or like host=… port=… dbname=… user=…`,
    );
  for (const secret of [info.password, info.sslpassword]) if (secret !== undefined) learnPassword(secret);
  refuseConninfo(info);
  return info;
}

/** @throws {Failure} `usage`; it repeats nothing of the text and has no cause */
export function readConninfo(text: string): Conninfo {
  try {
    return parseConninfo(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('usage', `The database URL cannot be used: it ${error.message}.`);
  }
}

/** `host`, `host:port`, `[::1]:port`, `%2Frun%2Fpostgresql`, `:port`; still encoded. */
const PLACE = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^:[\]<>"^|{}]*))(?::(\d{1,5})?)?$/;

function fromUrl({ authority, path, query }: AddressParts): Conninfo | undefined {
  const at = authority.lastIndexOf('@');
  const [user = '', ...password] = at < 0 ? [''] : authority.slice(0, at).split(':');
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const place of authority.slice(at + 1).split(',')) {
    const match = PLACE.exec(place);
    if (!match) return undefined;
    const [, bracketed, name = '', port = ''] = match;
    hosts.push(decodeURIComponent(bracketed ?? name));
    ports.push(port);
  }
  const given: Partial<Record<Keyword, string>> = {};
  for (const pair of query === '' ? [] : query.split('&')) {
    const [name = '', ...value] = pair.split('=');
    const keyword = keywordOf(decodeURIComponent(name), decodeURIComponent(value.join('=')));
    if (keyword !== undefined) given[keyword[0]] = keyword[1];
  }
  return {
    ...present({
      user: decodeURIComponent(user),
      password: decodeURIComponent(password.join(':')),
      host: hosts.join(','),
      port: ports.some((port) => port !== '') ? ports.join(',') : '',
      dbname: decodeURIComponent(path.slice(1)),
    }),
    ...given,
  };
}

/** Undefined for a parameter of another library: poolers and object mappers add theirs to the URL. */
function keywordOf(name: string, value: string): readonly [Keyword, string] | undefined {
  // The spellings of JDBC and of node-postgres.
  if (name === 'ssl')
    return ['sslmode', { true: 'require', '1': 'require', 'no-verify': 'no-verify' }[value] ?? 'disable'];
  const keyword = KEYWORDS.find((known) => known === name);
  if (keyword !== undefined) return [keyword, value];
  // Left out, a misspelt one would make the connection less safe than its author thinks.
  if (/^(ssl|tls|channel|require|gss|target)/i.test(name)) throw unknownKeyword(name);
  return undefined;
}

function unknownKeyword(name: string): RangeError {
  const hint = /^[a-z_]{1,40}$/.test(name) ? didYouMean(name, KEYWORDS) : undefined;
  return new RangeError(
    `has a parameter that libpq does not know${hint === undefined ? '; write sslmode=verify-full, sslrootcert=FILE and the like' : `: ${hint.replace(/[.?]$/, '')}`}`,
  );
}

const PAIR = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y;

/** `host=h dbname='my db'`: a backslash takes the next character as it is. */
function fromKeywords(text: string): Conninfo | undefined {
  const given: Partial<Record<Keyword, string>> = {};
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.trimEnd().length) {
    const [, name = '', quoted, plain] = PAIR.exec(text) ?? [];
    if (name === '') return undefined;
    const keyword = KEYWORDS.find((known) => known === name);
    if (keyword === undefined) throw unknownKeyword(name);
    given[keyword] = (quoted ?? plain ?? '').replace(/\\(.)/gs, '$1');
  }
  return present(given);
}

function present(given: Conninfo): Conninfo {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
}

/** A URL that says the same; it can be read by psql, and by `new URL`. */
export function conninfoUrl(info: Conninfo): string {
  const { user, password, host, port, dbname, ...rest } = info;
  const query: Record<string, string> = {};
  let authority = '';
  const single = host !== undefined && !/[,/]/.test(host) && !/[^A-Za-z0-9.:_-]/.test(host);
  if (single) {
    const login =
      user === undefined
        ? ''
        : `${encodeURIComponent(user)}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@`;
    authority = `${login}${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
    if (user === undefined && password !== undefined) query['password'] = password;
  } else for (const [name, value] of Object.entries({ host, port, user, password })) if (value) query[name] = value;
  const pairs = Object.entries({ ...query, ...rest }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `postgres://${authority}/${encodeURIComponent(dbname ?? '')}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

/** For people, on their own terminal: the same place without a password. */
export function urlWithoutPassword(text: string): string {
  const { password: _, sslpassword: __, ...shown } = readConninfo(text);
  return conninfoUrl(shown);
}

/**
 * Everything that is known before a connection is made: the text of the caller, then the service file, then the variables of libpq,
 * then the defaults of psql. Invariant: a part that one of them says is never replaced by a later one.
 */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { conninfoUrl, readConninfo } from '../../base/conninfo.ts';
import {
  conninfoOf,
  refuseConninfo,
  SESSION_ATTRS,
  SSL_MODES,
  type Conninfo,
  type SessionAttrs,
  type SslMode,
} from '../../base/conninfo-keyword.ts';
import { Failure } from '../../base/error.ts';
import { learnPassword } from '../../base/secret.ts';
import { homeOf, type Environment } from './environment.ts';
import { readService } from './service-file.ts';

export interface ServerHost {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  /** The address to connect to; `host` is then only what a certificate must name. */
  readonly address?: string;
  readonly port: number;
}

export interface ServerSettings {
  readonly hosts: readonly ServerHost[];
  readonly user: string;
  readonly database: string;
  readonly sslMode: SslMode;
  readonly sessionAttrs: SessionAttrs;
  /** Milliseconds for each host; 0: without an end. */
  readonly connectTimeout: number;
  /** The rest, as text. */
  readonly info: Conninfo;
  readonly passFile: string;
  readonly home: string;
}

export const DEFAULT_CONNECT_TIMEOUT = 10_000;
const DEFAULT_PORT = 5432;
/** Of Debian's libpq and of libpq as it is built by default. */
export const SOCKET_FOLDERS: readonly string[] = ['/var/run/postgresql', '/tmp'];

/** The text with what the service file and the environment add to it. @throws {Failure} `usage` */
export function completeConninfo(text: string, environment: Environment): Conninfo {
  const given = text === '' ? {} : readConninfo(text);
  const around = conninfoOf(environment);
  learnPassword(around.password ?? '');
  try {
    refuseConninfo(around);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('usage', `The environment (the PG… variables) ${error.message}.`);
  }
  const { service, ...own } = given;
  const name = service ?? around.service;
  const { service: _, ...rest } = around;
  return { ...rest, ...(name === undefined ? {} : readService(name, environment)), ...own };
}

/** One URL that needs neither environment nor service file any more. @throws {Failure} `usage` */
export function completeUrl(text: string, environment: Environment): string {
  return conninfoUrl(completeConninfo(text, environment));
}

/** @throws {Failure} `usage` */
export function serverSettings(text: string, environment: Environment): ServerSettings {
  const info = completeConninfo(text, environment);
  const user = info.user ?? systemUser();
  const home = homeOf(environment);
  const sslMode = sslModeOf(info);
  if (info.sslnegotiation === 'direct' && !/^(require|verify|no-verify)/.test(sslMode))
    throw new Failure('usage', 'sslnegotiation=direct needs sslmode=require or stronger.');
  return {
    hosts: hostsOf(info),
    user,
    database: info.dbname ?? user,
    sslMode,
    sessionAttrs: SESSION_ATTRS.find((one) => one === info.target_session_attrs) ?? 'any',
    connectTimeout: timeoutOf(info.connect_timeout),
    info,
    passFile: info.passfile ?? join(home, '.pgpass'),
    home,
  };
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw new Failure(
      'usage',
      'No user is named, and the system has no name for this process: name one in the URL or in PGUSER.',
    );
  }
}

/** As libpq 16: with `sslrootcert=system` only verify-full makes sense. */
function sslModeOf({ sslmode, sslrootcert }: Conninfo): SslMode {
  const mode = SSL_MODES.find((one) => one === sslmode);
  if (sslrootcert !== 'system') return mode ?? 'prefer';
  if (mode === undefined || mode === 'verify-full') return 'verify-full';
  throw new Failure(
    'usage',
    `sslrootcert=system needs sslmode=verify-full, not ${mode}: anyone can have a certificate from a public authority.`,
  );
}

/** libpq rounds one second up to two, and takes 0 and less for no limit. */
function timeoutOf(seconds: string | undefined): number {
  if (seconds === undefined) return DEFAULT_CONNECT_TIMEOUT;
  const given = Number(seconds);
  return given <= 0 ? 0 : Math.min(Math.max(given, 2) * 1000, 2 ** 31 - 1);
}

function hostsOf({ host, hostaddr, port, load_balance_hosts: balance }: Conninfo): readonly ServerHost[] {
  const names = host?.split(',') ?? [];
  const addresses = hostaddr?.split(',') ?? [];
  const ports = port?.split(',') ?? [];
  const count = Math.max(names.length, addresses.length, 1);
  for (const [what, list, one] of [
    ['host', names, false],
    ['hostaddr', addresses, false],
    ['port', ports, true],
  ] as const) {
    if (list.length !== 0 && list.length !== count && !(one && list.length === 1))
      throw new Failure('usage', `The number of values of ${what} is ${list.length}, and there are ${count} hosts.`);
  }
  const hosts = Array.from({ length: count }, (_, index): ServerHost => {
    const number = Number((ports.length === 1 ? ports[0] : ports[index]) || DEFAULT_PORT);
    if (number < 1 || number > 65_535) throw new Failure('usage', 'A port is a number from 1 to 65535.');
    const address = addresses[index] || undefined;
    const name = names[index] || address || defaultHost(number);
    return address === undefined || address === name
      ? { host: name, port: number }
      : { host: name, address, port: number };
  });
  return balance === 'random' ? shuffled(hosts) : hosts;
}

/** The socket in its usual folder, as psql does; without a socket there, this machine. */
function defaultHost(port: number): string {
  return SOCKET_FOLDERS.find((folder) => existsSync(socketFile(folder, port))) ?? 'localhost';
}

export function isSocket(host: string): boolean {
  return host.startsWith('/');
}

export function socketFile(folder: string, port: number): string {
  return `${folder}/.s.PGSQL.${port}`;
}

function shuffled<T>(list: readonly T[]): readonly T[] {
  return list
    .map((value) => ({ value, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/**
 * Which host, and with TLS or without: libpq's attempts in their order, and which host answered last. Invariant: of each server the
 * process has one approach, so that one connection that found the host spares the others the search.
 */
import { namesServer } from '../../base/conninfo-keyword.ts';
import { Failure, sqlState } from '../../base/error.ts';
import { failureKind, type FailureKind } from './failure-kind.ts';
import { isSocket, serverSettings, type ServerHost, type ServerSettings } from './server-setting.ts';

export interface Attempt {
  readonly host: ServerHost;
  readonly tls: boolean;
  /** A pass over all hosts for `prefer-standby` is followed by one that takes any. */
  readonly wants: ServerSettings['sessionAttrs'];
}

export interface FailedAttempt {
  readonly attempt: Attempt;
  readonly error: unknown;
}

export class Approach {
  readonly settings: ServerSettings;
  readonly #attempts: readonly Attempt[];
  /** The attempt that a new client begins with. */
  #first: Attempt;
  /** By the error that was thrown for them. */
  readonly #failures = new WeakMap<object, readonly FailedAttempt[]>();

  constructor(settings: ServerSettings) {
    this.settings = settings;
    this.#attempts = attemptsOf(settings);
    const [first] = this.#attempts;
    if (!first) throw new Failure('usage', 'No host is named.');
    this.#first = first;
  }

  get first(): Attempt {
    return this.#first;
  }

  /** The next client begins with the same host; with TLS again, which a server may have turned on. */
  succeeded({ host, wants }: Attempt): void {
    this.#first = this.#attempts.find((one) => one.host === host && one.wants === wants) ?? this.#first;
  }

  /** The attempt that libpq would make after these, if there is one. */
  next(failed: readonly FailedAttempt[]): Attempt | undefined {
    const last = failed.at(-1);
    if (!last || (last.error instanceof Failure && last.error.code === 'usage')) return undefined;
    const { attempt, error } = last;
    const start = this.#attempts.indexOf(attempt);
    const left = [...this.#attempts.slice(start), ...this.#attempts.slice(0, start)].filter(
      (one) => !failed.some((before) => before.attempt === one),
    );
    const kind = failureKind(error);
    // The server was not reached, or is not the wanted one: with or without TLS makes no difference.
    const reached = kind !== 'network' && kind !== 'session';
    const sameHost = left.find((one) => one.host === attempt.host && one.wants === attempt.wants);
    if (reached && sameHost) return sameHost;
    // A server that refuses the login is the right one, as libpq sees it.
    if (reached && sqlState(error) !== '57P03') return undefined;
    return left.find((one) => !failed.some(({ attempt: { host, wants } }) => host === one.host && wants === one.wants));
  }

  /** @returns the error to throw: of the attempt that says most */
  failed(failures: readonly FailedAttempt[]): unknown {
    const error = mostTelling(failures)?.error ?? new Error('no attempt was made');
    if (typeof error === 'object' && error !== null) this.#failures.set(error, failures);
    return error;
  }

  /** All attempts that ended in this error. */
  failuresOf(error: unknown): readonly FailedAttempt[] {
    const known = typeof error === 'object' && error !== null ? this.#failures.get(error) : undefined;
    return known ?? [{ attempt: this.#first, error }];
  }
}

/** How much a failure says about what is wrong. */
const TELLING: Readonly<Record<FailureKind, number>> = {
  certificate: 8,
  'no-password': 7,
  login: 6,
  tls: 5,
  session: 4,
  other: 3,
  network: 2,
  'no-tls': 1,
};

/** What a login was refused for by a rule of pg_hba.conf says less than a wrong password. */
function telling({ error }: FailedAttempt): number {
  if (error instanceof Failure) return 9;
  return TELLING[failureKind(error)] - (sqlState(error) === '28000' ? 0.5 : 0);
}

export function mostTelling(failures: readonly FailedAttempt[]): FailedAttempt | undefined {
  const [most] = failures.toSorted((a, b) => telling(b) - telling(a));
  return most;
}

function attemptsOf(settings: ServerSettings): readonly Attempt[] {
  const { hosts, sslMode, sessionAttrs } = settings;
  const passes = sessionAttrs === 'prefer-standby' ? (['standby', 'any'] as const) : [sessionAttrs];
  return passes.flatMap((wants) =>
    hosts.flatMap((host) => {
      // libpq does not encrypt a socket, whatever the mode.
      const tls = isSocket(host.address ?? host.host) ? [false] : TLS_OF[sslMode];
      return tls.map((one): Attempt => ({ host, tls: one, wants }));
    }),
  );
}

const TLS_OF = {
  disable: [false],
  allow: [false, true],
  prefer: [true, false],
  require: [true],
  'verify-ca': [true],
  'verify-full': [true],
  'no-verify': [true],
} as const satisfies Record<ServerSettings['sslMode'], readonly boolean[]>;

const MOST_APPROACHES = 200;
const approaches = new Map<string, Approach>();

/** The approach of a text in this process; of an empty text, that of the environment. @throws {Failure} `usage` */
export function approachOf(text: string): Approach {
  if (text === '' && !namesServer(process.env)) throw new Failure('usage', 'No database is named: the URL is empty.');
  const settings = serverSettings(text, process.env);
  const key = JSON.stringify([settings.hosts, settings.user, settings.database, settings.sslMode, settings.info]);
  let approach = approaches.get(key);
  if (!approach) {
    if (approaches.size >= MOST_APPROACHES) approaches.clear();
    approach = new Approach(settings);
    approaches.set(key, approach);
  }
  return approach;
}

/** Name of the database of a URL. @throws {Failure} `usage` */
export function databaseOf(url: string): string {
  return approachOf(url).settings.database;
}

/**
 * A pg client that logs in as psql does: to the host of the approach, with TLS as `sslmode` says, with the password of the password file,
 * within `connect_timeout`. pg's own reading of URLs and PG… variables is not used. Invariant: a client that failed to connect has no
 * open socket.
 */
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { callbackify } from 'node:util';
import pg from 'pg';
import { ConnectTimeout, failureKind, NoChannelBinding, NoPassword, WrongSession } from './failure-kind.ts';
import { HeldSocket } from './held-socket.ts';
import { passwordIn } from './pass-file.ts';
import { approachOf, type Attempt, type FailedAttempt, type Approach } from './approach.ts';
import { isSocket, SOCKET_FOLDERS, type ServerSettings } from './server-setting.ts';
import { tlsOptions } from './tls-option.ts';

export interface LoginConfig extends Pick<
  pg.ClientConfig,
  'application_name' | 'keepAlive' | 'keepAliveInitialDelayMillis' | 'query_timeout' | 'types'
> {
  /** Makes a socket; without it, one of Node. */
  readonly stream?: () => Socket;
  readonly approach: Approach;
  /** No further attempt is made when it has aborted. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the connection; `connect_timeout` of the approach by default, 0: without an end. */
  readonly connectLimit?: number;
}

/** Members of pg that its types do not declare. */
interface Wire {
  readonly stream: { destroy(error?: Error): void };
  on(event: string, heard: (message: { readonly mechanisms?: readonly string[] }) => void): void;
  removeAllListeners(): void;
}

/** What a client keeps of its own when it takes the state of a fresh one: its listeners. */
const EMITTER_FIELDS: ReadonlySet<string> = new Set(['_events', '_eventsCount', '_maxListeners']);

export class LoginClient extends pg.Client {
  readonly #config: LoginConfig;
  readonly #approach: Approach;
  readonly #limit: number;
  #socket: HeldSocket;
  #attempt: Attempt;
  /** pg holds the same object, and reads it when the server has agreed to TLS. */
  #tls: ConnectionOptions | undefined;
  #reached = false;
  #cut = false;
  /** Why this client ended the connection itself. */
  #refusal: Error | undefined;

  constructor(config: LoginConfig) {
    const { approach, connectLimit = approach.settings.connectTimeout } = config;
    const attempt = approach.first;
    const tls: ConnectionOptions | undefined = attempt.tls ? {} : undefined;
    const socket = new HeldSocket(config.stream?.());
    super(clientConfig(config, attempt, tls, socket));
    this.#config = config;
    this.#approach = approach;
    this.#limit = connectLimit;
    this.#socket = socket;
    this.#attempt = attempt;
    this.#tls = tls;
    this.#watch();
  }

  /** @throws the error of the most telling attempt when none succeeds; {Failure} `usage` when a file cannot be used */
  override connect(): Promise<pg.Client>;
  override connect(callback: ((error: Error) => void) | ((error: null, client: pg.Client) => void)): void;
  override connect(callback?: (error: never, client: pg.Client) => void): Promise<pg.Client> | void {
    if (!callback) return this.#connect();
    callbackify(() => this.#connect())(callback as (error: Error | null, client: pg.Client) => void);
  }

  async #connect(): Promise<pg.Client> {
    const failed: FailedAttempt[] = [];
    const ignore = (): void => {};
    // Until the caller can listen, a broken connection is the error of an attempt; after the last one it is no news.
    this.on('error', ignore);
    for (;;) {
      try {
        await this.#try();
        this.removeListener('error', ignore);
        this.#approach.succeeded(this.#attempt);
        return this;
      } catch (error) {
        failed.push({ attempt: this.#attempt, error });
        const next = this.#approach.next(failed);
        if (next && !this.#ending && this.#config.signal?.aborted !== true)
          this.#renew(next, failureKind(error) === 'no-tls');
        else {
          this.#wire.stream.destroy();
          throw this.#approach.failed(failed);
        }
      }
    }
  }

  async #try(): Promise<void> {
    const late = (): void =>
      this.#wire.stream.destroy(new ConnectTimeout(this.#reached ? 'silent' : 'unreached', this.#limit));
    const timer = this.#limit === 0 ? undefined : setTimeout(late, this.#limit);
    try {
      if (this.#tls) Object.assign(this.#tls, tlsOptions(this.#approach.settings, this.#attempt.host));
      this.#socket.hold(this.#attempt.tls);
      await super.connect();
      this.#socket.hold(false);
      if (this.#refusal) throw this.#refusal;
      await this.#refuseSession();
    } catch (error) {
      throw this.#refusal ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * pg makes one attempt for each client, so this client takes the state of a fresh one. Its listeners stay.
   * @param goesOn the server has no TLS and waits for the login on the same socket
   */
  #renew(attempt: Attempt, goesOn: boolean): void {
    const old = this.#wire;
    old.removeAllListeners();
    old.on('error', () => {});
    if (goesOn) this.#socket.goOn();
    else {
      old.stream.destroy();
      this.#socket = new HeldSocket(this.#config.stream?.());
      this.#reached = false;
    }
    this.#attempt = attempt;
    this.#tls = attempt.tls ? {} : undefined;
    this.#refusal = undefined;
    const fresh = new pg.Client(clientConfig(this.#config, attempt, this.#tls, this.#socket));
    for (const name of Object.getOwnPropertyNames(fresh)) {
      const property = Object.getOwnPropertyDescriptor(fresh, name);
      if (property && !EMITTER_FIELDS.has(name)) Object.defineProperty(this, name, property);
    }
    this.#watch();
  }

  #watch(): void {
    this.#wire.on('connect', () => (this.#reached = true));
    if (this.#approach.settings.info.channel_binding === 'require') this.#requireBinding();
  }

  /** `end` or `cut` came while it connects. */
  get #ending(): boolean {
    return this.#cut || Reflect.get(this, '_ending') === true;
  }

  /** Ends whatever it does at once, without a farewell to the server. */
  cut(): void {
    this.#cut = true;
    this.#wire.stream.destroy();
  }

  get #wire(): Wire {
    return (this as unknown as { readonly connection: Wire }).connection;
  }

  /** @throws {WrongSession} */
  async #refuseSession(): Promise<void> {
    const { wants } = this.#attempt;
    if (wants === 'any') return;
    const { rows } = await this.query<{ standby: boolean; reads: boolean }>(
      `select pg_catalog.pg_is_in_recovery() as standby,
         pg_catalog.pg_is_in_recovery() or pg_catalog.current_setting('default_transaction_read_only') = 'on' as reads`,
    );
    const [{ standby, reads } = { standby: false, reads: false }] = rows;
    const fits = { primary: !standby, standby, 'prefer-standby': standby, 'read-write': !reads, 'read-only': reads };
    if (!fits[wants]) throw new WrongSession(`the server is not ${wants}`);
  }

  /** The password is not sent before this has ended the connection: pg asks for it in a later turn. */
  #requireBinding(): void {
    const refuse = (): void => {
      this.#refusal = new NoChannelBinding('the server offers no login with channel binding');
      this.#wire.stream.destroy();
    };
    let bound = false;
    this.#wire.on('authenticationSASL', ({ mechanisms = [] }) => {
      if (this.#tls && mechanisms.includes('SCRAM-SHA-256-PLUS')) bound = true;
      else refuse();
    });
    for (const event of ['authenticationCleartextPassword', 'authenticationMD5Password']) this.#wire.on(event, refuse);
    this.#wire.on('authenticationOk', () => {
      if (!bound) refuse();
    });
  }
}

/** The next client of the approach, not connected yet. @throws {Failure} `usage` */
export function loginClient(text: string, config: Omit<LoginConfig, 'approach'>): LoginClient {
  return new LoginClient({ approach: approachOf(text), ...config });
}

function clientConfig(
  config: LoginConfig,
  attempt: Attempt,
  tls: ConnectionOptions | undefined,
  socket: HeldSocket,
): pg.ClientConfig {
  const {
    approach: { settings },
    connectLimit: _,
    signal: __,
    ...rest
  } = config;
  const { info, user, database } = settings;
  const { host, address = host, port } = attempt.host;
  return {
    ...rest,
    stream: () => socket.stream,
    host: address,
    port,
    user,
    database,
    password: () => passwordFor(settings, attempt),
    ssl: tls ?? false,
    sslnegotiation: tls && info.sslnegotiation === 'direct' ? 'direct' : 'postgres',
    enableChannelBinding: info.channel_binding === 'require',
    ...(info.application_name === undefined ? {} : { application_name: info.application_name }),
    ...(info.options === undefined ? {} : { options: info.options }),
    ...limits(settings),
  };
}

function limits({ info }: ServerSettings): pg.ClientConfig {
  const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'] as const;
  return Object.fromEntries(names.flatMap((name) => (info[name] === undefined ? [] : [[name, Number(info[name])]])));
}

/** Asked for by pg when the server wants a password. */
async function passwordFor({ info, user, database, passFile }: ServerSettings, { host }: Attempt): Promise<string> {
  if (info.password !== undefined) return info.password;
  const usual = isSocket(host.host) && SOCKET_FOLDERS.includes(host.host);
  const { password, ignored } = passwordIn(passFile, {
    host: usual ? 'localhost' : host.host,
    port: host.port,
    database,
    user,
  });
  if (password === undefined) throw new NoPassword(ignored);
  return password;
}

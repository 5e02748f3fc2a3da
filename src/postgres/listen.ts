/**
 * Listens for the doorbell. NOTIFY is only a hint: a caller must also poll, and must drain in full after every
 * `onConnected`, because nothing reports what rang while the connection was away. pg-listen gives up after 3 s by
 * default, and stays deaf when its LISTEN fails after a reconnect. So its limits are lifted, and an error replaces it
 * by a new one.
 */
import { once } from 'node:events';
import pg from 'pg';
import pgListen, { type Subscriber } from 'pg-listen';
import { Lifecycle, type Service } from '../base/service.ts';
import { LoginClient, type LoginConfig } from './connect/login-client.ts';
import { approachOf } from './connect/approach.ts';
import { pinSession } from './pin-session.ts';
import { SocketSet } from './socket-set.ts';

export const CHANNEL = 'segmentd';

export interface ListenerOptions {
  readonly onRing: () => void;
  /** Called after the first and every later connection, once LISTEN has succeeded. */
  readonly onConnected: () => void;
  readonly onError: (error: Error) => void;
  readonly applicationName?: string;
}

/** `start` resolves after the first attempt, connected or not: the caller's polls serve meanwhile. */
export type Listener = Service;

/** A client that pins its session before its first query. */
class PinnedClient extends LoginClient {
  override connect(): Promise<pg.Client>;
  override connect(callback: ((error: Error) => void) | ((error: null, client: pg.Client) => void)): void;
  override async connect(): Promise<pg.Client> {
    await super.connect();
    await pinSession(this);
    return this;
  }
}

/** pg-listen takes its client class from the module `pg` at the moment of this call, and accepts no other. */
function subscribe(...options: Parameters<typeof pgListen.default>): Subscriber {
  const { Client } = pg;
  pg.Client = PinnedClient;
  try {
    return pgListen.default(...options);
  } finally {
    pg.Client = Client;
  }
}

const SLOWEST_RETRY = 2_000;
const RESTART = 1_000;

export function createListener(url: string, options: ListenerOptions): Listener {
  return new Lifecycle('The listener', async (signal) => {
    const session = new Session(url, options);
    signal.addEventListener('abort', () => void session.close(), { once: true });
    await session.connect();
    return () => session.close();
  });
}

/** From one `start` to its `stop`: one subscriber at a time, each replaced by the next after an error. */
class Session {
  readonly #url: string;
  readonly #options: ListenerOptions;
  readonly #sockets = new SocketSet();
  #subscriber: Subscriber | undefined;
  #restart: NodeJS.Timeout | undefined;
  readonly #cut = new AbortController();
  readonly #aborted = once(this.#cut.signal, 'abort');
  #closed: Promise<void> | undefined;

  constructor(url: string, options: ListenerOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** Never throws. */
  async connect(): Promise<void> {
    const opened = (this.#subscriber = this.#open());
    try {
      // A connection that is ended before it was made never settles.
      await Promise.race([opened.connect(), this.#aborted]);
      if (this.#stopped) return;
      await opened.listenTo(CHANNEL);
      if (!this.#stopped) this.#options.onConnected();
    } catch (error) {
      if (this.#stopped) return;
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      // pg-listen tries again by itself, but what it never listened to it does not listen to then either.
      this.#replace(opened);
    }
  }

  /** Resolves when every socket is closed, in about half a second at most. */
  close(): Promise<void> {
    this.#cut.abort();
    clearTimeout(this.#restart);
    this.#closed ??= this.#sockets.close(this.#subscriber ? close(this.#subscriber) : Promise.resolve());
    return this.#closed;
  }

  get #stopped(): boolean {
    return this.#cut.signal.aborted;
  }

  #open(): Subscriber {
    const { applicationName = 'segmentd listener', onRing, onConnected, onError } = this.#options;
    const isCurrent = (): boolean => !this.#stopped && this.#subscriber === opened;
    const config: LoginConfig = {
      approach: approachOf(this.#url),
      signal: this.#cut.signal,
      connectLimit: 5_000,
      application_name: applicationName,
      query_timeout: 5_000,
      stream: this.#sockets.make,
    };
    const opened = subscribe(config, {
      retryTimeout: Number.POSITIVE_INFINITY,
      // Throwing is the only way to end pg-listen's reconnect loop, which does not look whether it was closed.
      retryInterval: (attempt) => {
        if (!isCurrent()) throw new Error('the listener was stopped');
        return Math.min(50 * 2 ** attempt, SLOWEST_RETRY);
      },
      paranoidChecking: 5_000,
      parse: (payload) => payload,
    });
    opened.events.on('notification', () => onRing());
    opened.events.on('connected', () => {
      if (!isCurrent()) void close(opened);
      else if (opened.getSubscribedChannels().length > 0) onConnected();
    });
    opened.events.on('error', (error) => {
      if (!isCurrent()) return;
      onError(error);
      this.#replace(opened);
    });
    return opened;
  }

  #replace(failed: Subscriber): void {
    if (this.#stopped || this.#subscriber !== failed || this.#restart) return;
    void close(failed);
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      if (!this.#stopped) void this.connect();
    }, RESTART);
  }
}

async function close(subscriber: Subscriber): Promise<void> {
  try {
    await subscriber.close();
  } catch {
    // The connection has ended already, which is the goal.
  }
}

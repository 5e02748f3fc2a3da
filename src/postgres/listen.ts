/**
 * Hears the doorbell. NOTIFY is a hint: whoever listens must also poll, and drain in full after every `onConnected`,
 * because nothing says what rang while the connection was away. pg-listen gives up for ever after 3 s by default and
 * stays deaf when its LISTEN fails after a reconnect, so its limits are lifted and an error replaces it by a new one.
 */
import pg from 'pg';
import pgListen, { type Subscriber } from 'pg-listen';
import { pinSession } from './session.ts';

export const CHANNEL = 'segmentd';

export interface ListenerOptions {
  readonly onRing: () => void;
  /** After the first and every later connection, when the channel is being listened to. */
  readonly onConnected: () => void;
  readonly onError: (error: Error) => void;
  readonly applicationName?: string;
}

export interface Listener {
  /** Resolves when connected; rejects when the first connection cannot be made. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Pins its session before anybody asks it for something. */
class PinnedClient extends pg.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: ((error: Error) => void) | ((error: null, client: pg.Client) => void)): void;
  override async connect(): Promise<pg.Client> {
    await super.connect();
    await pinSession(this);
    return this;
  }
}

/** pg-listen makes its clients of what the module `pg` holds at the moment of this call, and takes no other. */
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
  let subscriber: Subscriber | undefined;
  let restart: NodeJS.Timeout | undefined;
  let stopped = false;

  function open(): Subscriber {
    const opened = subscribe(
      {
        connectionString: url,
        application_name: options.applicationName ?? 'segmentd listener',
        connectionTimeoutMillis: 5_000,
        query_timeout: 5_000,
      },
      {
        retryTimeout: Number.POSITIVE_INFINITY,
        // Throwing is the only way to end pg-listen's reconnect loop, which does not look whether it was closed.
        retryInterval: (attempt) => {
          if (stopped || subscriber !== opened) throw new Error('the listener was stopped');
          return Math.min(50 * 2 ** attempt, SLOWEST_RETRY);
        },
        paranoidChecking: 5_000,
        parse: (payload) => payload,
      },
    );
    opened.events.on('notification', () => options.onRing());
    opened.events.on('connected', () => {
      if (stopped || subscriber !== opened) void close(opened);
      else if (opened.getSubscribedChannels().length > 0) options.onConnected();
    });
    opened.events.on('error', (error) => {
      if (stopped || subscriber !== opened) return;
      options.onError(error);
      replace(opened);
    });
    return opened;
  }

  function replace(failed: Subscriber): void {
    if (subscriber !== failed || restart) return;
    void close(failed);
    restart = setTimeout(() => {
      restart = undefined;
      if (stopped) return;
      connect().catch((error: unknown) => {
        options.onError(error instanceof Error ? error : new Error(String(error)));
        if (subscriber) replace(subscriber);
      });
    }, RESTART);
  }

  async function connect(): Promise<void> {
    subscriber = open();
    await subscriber.connect();
    await subscriber.listenTo(CHANNEL);
    if (!stopped) options.onConnected();
  }

  return {
    async start() {
      try {
        await connect();
      } catch (error) {
        // pg-listen tries again by itself, but what it never listened to it does not listen to then either.
        if (subscriber && !stopped) replace(subscriber);
        throw error;
      }
    },
    async stop() {
      stopped = true;
      clearTimeout(restart);
      if (subscriber) await close(subscriber);
    },
  };
}

async function close(subscriber: Subscriber): Promise<void> {
  try {
    await subscriber.close();
  } catch {
    // The connection is gone already, which is what was wanted.
  }
}

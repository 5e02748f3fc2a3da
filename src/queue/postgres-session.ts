/**
 * One session for all that a process does with its queues on Postgres. BullMQ would hold three for each queue: two
 * pools of one connection and a LISTEN. One is enough, because statements are few and short, and a session hears
 * notifications between them. Each connection of BullMQ has a share, which looks like a pool to it. The session opens
 * with the first statement and opens again after an error. Invariant: it ends with its last share.
 */
import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { sqlState } from '../base/error.ts';
import { bounded } from '../base/bounded.ts';
import { loginClient, type LoginClient } from '../postgres/connect/login-client.ts';

export interface QueueSessionOptions {
  readonly url: string;
  readonly applicationName: string;
  /** Sets what the session needs, after connecting. */
  readonly pin: (client: pg.Client) => Promise<void>;
  readonly onOpen: (client: object) => void;
  /** It could not be opened, or broke. */
  readonly onFailure: (client: object, error: unknown) => void;
  readonly onEnd: (client: object) => void;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
const END_MS = 1_000;

export class QueueSession {
  readonly #options: QueueSessionOptions;
  readonly #shares = new Set<Share>();
  #open: { readonly client: LoginClient; readonly ready: Promise<pg.Client> } | undefined;
  /** The statement that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();
  /** Sessions that are ending. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: QueueSessionOptions) {
    this.#options = options;
  }

  share(): Share {
    const share = new Share(
      (text, values) => this.#run(share, text, values),
      () => {
        this.#shares.delete(share);
        if (this.#shares.size === 0) this.#drop(this.#open?.client);
      },
    );
    this.#shares.add(share);
    return share;
  }

  /** Resolves when no session is open any more, at most a second after the last share was cut. */
  async close(): Promise<void> {
    for (const share of this.#shares) share.cut();
    await Promise.all(this.#ending);
  }

  /** pg runs one statement at a time, and will not keep a list of its own any more. */
  #run(share: Share, text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    const turn = this.#last.then(async () => {
      if (!this.#shares.has(share)) throw new Error('the queue is closed');
      const client = await this.#client();
      try {
        return await client.query(text, [...values]);
      } catch (error) {
        if (error instanceof Error && endsSession(sqlState(error))) this.#broken(client, error);
        throw error;
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  #client(): Promise<pg.Client> {
    if (this.#open) return this.#open.ready;
    const { url, applicationName } = this.#options;
    const client = loginClient(url, {
      connectLimit: CONNECT_MS,
      application_name: applicationName,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on('error', (error) => this.#broken(client, error));
    client.on('end', () => this.#broken(client, new Error('the session of the queue ended')));
    client.on('notification', (notification) => {
      for (const share of this.#shares) share.notify(notification);
    });
    const ready = (async () => {
      try {
        await client.connect();
        await this.#options.pin(client);
        this.#options.onOpen(client);
        return client;
      } catch (error) {
        if (this.#open?.client === client) this.#options.onFailure(client, error);
        this.#drop(client);
        throw error;
      }
    })();
    this.#open = { client, ready };
    return ready;
  }

  #broken(client: object, error: Error): void {
    if (!this.#open || this.#open.client !== client) return;
    this.#options.onFailure(client, error);
    this.#drop(this.#open.client);
    for (const share of this.#shares) share.fail(error);
  }

  /** The next statement opens another. */
  #drop(client: LoginClient | undefined): void {
    if (!client || this.#open?.client !== client) return;
    const { ready } = this.#open;
    this.#open = undefined;
    this.#options.onEnd(client);
    const ending = end(client, ready).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

/**
 * Without a code Postgres did not say it: the connection is broken, or half of it. 08 and 57P: Postgres ends the
 * session.
 */
function endsSession(code: string | undefined): boolean {
  return code === undefined || /^(08|57P)/.test(code);
}

async function end(client: LoginClient, ready: Promise<pg.Client>): Promise<void> {
  // Before it is connected pg cannot end it, and a server that is silent does not answer.
  const connected = await bounded(
    ready.then(
      () => true,
      () => false,
    ),
    0,
  );
  if (connected === true) await bounded(client.end(), END_MS).catch(() => {});
  client.cut();
}

/** What BullMQ takes for a pool. */
export class Share extends EventEmitter {
  /** BullMQ asks whether a broken connection would be noticed. */
  readonly options = { keepAlive: true } as const;
  readonly #run: (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;
  readonly #onCut: () => void;
  readonly #leases = new Set<Lease>();
  #cut = false;

  constructor(run: (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>, onCut: () => void) {
    super();
    this.#run = run;
    this.#onCut = onCut;
  }

  query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    return this.#run(text, values);
  }

  /** Fails as a pool does when there is no session to be had. */
  async connect(): Promise<Lease> {
    await this.#run('', []);
    const lease = new Lease(this, () => this.#leases.delete(lease));
    this.#leases.add(lease);
    return lease;
  }

  /** BullMQ ends no pool that it was given. */
  async end(): Promise<void> {
    this.cut();
  }

  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#leases.clear();
    this.#onCut();
  }

  notify(notification: pg.Notification): void {
    for (const lease of this.#leases) lease.emit('notification', notification);
  }

  fail(error: Error): void {
    const leases = [...this.#leases];
    this.#leases.clear();
    for (const lease of leases) if (lease.listenerCount('error') > 0) lease.emit('error', error);
    if (leases.length === 0 && this.listenerCount('error') > 0) this.emit('error', error);
  }
}

/** What BullMQ takes for a client of a pool; others use the same session meanwhile. */
export class Lease extends EventEmitter {
  readonly #share: Share;
  readonly #onRelease: () => void;

  constructor(share: Share, onRelease: () => void) {
    super();
    this.#share = share;
    this.#onRelease = onRelease;
  }

  query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    return this.#share.query(text, values);
  }

  release(): void {
    this.#onRelease();
  }
}

/**
 * The worker: everything that keeps membership, as one service. compose.ts makes its parts, running.ts says which of
 * them run and in which order, single-pass.ts is `once`. Invariant: whatever it holds that must survive stands in
 * Postgres, so that a worker may be killed at any moment. It must not know how a part works. The parts are imported by
 * the start: who imports the library pays for none of them.
 */
import { randomUUID } from 'node:crypto';
import { codeOf, Failure, isCutConnection, sqlState, isNoTable } from '../base/error.ts';
import { silentLog, withFields, type Log } from '../base/log.ts';
import { Lifecycle, stacked, type Service, type Stack } from '../base/service.ts';
import { packageVersion } from '../base/version.ts';
import { databaseOf } from '../postgres/connect/approach.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Context, Parts } from './compose.ts';
import { createEvents, type WorkerEmitter } from './event.ts';
import type { WorkerHooks } from './hook.ts';
import { settingsOf, type WorkerOptions, type WorkerSettings } from './worker-setting.ts';
import type { Identity } from './registration.ts';

const DROPPED =
  'The schemas of segmentd were dropped while this worker ran, as `segmentd uninstall --purge` does, so it stops. To use segmentd again: `segmentd migrate`, `segmentd install`, `segmentd run`.';

export class Worker implements Service {
  readonly events: WorkerEmitter = createEvents();
  /** What each of its log lines carries. */
  readonly identity: Identity;
  readonly #options: WorkerOptions & WorkerHooks;
  readonly #settings: WorkerSettings;
  readonly #log: Log;
  readonly #serving = new Lifecycle('The worker', (signal) => this.#open(signal, (context) => this.#serve(context)));
  readonly #single = new Lifecycle('The worker', (signal) => this.#open(signal, (context) => this.#prepare(context)));
  /** Of `once`: the parts, and what it does with them. */
  #prepared: { readonly parts: Parts; readonly signal: AbortSignal } | undefined;
  #pass: Promise<void> | undefined;
  #url: string | undefined;

  constructor(options: WorkerOptions & WorkerHooks) {
    this.#options = options;
    this.#settings = settingsOf(options);
    this.identity = { worker: randomUUID(), version: packageVersion(), database: databaseOf(options.databaseUrl) };
    this.#log = withFields(options.log ?? silentLog, this.identity);
  }

  /**
   * Resolves when the worker serves. A call while it runs changes nothing; a call after a failure tries again. The
   * worker stops by itself when another version of segmentd migrates the schema, or it is dropped (event `outdated`).
   * @throws {Failure} when Postgres cannot be reached, the catalogue does not fit, or `stop` came first
   */
  start(): Promise<void> {
    return this.#serving.start();
  }

  /**
   * Ends all that is under way at its next step, and cancels or cuts what still runs in Postgres after two seconds. It
   * may come at any moment; when it resolves, nothing is open.
   */
  async stop(): Promise<void> {
    await Promise.all([this.#serving.stop(), this.#single.stop()]);
  }

  /**
   * Drains, finishes what is owed, and returns; needs no queue. @throws {Failure} as `start`, also when `stop` comes
   * meanwhile
   */
  async once(): Promise<void> {
    const { passOnce } = await import('./single-pass.ts');
    await this.#single.start();
    const prepared = this.#prepared;
    if (!prepared) throw new Failure('failed', 'The worker was stopped.');
    const pass = passOnce(prepared.parts, { settings: this.#settings, events: this.events, signal: prepared.signal });
    this.#pass = pass.catch(() => {});
    await pass;
  }

  /** Where it serves /healthz, /readyz and /metrics, while it runs with `http`. */
  get url(): string | undefined {
    return this.#url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #open(signal: AbortSignal, open: (context: Context) => Promise<void>): Promise<() => Promise<void>> {
    try {
      return await stacked(async (stack) => {
        const { keepJournal } = await import('./journal.ts');
        const unsubscribe = keepJournal(this.events, this.#log);
        stack.add(async () => unsubscribe());
        await open({
          options: this.#options,
          settings: this.#settings,
          events: this.events,
          log: this.#log,
          stack,
          signal,
        });
      });
    } catch (error) {
      throw signal.aborted ? error : whileStarting(error);
    }
  }

  async #serve(context: Context): Promise<void> {
    const { openParts, openQueues, serveHttp } = await import('./compose.ts');
    const { Registration } = await import('./registration.ts');
    const { servicesOf } = await import('./running.ts');
    const { stack, signal } = context;
    const queues = await openQueues(context);
    const parts = await openParts(context, queues);
    const registration = new Registration(parts.pool, {
      identity: this.identity,
      queue: queues.server,
      generation: () => parts.registry.latest?.generation,
      onError: (error) => this.events.emit('error', { during: 'registration', error }),
    });
    const http = await serveHttp(context, parts, queues.rebuild, this.identity);
    this.#url = http?.url;
    stack.add(async () => (this.#url = undefined));
    const services = servicesOf(context, parts, registration, http);
    for (const service of services) await stack.start(service, signal);
    // All at once: what takes long ends at the same moment. The row of a worker stays until its services have ended.
    const stopAll = (): void => {
      for (const service of services) if (service !== registration) void service.stop().catch(() => {});
    };
    signal.addEventListener('abort', stopAll, { once: true });
    this.#stopWhenOutdated(stack, parts.pool);
    parts.signals.lookForBuilds();
    this.#log.info('the worker runs');
    stack.add(async () => this.#log.info('the worker stops'));
  }

  /** A newer version of segmentd migrated the schema, or it was dropped: this worker would only fail from here on. */
  #stopWhenOutdated(stack: Stack, pool: Pool): void {
    let reported = false;
    let missed = 0;
    const report = (failure: Failure): void => {
      if (reported) return;
      reported = true;
      this.events.emit('outdated', failure);
      void this.stop().catch(() => {});
    };
    const reportDropped = async (): Promise<void> => {
      const { isDropped } = await import('../postgres/migrate.ts');
      if (await isDropped(pool)) report(new Failure('failed', DROPPED));
    };
    const onError = ({ error }: { readonly error: unknown }): void => {
      if (error instanceof Failure && error.code === 'incompatible') report(error);
      if (!isNoTable(error) || (missed += 1) < 2) return;
      // The same states come of a table of the team, and while our schema is renamed: only its absence is final.
      void reportDropped().catch(() => {});
    };
    this.events.on('error', onError);
    stack.add(async () => void this.events.off('error', onError));
  }

  async #prepare(context: Context): Promise<void> {
    const { openParts } = await import('./compose.ts');
    const { stack, signal } = context;
    const parts = await openParts(context);
    this.#prepared = { parts, signal };
    stack.add(async () => {
      this.#prepared = undefined;
      await this.#pass;
    });
  }
}

/** A connection that ended between two statements has no sentence of its own. */
function whileStarting(error: unknown): unknown {
  const cut =
    isCutConnection(error) || /^(08|57P|53300)/.test(sqlState(error) ?? '') || /^E[A-Z]+$/.test(codeOf(error));
  return cut && !(error instanceof Failure)
    ? new Failure('unreachable', 'The connection to Postgres ended while the worker started.', { cause: error })
    : error;
}

/** A worker that is not started yet. The public API refuses options that are none (api/create-worker.ts). */
export function createWorker(options: WorkerOptions & WorkerHooks): Worker {
  return new Worker(options);
}

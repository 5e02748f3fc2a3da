/**
 * The composition root: pool, registry, listener, drain loop, sweeper, auditor, keeper, catalogue watch. `start` may be called again after
 * `stop`; `stop` before `start` is harmless. Everything it holds is on Postgres' side of a crash: kill it at any moment.
 */
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { keepEvents, keepRuns } from '../audit/retention.ts';
import { Failure, LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import { createRepeats, silentLog, type Log } from '../base/log.ts';
import type { Endpoint } from '../base/option.ts';
import { refuseHiddenRows, withoutHidden } from '../capture/access.ts';
import { planSources } from '../capture/source.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { refuseFilter } from '../condition/check-filter.ts';
import { createListener, type Listener } from '../postgres/listen.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { POOLER, sharesBackends } from '../postgres/pooler.ts';
import { refuseStandby } from '../postgres/standby.ts';
import type { ExportQueue } from '../queue/export-queue.ts';
import type { RebuildQueue } from '../queue/rebuild-queue.ts';
import type { DrainOptions } from '../recheck/drain.ts';
import { CONNECTIONS, type RebuildOptions } from '../rebuild/rebuild.ts';
import type { GuardLimits } from '../segment/guard.ts';
import { Registry } from '../segment/registry.ts';
import type { SweepOptions } from '../sweep/sweep.ts';
import { Auditor } from './auditor.ts';
import { CatalogueWatch, judgeAgain } from './catalogue-watch.ts';
import { Drainer } from './drainer.ts';
import { createEvents, type WorkerEmitter } from './event.ts';
import type { HttpServer } from './http.ts';
import { Keeper } from './keeper.ts';
import { Scheduler } from './scheduler.ts';
import { Sweeper } from './sweeper.ts';
import { noteTroubles, type TroubleNotes } from './trouble.ts';

export interface WorkerOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  /** Reads the catalogue as the database is now; called at start, and again when the team's tables seem changed. */
  readonly loadCatalogue: (pool: Pool, options: { readonly tolerant: boolean }) => Promise<Catalogue>;
  readonly log?: Log;
  /** Changes a batch, 1,000 by default. */
  readonly batchSize?: number;
  /** Milliseconds, 250 by default. */
  readonly pollInterval?: number;
  /** Connections that read the contacts while segments are rebuilt, 2 by default. */
  readonly rebuildConnections?: number;
  /** Milliseconds in which the rolling audit compares all contacts, a day by default; 0: it does not run. */
  readonly auditPeriod?: number;
  /** Edits that move more are held until they are confirmed; 30 % and 1,000 members by default. */
  readonly guard?: GuardLimits;
  /** Whole months for which membership events are kept, 24 by default; 0: for ever. */
  readonly eventMonths?: number;
  /** Scheduled exports are written below this folder; default `export` in the current one. */
  readonly exportFolder?: string;
  /** Where /healthz, /readyz and /metrics are served; absent: nowhere. */
  readonly http?: Endpoint | undefined;
  /** Drain loops, each with a connection, 1 by default. */
  readonly drains?: number;
  /** False: no LISTEN and an unarmed doorbell; the poll alone must do. */
  readonly doorbell?: boolean;
  /** Replaces BullMQ; `null`: builds are driven from Postgres alone. */
  readonly queue?: RebuildQueue | null;
  /** Tests stop the flows at their steps. */
  readonly failpoint?: { readonly drain?: DrainOptions['at']; readonly rebuild?: RebuildOptions['at']; readonly sweep?: SweepOptions['at'] };
}

const WATCH_MS = 5_000;
const HOUR_MS = 3_600_000;
const GUARD: GuardLimits = { percent: 30, members: 1_000 };
const EVENT_MONTHS = 24;
const DAY_MS = 86_400_000;
const PATIENCE_MS = 60_000;
const AGAIN_MS = 100;

interface Running {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly drainers: readonly Drainer[];
  readonly keeper: Keeper;
  readonly sweeper: Sweeper;
  readonly auditor: Auditor;
  readonly scheduler: Scheduler;
  readonly listener?: Listener;
  readonly watch: CatalogueWatch;
  readonly troubles: TroubleNotes;
  readonly queue?: RebuildQueue;
  http?: HttpServer & { stopping(): void };
  timer?: NodeJS.Timeout;
  /** performance.now() at the last look at the months of the event log. */
  monthsAt?: number;
}

export class Worker {
  readonly events: WorkerEmitter = createEvents();
  readonly #options: WorkerOptions;
  #running: Promise<Running> | undefined;
  #started: Promise<void> | undefined;
  #url: string | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { log = silentLog } = options;
    const again = createRepeats();
    this.events.on('error', ({ during, error }) => {
      if (error instanceof Failure && error.code === 'incompatible') this.events.emit('outdated', error);
      const repeats = again(`${during} ${sqlState(error) ?? (error instanceof Error ? error.message : '')}`);
      if (repeats !== undefined) log.warn({ err: error, during, ...(repeats > 0 ? { repeats } : {}) }, 'tried again');
    });
    this.events.on('frozen', ({ segments }) => log.error({ segments }, 'segments frozen: their condition cannot be evaluated'));
    this.events.on('rebuilt', (rebuilt) => log.info(rebuilt, 'rebuilt'));
    this.events.on('held', (held) => log.warn(held, 'an edit moves many members and is held; segmentd edit KEY --yes lets it through'));
    this.events.on('drift', ({ sentences }) => log.warn({ sentences }, 'the tables changed where no trigger sees it; what reads them is rebuilt. See segmentd doctor'));
    this.events.on('audited', ({ segments, differences }) => {
      if (differences > 0) log.warn({ segments, differences }, 'members differed from their conditions; they are being repaired');
    });
    this.events.on('exported', (exported) => log.info(exported, 'exported'));
    this.events.on('exportFailed', ({ error, again, ...run }) => log.warn({ err: error, ...run }, again ? 'an export failed and is tried again' : 'an export failed; segmentd schedule runs says why'));
    this.events.on('catalogue', () => log.warn('the tables changed; the catalogue was read again'));
  }

  /** Again while it runs, nothing happens; after it failed, it is tried again. @throws {Failure} when Postgres cannot be reached or the catalogue does not fit */
  start(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    return this.#started;
  }

  async #start(): Promise<void> {
    const running = await (this.#running ??= this.#open(true));
    await this.#serve(running);
    for (const drainer of running.drainers) drainer.start();
    running.sweeper.start();
    running.auditor.start();
    await running.keeper.start();
    await running.scheduler.start();
    // The first connection may fail as any later one may: the poll goes on meanwhile.
    running.listener?.start().catch((error: unknown) => this.events.emit('error', { during: 'listen', error }));
    running.timer ??= setInterval(() => this.#watch(running), WATCH_MS);
    running.keeper.look();
  }

  /** Drains, finishes what is owed, and returns; needs no queue. */
  async once(): Promise<void> {
    const running = await (this.#running ??= this.#open(false));
    const [drainer] = running.drainers;
    const work = async (): Promise<void> => {
      do await this.#patiently(async () => drainer?.once());
      while ((await this.#patiently(() => running.keeper.once())) > 0);
    };
    await work();
    // What crosses from now on is left to the next run; a sweep may ask for rebuilds.
    for (let until: string | undefined; ; ) {
      const pass = await this.#patiently(() => running.sweeper.once(until));
      until = pass.until;
      await work();
      if (pass.done) break;
    }
    await this.#keepEvents(running);
    await running.scheduler.once();
  }

  /** A lock that is not had in time is tried for again, as the loops of `start` do, but not for ever. */
  async #patiently<T>(step: () => Promise<T>): Promise<T> {
    for (const end = performance.now() + PATIENCE_MS; ; ) {
      try {
        return await step();
      } catch (error) {
        if (sqlState(error) !== LOCK_NOT_AVAILABLE || performance.now() > end) throw error;
        this.events.emit('error', { during: 'once', error });
        await delay(AGAIN_MS);
      }
    }
  }

  async stop(): Promise<void> {
    const opening = this.#running;
    this.#running = undefined;
    this.#started = undefined;
    const running = await opening?.catch(() => undefined);
    if (!running) return;
    clearInterval(running.timer);
    running.http?.stopping();
    await running.listener?.stop();
    await running.scheduler.stop();
    await running.auditor.stop();
    await running.sweeper.stop();
    await Promise.all(running.drainers.map((drainer) => drainer.stop()));
    await running.keeper.stop();
    await running.troubles.stop();
    this.#url = undefined;
    await running.http?.close();
    await running.pool.end();
  }

  /** Where it serves /healthz, /readyz and /metrics, while it runs with `http`. */
  get url(): string | undefined {
    return this.#url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #open(withQueue: boolean): Promise<Running> {
    const { databaseUrl, loadCatalogue, batchSize = 1_000, pollInterval = 250, rebuildConnections = CONNECTIONS, auditPeriod = DAY_MS, guard = GUARD, drains = 1, doorbell = true, failpoint } = this.#options;
    const { events } = this;
    const pool = await openPool(databaseUrl, { max: drains + 9 + rebuildConnections, applicationName: 'segmentd worker', onError: (error) => events.emit('error', { during: 'idle connection', error }) });
    try {
      if (await sharesBackends(pool)) throw new Failure('incompatible', `${POOLER} Point DATABASE_URL at Postgres itself, or at session pooling.`);
      await refuseStandby(pool, 'A worker');
      await refuseOtherSchema(pool);
      const catalogue = await this.#catalogue(pool);
      await refuseHiddenRows(pool, planSources(catalogue), { own: true });
      await judgeAgain(pool, catalogue);
      const registry = new Registry(catalogue);
      const watch = new CatalogueWatch(pool, registry, async () => withoutHidden(pool, await loadCatalogue(pool, { tolerant: true })), () => events.emit('catalogue'));
      const onDrift = () => watch.refresh();
      const queue = withQueue ? await this.#queue() : undefined;
      const keeper = new Keeper(pool, registry, { events, onDrift, onRefusal: () => watch.refresh(), guard, connections: rebuildConnections, ...(queue ? { queue } : {}), ...(failpoint?.rebuild ? { at: failpoint.rebuild } : {}) });
      // `once` judges and builds by itself; another judge or builder beside it would only be in its way.
      const onKeep = (): void => (withQueue ? keeper.look() : undefined);
      const drainers = Array.from(
        { length: drains },
        () => new Drainer(pool, registry, { batchSize, pollInterval, events, onDrift, onBehind: () => watch.mend(), onKeep, swept: () => sweeper.clean, ...(failpoint?.drain ? { at: failpoint.drain } : {}) }),
      );
      const ring = (): void => {
        for (const drainer of drainers) drainer.ring();
      };
      const sweeper = new Sweeper(pool, registry, { pollInterval, events, onDrift, onBehind: () => watch.mend(), onQueued: ring, ...(failpoint?.sweep ? { at: failpoint.sweep } : {}) });
      const auditor = new Auditor(pool, registry, { period: auditPeriod, events, onQueued: ring });
      const exports = withQueue ? await this.#exportQueue() : undefined;
      const scheduler = new Scheduler(pool, { catalogue: () => registry.catalogue, folder: resolve(this.#options.exportFolder ?? 'export'), events, ...(exports ? { queue: exports } : {}) });
      // What a flip queued for dependents need not wait for the poll.
      events.on('rebuilt', ring);
      const listener = withQueue && doorbell
        ? createListener(databaseUrl, { onRing: ring, onConnected: ring, onError: (error) => events.emit('error', { during: 'listen', error }) })
        : undefined;
      return { pool, registry, drainers, keeper, sweeper, auditor, scheduler, watch, troubles: noteTroubles(pool, events), ...(queue ? { queue } : {}), ...(listener ? { listener } : {}) };
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  async #serve(running: Running): Promise<void> {
    const { http, log = silentLog } = this.#options;
    if (!http || running.http) return;
    const { pool, registry, sweeper, queue } = running;
    const [{ serveHttp }, { Readiness }, { Metrics }] = await Promise.all([import('./http.ts'), import('./readiness.ts'), import('./metrics.ts')]);
    const readiness = new Readiness(pool, registry, this.events);
    const metrics = new Metrics({ pool, events: this.events, swept: () => sweeper.clean, queue: queue && (() => queue.health()) });
    const server = await serveHttp(http, readiness, metrics);
    running.http = { ...server, stopping: () => readiness.stopping() };
    this.#url = server.url;
    log.info({ url: server.url }, 'serving /healthz, /readyz and /metrics');
  }

  /** A config that does not fit entirely stops the segments that read the misfit, not the worker; but all of them have the base filter. */
  async #catalogue(pool: Pool): Promise<Catalogue> {
    const { loadCatalogue, log = silentLog } = this.#options;
    let mistakes: string | undefined;
    const catalogue = await loadCatalogue(pool, { tolerant: false }).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      mistakes = error.message;
      return loadCatalogue(pool, { tolerant: true });
    });
    refuseFilter(catalogue);
    if (mistakes !== undefined) log.error({ mistakes }, 'the config does not fit the database; what it names in vain is left out');
    return catalogue;
  }

  async #queue(): Promise<RebuildQueue | undefined> {
    const { queue, databaseUrl, redisUrl } = this.#options;
    if (queue === null) return undefined;
    if (queue) return queue;
    // BullMQ takes a while to load; `segmentd list` and `run --once` do without it.
    const { createRebuildQueue } = await import('../queue/rebuild-queue.ts');
    return createRebuildQueue({
      databaseUrl,
      ...(redisUrl === undefined ? {} : { redisUrl }),
      onError: (error) => this.events.emit('error', { during: 'queue', error }),
    });
  }

  /** A test's own queue, or none, is for rebuilds; exports then go without. */
  async #exportQueue(): Promise<ExportQueue | undefined> {
    const { queue, databaseUrl, redisUrl } = this.#options;
    if (queue !== undefined) return undefined;
    const { createExportQueue } = await import('../queue/export-queue.ts');
    return createExportQueue({
      databaseUrl,
      ...(redisUrl === undefined ? {} : { redisUrl }),
      onError: (error) => this.events.emit('error', { during: 'export queue', error }),
    });
  }

  async #keepEvents({ pool }: Running): Promise<void> {
    await keepEvents(pool, this.#options.eventMonths ?? EVENT_MONTHS);
    await keepRuns(pool);
  }

  #watch(running: Running): void {
    void this.#inspect(running.watch);
    if (performance.now() - (running.monthsAt ?? -Infinity) > HOUR_MS) {
      running.monthsAt = performance.now();
      this.#keepEvents(running).catch((error: unknown) => this.events.emit('error', { during: 'retention', error }));
    }
    running.keeper.look();
  }

  async #inspect(watch: CatalogueWatch): Promise<void> {
    try {
      const drift = await watch.inspect();
      if (drift.length > 0) this.events.emit('drift', { sentences: drift.map((one) => one.sentence) });
    } catch (error) {
      this.events.emit('error', { during: 'watch', error });
    }
  }
}

export function createWorker(options: WorkerOptions): Worker {
  return new Worker(options);
}

/**
 * The parts of a worker, put together: pool, catalogue, registry and the loops on them. Each `open` makes new ones, so
 * that nothing of one run is left in the next. What is opened is on the stack at once, and the stack closes it in the
 * reverse order.
 */
import { Failure } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Stack } from '../base/service.ts';
import { createTurns, type Turns } from '../base/turn.ts';
import { refuseHiddenRows, withoutHiddenRelations } from '../capture/hidden-rows.ts';
import { planSources } from '../capture/source.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { noPublicationFailure, readPublication, resolvePublication } from '../catalogue/published-catalogue.ts';
import type { ResolveOptions } from '../catalogue/resolve-catalogue.ts';
import { refuseFilter } from '../condition/check/check-filter.ts';
import { endInTime } from '../postgres/end-in-time.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { refuseStandby } from '../postgres/hot-standby.ts';
import type { RebuildQueue } from '../queue/rebuild-queue.ts';
import type { QueueServer } from '../queue/server.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import { Registry } from '../followed/registry.ts';
import { Auditor } from './auditor.ts';
import { CatalogueWatch } from './catalogue-watch.ts';
import { Drainer } from './drainer.ts';
import { subscribe, type WorkerEmitter } from './event.ts';
import { Keeper } from './keeper.ts';
import type { WorkerHooks } from './hook.ts';
import type { WorkerOptions, WorkerSettings } from './worker-setting.ts';
import type { Identity } from './registration.ts';
import { revalidate } from '../lifecycle/revalidate.ts';
import { Ranker } from './ranker.ts';
import { Scheduler } from './scheduler.ts';
import type { Signals } from './signal.ts';
import { Sweeper } from './sweeper.ts';
import { noteTroubles } from './note-trouble.ts';

export interface Context {
  readonly options: WorkerOptions & WorkerHooks;
  readonly settings: WorkerSettings;
  readonly events: WorkerEmitter;
  readonly log: Log;
  readonly stack: Stack;
  readonly signal: AbortSignal;
}

export interface Queues {
  readonly server?: QueueServer;
  readonly rebuild?: RebuildQueue;
  readonly exports?: TaskQueue;
  readonly ranks?: TaskQueue;
}

export interface Parts {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly signals: Signals;
  readonly drainers: readonly Drainer[];
  readonly keeper: Keeper;
  readonly sweeper: Sweeper;
  readonly auditor: Auditor;
  readonly scheduler: Scheduler;
  readonly ranker: Ranker;
  readonly watch: CatalogueWatch;
  /** For what a worker does now and then: all of it needs one connection. */
  readonly inTurn: Turns;
}

/** Milliseconds. An idle worker gives connections back soon; what it does every second has one. */
const IDLE_MS = 1_500;
/**
 * Connections beside those of drains and builds: sweep, listener, turns, the registration, and what a stop or a scrape
 * asks meanwhile.
 */
const OTHER_CONNECTIONS = 9;

/**
 * Opens the pool and makes the parts; starts none of them. @param queues absent: for `once`, which looks and builds by
 * itself
 */
export async function openParts(context: Context, queues?: Queues): Promise<Parts> {
  const { options, settings, events, signal } = context;
  const { batchSize, pollInterval, rebuildConnections, auditPeriod, guard, drains, exportFolder } = settings;
  const { failpoint } = options;
  const pool = await openWorkerPool(context, drains + OTHER_CONNECTIONS + rebuildConnections);
  const catalogue = await readCatalogue(context, pool);
  signal.throwIfAborted();
  await refuseHiddenRows(pool, planSources(catalogue), { own: true });
  await revalidate(pool, catalogue);
  signal.throwIfAborted();
  const registry = new Registry(catalogue, { strict: true });
  const watch = new CatalogueWatch(
    pool,
    registry,
    async () => withoutHiddenRelations(pool, await published(pool, { tolerant: true })),
    (change) => events.emit('catalogue', change),
  );
  const inTurn = createTurns();
  const signals: Signals = {
    wakeDrains: () => drainers.forEach((drainer) => drainer.wake()),
    lookForCrossings: () => sweeper.wake(),
    // `once` validates and builds by itself; the keeper's loop does not run then.
    lookForBuilds: () => keeper.look(),
    hasCatalogueChanged: (under) => watch.hasCatalogueChanged(under),
    catchUp: () => watch.catchUp(),
    rereadCatalogue: () => watch.refresh(),
    sweptUntil: () => sweeper.clean,
  };
  const keeper = new Keeper(pool, registry, {
    events,
    signals,
    inTurn,
    guard,
    connections: rebuildConnections,
    ...(queues?.rebuild ? { queue: queues.rebuild } : {}),
    ...(failpoint?.rebuild ? { at: failpoint.rebuild } : {}),
  });
  const sweeper = new Sweeper(pool, registry, {
    events,
    signals,
    pollInterval,
    ...(failpoint?.sweep ? { at: failpoint.sweep } : {}),
  });
  const newDrainer = (): Drainer =>
    new Drainer(pool, registry, {
      events,
      signals,
      batchSize,
      pollInterval,
      ...(failpoint?.drain ? { at: failpoint.drain } : {}),
    });
  const drainers = Array.from({ length: drains }, newDrainer);
  const auditor = new Auditor(pool, registry, { events, signals, inTurn, period: auditPeriod });
  const scheduler = new Scheduler(pool, {
    events,
    inTurn,
    catalogue: () => registry.catalogue,
    folder: exportFolder,
    ...(queues?.exports ? { queue: queues.exports } : {}),
  });
  const ranker = new Ranker(pool, {
    events,
    signals,
    inTurn,
    catalogue: () => registry.catalogue,
    ...(queues?.ranks ? { queue: queues.ranks } : {}),
    ...(failpoint?.rank ? { at: failpoint.rank } : {}),
  });
  // What a flip queued for dependents need not wait for the poll.
  const unsubscribe = subscribe(events, { rebuilt: () => signals.wakeDrains() });
  context.stack.add(async () => unsubscribe());
  const troubles = noteTroubles(pool, events);
  context.stack.add(() => troubles.stop());
  return { pool, registry, signals, drainers, keeper, sweeper, auditor, scheduler, ranker, watch, inTurn };
}

async function openWorkerPool({ options, events, stack, signal }: Context, max: number): Promise<Pool> {
  const cut = new AbortController();
  const pool = await openPool(options.databaseUrl, {
    max,
    applicationName: 'segmentd worker',
    idleTimeout: IDLE_MS,
    signal,
    cut: cut.signal,
    onError: (error) => events.emit('error', { during: 'idle connection', error }),
  });
  stack.add(endInTime(pool, signal, cut));
  await refuseStandby(pool, 'A worker');
  await refuseOtherSchema(pool);
  signal.throwIfAborted();
  return pool;
}

/**
 * A catalogue that does not fit the tables entirely stops the segments that read the misfit, not the worker; but all of
 * them have the base filter.
 */
async function readCatalogue({ options, log }: Context, pool: Pool): Promise<Catalogue> {
  let mistakes: string | undefined;
  const catalogue = await published(pool, {}, options.onPublication).catch((error: unknown) => {
    if (!(error instanceof Failure) || error.data === undefined) throw error;
    mistakes = error.message;
    return published(pool, { tolerant: true });
  });
  refuseFilter(catalogue);
  if (mistakes !== undefined)
    log.error({ mistakes }, 'the published catalogue does not fit the database; what it names in vain is left out');
  return catalogue;
}

/**
 * The newest published catalogue, held against the tables as they are now. @throws {Failure} `failed` when nothing is
 * published
 */
async function published(pool: Pool, fit: ResolveOptions, heard?: WorkerOptions['onPublication']): Promise<Catalogue> {
  const publication = await readPublication(pool);
  if (!publication) throw noPublicationFailure();
  await heard?.(publication.config);
  return resolvePublication(pool, publication, fit);
}

/** The queues of a worker that serves. A queue of the caller's, or none, is for rebuilds; exports then go without. */
export async function openQueues({ options, events, stack }: Context): Promise<Queues> {
  const { queue, databaseUrl, redisUrl } = options;
  if (queue !== undefined) return queue === null ? {} : { rebuild: queue };
  // BullMQ takes a while to load; `segmentd list` and `run --once` do without it.
  const [{ queueServer }, { createRebuildQueue }, { createExportQueue }, { createRankQueue }] = await Promise.all([
    import('../queue/server.ts'),
    import('../queue/rebuild-queue.ts'),
    import('../queue/export-queue.ts'),
    import('../queue/rank-queue.ts'),
  ]);
  const server = queueServer({
    databaseUrl,
    ...(redisUrl === undefined ? {} : { redisUrl }),
    onOutage: (reason) => events.emit('queue', { up: reason === undefined, place: server.place, reason }),
  });
  stack.add(() => server.close());
  const ofQueue = { databaseUrl, server } as const;
  return {
    server,
    rebuild: createRebuildQueue({ ...ofQueue, onError: (error) => events.emit('error', { during: 'queue', error }) }),
    exports: createExportQueue({
      ...ofQueue,
      onError: (error) => events.emit('error', { during: 'export queue', error }),
    }),
    ranks: createRankQueue({ ...ofQueue, onError: (error) => events.emit('error', { during: 'rank queue', error }) }),
  };
}

export interface Served {
  readonly url: string | undefined;
  /** Dates the transactions of now; to be called every few seconds, for scrapes are rare, or there are none. */
  note(): Promise<void>;
}

/** Serves /healthz, /readyz and /metrics from now on, where the options say so. */
export async function serveHttp(
  { options, events, log, stack, signal }: Context,
  { pool, registry, signals }: Parts,
  queue: RebuildQueue | undefined,
  identity: Identity,
): Promise<Served | undefined> {
  if (!options.http) return undefined;
  const [{ createHttpServer }, { Readiness }, { Metrics }] = await Promise.all([
    import('./http.ts'),
    import('./readiness.ts'),
    import('./metrics.ts'),
  ]);
  const readiness = new Readiness(pool, registry, events, identity);
  const metrics = new Metrics({
    version: identity.version,
    pool,
    events,
    swept: () => signals.sweptUntil(),
    queue: queue && (() => queue.health()),
  });
  const server = createHttpServer(options.http, readiness, metrics);
  stack.add(async () => metrics.stop());
  stack.add(async () => readiness.stop());
  signal.addEventListener('abort', () => readiness.stop(), { once: true });
  await stack.start(server, signal);
  log.info({ url: server.url }, 'serving /healthz, /readyz and /metrics');
  return { url: server.url, note: () => metrics.note() };
}

/**
 * The parts of a worker, put together: pool, catalogue, registry and the loops on them. Each `open` makes new ones, so that nothing
 * of one run is left in the next. What is opened is on the stack at once, and the stack closes it in the reverse order.
 */
import { resolve } from 'node:path';
import { Failure } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Stack } from '../base/service.ts';
import { createTurns, type Turns } from '../base/turn.ts';
import { refuseHiddenRows, withoutHiddenRelations } from '../capture/hidden-rows.ts';
import { planSources } from '../capture/source.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../catalogue/config.ts';
import { noPublicationFailure, readPublication, resolvePublication } from '../catalogue/published-catalogue.ts';
import type { ResolveOptions } from '../catalogue/resolve-catalogue.ts';
import { refuseFilter } from '../condition/check/check-filter.ts';
import { endInTime } from '../postgres/end-in-time.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { refuseStandby } from '../postgres/hot-standby.ts';
import type { ExportQueue } from '../queue/export-queue.ts';
import type { RebuildQueue } from '../queue/rebuild-queue.ts';
import type { QueueServer } from '../queue/server.ts';
import { CONNECTIONS } from '../rebuild/rebuild.ts';
import { GUARD_LIMITS } from '../lifecycle/guard.ts';
import { Registry } from '../followed/registry.ts';
import { Auditor } from './auditor.ts';
import { CatalogueWatch } from './catalogue-watch.ts';
import { Drainer } from './drainer.ts';
import { subscribe, type WorkerEmitter } from './event.ts';
import { Keeper } from './keeper.ts';
import type { Identity } from './registration.ts';
import { revalidate } from '../lifecycle/revalidate.ts';
import { Scheduler } from './scheduler.ts';
import { Sweeper } from './sweeper.ts';
import { noteTroubles } from './trouble.ts';
import type { WorkerOptions } from './worker.ts';

export interface Context {
  readonly options: WorkerOptions;
  readonly events: WorkerEmitter;
  readonly log: Log;
  readonly stack: Stack;
  readonly signal: AbortSignal;
}

export interface Queues {
  readonly server?: QueueServer;
  readonly rebuild?: RebuildQueue;
  readonly exports?: ExportQueue;
}

export interface Parts {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly drainers: readonly Drainer[];
  readonly keeper: Keeper;
  readonly sweeper: Sweeper;
  readonly auditor: Auditor;
  readonly scheduler: Scheduler;
  readonly watch: CatalogueWatch;
  /** Wakes the drains. */
  readonly ring: () => void;
  /** For what a worker does now and then: all of it needs one connection. */
  readonly inTurn: Turns;
}

const DAY_MS = 86_400_000;
/** An idle worker gives connections back soon; what it does every second has one. */
const IDLE_MS = 1_500;

/** Opens the pool and makes the parts; starts none of them. @param queues none: the keeper is asked to look by hand */
export async function openParts(context: Context, queues?: Queues): Promise<Parts> {
  const { options, events, signal } = context;
  const {
    batchSize = 1_000,
    pollInterval = 250,
    rebuildConnections = CONNECTIONS,
    auditPeriod = DAY_MS,
    guard = GUARD_LIMITS,
    drains = 1,
    failpoint,
  } = options;
  const pool = await openWorkerPool(context, drains + 9 + rebuildConnections);
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
    () => events.emit('catalogue'),
  );
  const onDrift = (_: string, under: Catalogue): Promise<boolean> => watch.explains(under);
  const onBehind = (): Promise<void> => watch.mend();
  const inTurn = createTurns();
  const keeper = new Keeper(pool, registry, {
    events,
    inTurn,
    onDrift,
    onBehind,
    onRefusal: () => watch.refresh(),
    guard,
    connections: rebuildConnections,
    ...(queues?.rebuild ? { queue: queues.rebuild } : {}),
    ...(failpoint?.rebuild ? { at: failpoint.rebuild } : {}),
  });
  // `once` validates and builds by itself; another validate or builder beside it would only be in its way.
  const onKeep = (): void => (queues ? keeper.look() : undefined);
  const ring = (): void => {
    for (const drainer of drainers) drainer.ring();
  };
  const sweeper = new Sweeper(pool, registry, {
    pollInterval,
    events,
    onDrift,
    onBehind,
    onQueued: ring,
    ...(failpoint?.sweep ? { at: failpoint.sweep } : {}),
  });
  const drainers = Array.from(
    { length: drains },
    () =>
      new Drainer(pool, registry, {
        batchSize,
        pollInterval,
        events,
        onDrift,
        onBehind,
        onKeep,
        swept: () => sweeper.clean,
        ...(failpoint?.drain ? { at: failpoint.drain } : {}),
      }),
  );
  const auditor = new Auditor(pool, registry, { period: auditPeriod, events, onQueued: ring, inTurn });
  const scheduler = new Scheduler(pool, {
    catalogue: () => registry.catalogue,
    folder: resolve(options.exportFolder ?? 'export'),
    events,
    inTurn,
    ...(queues?.exports ? { queue: queues.exports } : {}),
  });
  // What a flip queued for dependents need not wait for the poll.
  const unsubscribe = subscribe(events, { rebuilt: ring });
  context.stack.add(async () => unsubscribe());
  const troubles = noteTroubles(pool, events);
  context.stack.add(() => troubles.stop());
  return { pool, registry, drainers, keeper, sweeper, auditor, scheduler, watch, ring, inTurn };
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

/** A catalogue that does not fit the tables entirely stops the segments that read the misfit, not the worker; but all of them have the base filter. */
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

/** The newest published catalogue, held against the tables as they are now. @throws {Failure} `failed` when nothing is published */
async function published(pool: Pool, fit: ResolveOptions, heard?: (config: Config) => void): Promise<Catalogue> {
  const publication = await readPublication(pool);
  if (!publication) throw noPublicationFailure();
  heard?.(publication.config);
  return resolvePublication(pool, publication, fit);
}

/** The queues of a worker that serves. A queue of the caller's, or none, is for rebuilds; exports then go without. */
export async function openQueues({ options, events, stack }: Context): Promise<Queues> {
  const { queue, databaseUrl, redisUrl } = options;
  if (queue !== undefined) return queue === null ? {} : { rebuild: queue };
  // BullMQ takes a while to load; `segmentd list` and `run --once` do without it.
  const [{ queueServer }, { createRebuildQueue }, { createExportQueue }] = await Promise.all([
    import('../queue/server.ts'),
    import('../queue/rebuild-queue.ts'),
    import('../queue/export-queue.ts'),
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
  { pool, registry, sweeper }: Parts,
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
  const metrics = new Metrics({ pool, events, swept: () => sweeper.clean, queue: queue && (() => queue.health()) });
  const server = createHttpServer(options.http, readiness, metrics);
  stack.add(async () => metrics.stop());
  stack.add(async () => readiness.stop());
  signal.addEventListener('abort', () => readiness.stop(), { once: true });
  await stack.start(server, signal);
  log.info({ url: server.url }, 'serving /healthz, /readyz and /metrics');
  return { url: server.url, note: () => metrics.note() };
}

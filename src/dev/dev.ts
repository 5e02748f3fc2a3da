/**
 * `segmentd dev`: everything that segmentd is, on one machine, from nothing. An embedded Postgres unless a database is
 * named, the sample shop if that is empty, tables, triggers, sample segments, a worker, live traffic and the view. Tables
 * that are not the shop's belong to the team: they are used only with a config file and never written to.
 * Invariant: whatever was started here is stopped here, in the reverse order, also when a step in between fails.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { verify, type Verification } from '../audit/verify.ts';
import type { Log } from '../base/log.ts';
import type { Endpoint } from '../base/option.ts';
import { stacked } from '../base/service.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../catalogue/config.ts';
import { keyTypeOptions } from '../catalogue/key-type.ts';
import { parseConfig } from '../catalogue/load-config.ts';
import { resolveCatalogue } from '../catalogue/resolve-catalogue.ts';
import { refuseFilters } from '../condition/check/check-filter.ts';
import { readSegmentStatus, type SegmentStatus } from '../membership/segment-status.ts';
import { migrate } from '../postgres/migrate.ts';
import { openPool, type Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { publish } from '../publication/publish.ts';
import { migrateQueue } from '../queue/server.ts';
import { createSegment } from '../segment/create-segment.ts';
import { listSegments } from '../segment/read-segment.ts';
import { untilLive } from '../lifecycle/until-live.ts';
import { createWorker } from '../worker/worker.ts';
import { waitUntilVisible } from '../worker/wait.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { snapshotReader } from './dev-snapshot.ts';
import { viewHeading, writeShopConfig } from './dev-heading.ts';
import type { HeldLines } from './view/held-lines.ts';
import type { KeySource } from './view/keyboard.ts';
import { loadShop, shopState } from './shop/load-shop.ts';
import { SHOP_CONFIG, SHOP_RANKS } from './shop/shop-table.ts';
import { SAMPLE_SEGMENTS } from './shop/sample-segments.ts';
import { startTraffic } from './shop/traffic.ts';
import { ownTables, readTarget, stepLines, targetText } from './dev-target.ts';
import type { Screen } from './view/terminal-view.ts';
import { startView } from './view/view.ts';

export interface DevOptions {
  /** Absent: an embedded Postgres under `directory`. */
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** Of the team's own tables. */
  readonly config: Config | undefined;
  readonly directory: string;
  /** Milliseconds after which it stops by itself and verifies; absent: until `signal`. */
  readonly duration: number | undefined;
  readonly traffic: boolean;
  readonly poolSize: number;
  readonly batchSize: number;
  readonly pollInterval: number;
  readonly rebuildConnections: number;
  /** Of the worker's /healthz, /readyz and /metrics. */
  readonly http: Endpoint | undefined;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** How the other verbs are called from where this was, such as `segmentd`. */
  readonly command: string;
  /** How this one was called, so that flags may follow, such as `npm start --`. */
  readonly started: string;
  /** Where the view is drawn; plain lines when it is no terminal. */
  readonly screen: Screen;
  /** The log, when it goes to a terminal: it waits while the view is there. */
  readonly messages: HeldLines;
  /** Where keys come from. */
  readonly keys: KeySource;
  /** Path of the config file for the other verbs; absent when they find it by themselves. */
  readonly configPath: string | undefined;
  /** Called before anything is changed in a database that is not our own. Throws when that must not be. */
  readonly confirm: (plan: DevPlan) => Promise<void>;
  readonly say: (line: string) => void;
  /** Serves the page over that database; absent: no page. */
  readonly page?: (over: PagePlace) => Promise<ServedPage>;
  /** Long steps, 0 to 1. */
  readonly onProgress: (label: string, fraction: number) => void;
}

export interface PagePlace {
  readonly databaseUrl: string;
  readonly config: Config;
}

export interface ServedPage {
  /** A link that signs a browser in. */
  readonly link: () => string;
  readonly stop: () => Promise<void>;
}

export interface DevPlan {
  /** Which database, in words. */
  readonly place: string;
  /** What will be done, a line a step. */
  readonly steps: readonly string[];
}

export interface DevReport {
  readonly segments: readonly (SegmentStatus & Pick<Verification, 'checked' | 'missing' | 'extra'>)[];
  readonly drift: boolean;
  /** Keys of segments that are wanted live and are not. */
  readonly broken: readonly string[];
}

interface Started extends AsyncDisposable {
  readonly pool: Pool;
  readonly url: string;
  /** It is our own: there is no one to ask. */
  readonly embedded: boolean;
}

const BROKEN: ReadonlySet<string> = new Set(['building', 'failed', 'invalid']);

/** Returns the verification at the end of `duration`, nothing when it was stopped before. */
export async function dev(options: DevOptions): Promise<DevReport | undefined> {
  const quit = new AbortController();
  const signal = AbortSignal.any([options.signal, quit.signal]);
  await using database = await openDatabase(options);
  const { pool, url } = database;
  const { config, shop } = await prepare(options, database);
  const catalogue = await resolveCatalogue(pool, config);
  refuseFilters(catalogue);
  await setUp(options, pool, url, config, catalogue);
  if (shop) await createSamples(pool, catalogue);
  const file = shop ? await writeShopConfig(options, url) : undefined;

  await using worker = createWorker({
    databaseUrl: url,
    redisUrl: options.redisUrl,
    log: options.log,
    http: options.http,
    batchSize: options.batchSize,
    pollInterval: options.pollInterval,
    rebuildConnections: options.rebuildConnections,
  });
  if (signal.aborted) return undefined;
  await worker.start();
  if (worker.url !== undefined) options.say(`metrics at ${worker.url}/metrics`);

  const stop = await stacked(async (stack) => {
    const page = await options.page?.({ databaseUrl: url, config });
    if (page) stack.add(page.stop);
    const view = startView({
      screen: options.screen,
      keys: options.keys,
      messages: options.messages,
      snapshot: snapshotReader(pool, catalogue),
      heading: await viewHeading(pool, { ...options, url, catalogue, file, page: page?.link }),
      onEnd: () => {
        options.say('stopping');
        quit.abort();
      },
    });
    stack.add(() => view.stop());
    if (!shop || !options.traffic) return;
    const traffic = startTraffic(pool, {
      onError: (err) => options.log.warn({ err }, 'a change of the traffic failed'),
    });
    stack.add(() => traffic.stop());
  });
  try {
    await elapsed(options.duration, signal);
  } finally {
    await stop();
  }
  return options.duration === undefined || signal.aborted ? undefined : await finish(options, pool, catalogue, signal);
}

async function openDatabase(options: DevOptions): Promise<Started> {
  const { say, log } = options;
  const embedded =
    options.databaseUrl === undefined
      ? await startEmbeddedPostgres({
          directory: join(options.directory, 'postgres'),
          persistent: true,
          log: (line) => log.info(line),
        })
      : undefined;
  if (embedded)
    say(`Postgres of our own runs on port ${embedded.port}, its data in ${join(options.directory, 'postgres')}`);
  const url = options.databaseUrl ?? embedded?.url ?? '';
  try {
    const pool = await openPool(url, {
      max: options.poolSize,
      applicationName: 'segmentd dev',
      signal: options.signal,
      onError: (err) => log.warn({ err }, 'an idle connection broke'),
    });
    return {
      pool,
      url,
      embedded: embedded !== undefined,
      async [Symbol.asyncDispose]() {
        await pool.end();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/** The tables: the shop's, loaded if there is nothing yet, or the team's own. Asks before it changes a database of the team. */
async function prepare(
  options: DevOptions,
  { pool, url, embedded }: Started,
): Promise<{ readonly config: Config; readonly shop: boolean }> {
  const target = embedded ? undefined : await readTarget(pool, url, options);
  if (target) {
    await options.confirm({
      place: targetText(target),
      steps: stepLines(target, {
        config: options.config,
        traffic: options.traffic,
        queueInPostgres: options.redisUrl === undefined,
      }),
    });
  }
  const tables = target?.tables ?? (await shopState(pool));
  if (tables === 'other') {
    if (!options.config) throw ownTables(options);
    return { config: options.config, shop: false };
  }
  if (tables === 'empty') {
    await loadShop(pool, { onProgress: (done, all) => options.onProgress('loading the sample shop', done / all) });
    options.say('the sample shop is loaded');
  }
  return { config: parseConfig(`${SHOP_CONFIG}${SHOP_RANKS}`, 'the sample shop'), shop: true };
}

async function setUp(
  options: DevOptions,
  pool: Pool,
  databaseUrl: string,
  config: Config,
  catalogue: Catalogue,
): Promise<void> {
  await migrate(pool, keyTypeOptions(catalogue));
  await migrateQueue({ databaseUrl, ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }) });
  await publish(pool, config);
}

async function createSamples(pool: Pool, catalogue: Catalogue): Promise<void> {
  if ((await listSegments(pool)).length > 0) return; // a later start: what was deleted stays deleted
  await inTransaction(pool, {}, async (client) => {
    for (const sample of SAMPLE_SEGMENTS) await createSegment(client, catalogue, sample);
  });
}

async function elapsed(duration: number | undefined, signal: AbortSignal): Promise<void> {
  try {
    await pause(duration ?? 2 ** 31 - 1, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Drains, then proves every segment. */
async function finish(options: DevOptions, pool: Pool, catalogue: Catalogue, signal: AbortSignal): Promise<DevReport> {
  options.say('draining');
  const kept = (await listSegments(pool)).filter((segment) => segment.state === 'building' || segment.state === 'live');
  for (const { key } of kept) await untilLive(pool, key, { timeout: 120_000, signal });
  await waitUntilVisible(pool, { timeoutMs: 60_000 });
  const results = await verify(pool, catalogue, {
    onProgress: (fraction) => options.onProgress('verifying', fraction),
  });
  const verified = new Map(results.map((row) => [row.key, row]));
  const segments = (await readSegmentStatus(pool)).map((status) => {
    const { checked = 0, missing = [], extra = [] } = verified.get(status.key) ?? {};
    return { ...status, checked, missing, extra };
  });
  return {
    segments,
    drift: segments.some(differs),
    broken: segments.filter((row) => BROKEN.has(row.state)).map((row) => row.key),
  };
}

function differs(row: Pick<Verification, 'missing' | 'extra'>): boolean {
  return row.missing.length + row.extra.length > 0;
}

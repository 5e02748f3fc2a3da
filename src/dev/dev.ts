/**
 * `segmentd dev`: everything that segmentd is, on one machine, from nothing. An embedded Postgres unless a database is
 * named, the sample shop if that is empty, tables, triggers, sample segments, a worker, live traffic and the view. Tables
 * that are not the shop's belong to the team: they are used only with a config file and never written to.
 * Invariant: whatever was started here is stopped here, in the reverse order, also when a step in between fails.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { verify, type Verification } from '../audit/verify.ts';
import { Failure } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import type { Endpoint } from '../base/option.ts';
import { stacked } from '../base/service.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../catalogue/config.ts';
import { keyTypeOptions } from '../catalogue/key-type.ts';
import { parseConfig } from '../catalogue/load-config.ts';
import { resolveCatalogue } from '../catalogue/resolve-catalogue.ts';
import { refuseFilter } from '../condition/check/check-filter.ts';
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
import { devSnapshot } from './dev-snapshot.ts';
import { loadShop, shopState } from './shop/load-shop.ts';
import { SHOP_CONFIG } from './shop/shop-table.ts';
import { SAMPLE_SEGMENTS } from './shop/sample-segments.ts';
import { startTraffic } from './shop/traffic.ts';
import { startView, type Screen } from './view.ts';

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
  /** Where the view is drawn; plain lines when it is no terminal. */
  readonly screen: Screen;
  readonly say: (line: string) => void;
  /** Long steps, 0 to 1. */
  readonly onProgress: (label: string, fraction: number) => void;
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
}

const BROKEN: ReadonlySet<string> = new Set(['building', 'failed', 'invalid']);

/** Returns the verification at the end of `duration`, nothing when it was stopped before. */
export async function dev(options: DevOptions): Promise<DevReport | undefined> {
  const { signal } = options;
  await using database = await openDatabase(options);
  const { pool, url } = database;
  const { config, shop } = await prepare(options, pool);
  const catalogue = await resolveCatalogue(pool, config);
  refuseFilter(catalogue);
  await setUp(options, pool, url, config, catalogue);
  if (shop) await createSamples(pool, catalogue);
  const file = shop ? await writeConfig(options, url) : undefined;

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
    const view = startView({
      screen: options.screen,
      snapshot: () => devSnapshot(pool),
      heading: heading(options, url, file),
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
  return options.duration === undefined || signal.aborted ? undefined : await finish(options, pool, catalogue);
}

/** `file`: the config of the sample shop; absent: the tables are the team's own. */
function heading(options: DevOptions, url: string, file: string | undefined): readonly string[] {
  const tables = file !== undefined ? `the sample shop${options.traffic ? '' : ', no traffic'}` : 'your own tables';
  return [
    `segmentd dev · Ctrl-C ends everything · ${tables} · queue on ${options.redisUrl === undefined ? 'Postgres' : 'Redis'}`,
    `psql '${options.databaseUrl === undefined ? url : withoutPassword(url)}'`,
    'change a row there, and watch who enters and leaves',
    ...(file === undefined ? [] : [`${options.command} status --config ${relative('', file)}`]),
  ];
}

/** So that every other verb finds the sample shop; written anew at each start, since the port differs. Returns its path. */
async function writeConfig(options: DevOptions, url: string): Promise<string> {
  await mkdir(options.directory, { recursive: true });
  const file = join(options.directory, 'segmentd.yaml');
  const database = options.databaseUrl === undefined ? `settings: { database_url: ${JSON.stringify(url)} }\n` : '';
  // The URL has a password, so a file that is there keeps no rights of its own.
  await rm(file, { force: true });
  await writeFile(file, `# The sample shop; \`segmentd dev\` writes this at each start.\n${database}${SHOP_CONFIG}`, {
    mode: 0o600,
  });
  return file;
}

/** Of a server of their own people know it, and what is shown here ends in logs. */
function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
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
      onError: (err) => log.warn({ err }, 'an idle connection broke'),
    });
    return {
      pool,
      url,
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

/** The tables: the shop's, loaded if there is nothing yet, or the team's own. */
async function prepare(options: DevOptions, pool: Pool): Promise<{ readonly config: Config; readonly shop: boolean }> {
  const state = await shopState(pool);
  if (state === 'other') {
    if (!options.config) {
      throw new Failure(
        'usage',
        'This database has tables of its own, so the sample shop is not loaded into it; write a config file for them with `segmentd init`.',
      );
    }
    return { config: options.config, shop: false };
  }
  if (state === 'empty') {
    await loadShop(pool, { onProgress: (done, all) => options.onProgress('loading the sample shop', done / all) });
    options.say('the sample shop is loaded');
  }
  return { config: parseConfig(SHOP_CONFIG, 'the sample shop'), shop: true };
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
async function finish(options: DevOptions, pool: Pool, catalogue: Catalogue): Promise<DevReport> {
  const { signal } = options;
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

/**
 * A shop with segmentd on it: a copy of a template, migrated, captured, with segments; and worker processes as a team
 * would run them (`segmentd run`), whose peak memory is remembered.
 */
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { SHOP_CONFIG } from '../../src/dev/shop/shop-table.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { startCli } from '../support/process.ts';
import { until } from '../support/until.ts';
import type { CaptureSetting } from '../../src/catalogue/config.ts';
import type { Context } from './figure.ts';
import { peakMemory } from './measure.ts';
import type { BenchSegment } from './segments.ts';
import type { ShopSize } from './bench-server.ts';

export interface World {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly segmentd: Segmentd;
  readonly configFile: string;
  /** Creates segments and returns when all are live; a worker must run. */
  createSegments(segments: readonly BenchSegment[]): Promise<void>;
  startWorker(): Promise<BenchWorker>;
  /** Returns when nothing is left to drain. */
  settled(): Promise<void>;
  drop(): Promise<void>;
}

export interface BenchWorker {
  readonly pid: number;
  /** Ends the process and remembers its peak memory. */
  stop(): Promise<void>;
}

let worlds = 0;

export async function createWorld(
  context: Context,
  size: ShopSize,
  options: { readonly set?: 'bare' | 'migrated' | 'captured'; readonly capture?: CaptureSetting | undefined } = {},
): Promise<World> {
  const name = `bench_${++worlds}`;
  const url = await context.server.copyShop(size, name);
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-bench-'));
  const configFile = join(folder, 'segmentd.yaml');
  await writeFile(configFile, SHOP_CONFIG);
  const pool = new pg.Pool({ connectionString: url, max: 20 });
  pool.on('error', () => {});
  const segmentd = createSegmentd({ databaseUrl: url, config: configFile });
  const { set = 'captured' } = options;
  if (set !== 'bare') await segmentd.admin.migrate();
  if (set === 'captured') await segmentd.admin.install({ capture: options.capture });
  const workers = new Set<BenchWorker>();
  return {
    url,
    pool,
    segmentd,
    configFile,
    async createSegments(segments) {
      for (const { key, condition } of segments) await segmentd.segments.create({ key, condition });
      await until(
        async () =>
          (await pool.query(`select from segmentd.segment where state not in ('live', 'deleted')`)).rowCount === 0,
        {
          timeout: 600_000,
          interval: 100,
          message: 'all segments live',
        },
      );
    },
    async startWorker() {
      const child = startCli(['run', '--config', configFile, '--database-url', url], { env: { REDIS_URL: undefined } });
      const worker: BenchWorker = {
        pid: child.pid,
        async stop() {
          workers.delete(worker);
          context.memory.push(await peakMemory(child.pid));
          const ended = await child.kill('SIGTERM');
          if (ended.code !== 0)
            throw new Error(`the worker ended with ${ended.code ?? ended.signal}: ${ended.stderr.slice(-2_000)}`);
        },
      };
      workers.add(worker);
      // The worker says that it is asleep by holding the doorbell's lock; before, it drains whatever it found.
      await until(async () => (await pool.query(ASLEEP)).rowCount !== 0, { timeout: 60_000, message: 'the worker' });
      return worker;
    },
    async settled() {
      await segmentd.admin.wait({ timeout: 600_000 });
    },
    async drop() {
      for (const worker of workers) await worker.stop();
      await segmentd.close();
      await pool.end();
      await context.server.admin(`drop database ${name} with (force)`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ASLEEP = `select from pg_catalog.pg_locks where locktype = 'advisory' and classid = 7361 and objid = 1 and mode = 'ExclusiveLock' and granted
  and database = (select oid from pg_catalog.pg_database where datname = current_database())`;

/**
 * Contacts, their orders and the items of those, captured, with a clock that the test sets. Flows are called directly, one
 * step at a time; nothing runs by itself.
 */
import { expect } from 'vitest';
import { install } from '../../src/capture/install.ts';
import type { Catalogue, KeyType } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { verify } from '../../src/audit/verify.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import type { WorkerHooks } from '../../src/worker/hook.ts';
import type { WorkerOptions } from '../../src/worker/worker-setting.ts';
import { createWorker, type Worker } from '../../src/worker/worker.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { publishConfig } from '../support/publish.ts';
import { setClock, TEST_CLOCK } from './clock.ts';
import { CONFIG, TABLES } from './world-table.ts';

export interface SweepWorld {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  query: TestDatabase['query'];
  /** Sets the clock of segmentd; instants are texts that Postgres reads. */
  at(instant: string): Promise<void>;
  create(key: string, condition: unknown, timezone?: string): Promise<void>;
  edit(key: string, condition: unknown): Promise<void>;
  /** Builds what is owed, drains, and, with `sweep`, sweeps until nothing crosses. */
  settle(): Promise<void>;
  members(key: string): Promise<string[]>;
  /** Fails on any difference between stored and recomputed membership at the present. */
  exact(): Promise<void>;
  worker(options?: Partial<WorkerOptions & WorkerHooks>): Worker;
  end(): Promise<void>;
}

export async function sweepWorld(
  options: {
    readonly tables?: string;
    readonly config?: string;
    readonly clock?: 'test' | 'real';
    readonly keyType?: KeyType;
  } = {},
): Promise<SweepWorld> {
  const database = await createDatabase({ template: 'migrated', keyType: options.keyType ?? 'bigint' });
  const pool = await openPool(database.url, { max: 8, applicationName: 'sweep world' });
  await pool.query(options.tables ?? TABLES);
  if (options.clock !== 'real') await pool.query(TEST_CLOCK);
  const config = parseConfig(options.config ?? CONFIG, 'segmentd.yaml');
  const catalogue = await resolveCatalogue(pool, config);
  await install(pool, catalogue);
  await publishConfig(pool, config);
  const worker = (more: Partial<WorkerOptions & WorkerHooks> = {}): Worker =>
    createWorker({ databaseUrl: database.url, queue: null, ...more });
  const once = worker();
  const errors: unknown[] = [];
  once.events.on('error', ({ during, error }) => errors.push(new Error(during, { cause: error })));
  return {
    database,
    pool,
    catalogue,
    query: database.query,
    at: (instant) => setClock(pool, instant),
    async create(key, condition, timezone) {
      await pool.query('insert into segmentd.segment (key, condition, timezone) values ($1, $2, $3)', [
        key,
        JSON.stringify(condition),
        timezone ?? null,
      ]);
    },
    async edit(key, condition) {
      await pool.query('update segmentd.segment set condition = $2 where key = $1', [key, JSON.stringify(condition)]);
    },
    async settle() {
      await once.once();
      expect(errors).toEqual([]);
    },
    async members(key) {
      const { rows } = await pool.query<{ contact_id: string }>(
        'select m.contact_id::text as contact_id from segmentd.member m where m.segment_key = $1 order by m.contact_id',
        [key],
      );
      return rows.map((row) => row.contact_id);
    },
    async exact() {
      const found = await verify(pool, catalogue, { patience: 0 });
      expect(found.filter((one) => one.missing.length + one.extra.length + one.pending > 0)).toEqual([]);
    },
    worker,
    async end() {
      await once.stop();
      await pool.end();
      await database.drop();
    },
  };
}

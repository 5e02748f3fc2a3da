/**
 * The bench's own Postgres, with durability on and memory as a small server has. Its shops are kept between runs as
 * template databases; a world (world.ts) is a copy of one.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { loadShop } from '../../src/dev/shop/load-shop.ts';

const SETTINGS = {
  max_connections: '100',
  max_locks_per_transaction: '128',
  shared_buffers: '1GB',
  effective_cache_size: '4GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  wal_compression: 'on',
  max_parallel_workers_per_gather: '0',
  random_page_cost: '1.1',
  work_mem: '16MB',
  maintenance_work_mem: '512MB',
  log_min_messages: 'fatal',
} as const;

export interface ShopSize {
  readonly contacts: number;
  readonly orders: number;
}

export interface BenchServer {
  readonly about: string;
  /** Runs one statement outside of any world. */
  admin(statement: string): Promise<void>;
  /** A new database with a shop of this size; its URL. */
  copyShop(size: ShopSize, name: string): Promise<string>;
  urlOf(database: string): string;
  stop(): Promise<void>;
}

export async function startBenchServer(note: (text: string) => void): Promise<BenchServer> {
  const given = process.env['BENCH_DATABASE_URL'];
  const embedded =
    given === undefined
      ? await startEmbeddedPostgres({
          directory: process.env['BENCH_DIRECTORY'] ?? join(process.cwd(), '.segmentd', 'bench'),
          persistent: true,
          settings: SETTINGS,
          log: note,
        })
      : undefined;
  const base = given ?? embedded?.url ?? '';
  const urlOf = (database: string): string => {
    const url = new URL(base);
    url.pathname = `/${database}`;
    return url.href;
  };
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: base });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const version = new pg.Client({ connectionString: base });
  await version.connect();
  const { rows } = await version.query<{ version: string }>(`select current_setting('server_version') as version`);
  await version.end();
  return {
    about: `Postgres ${rows[0]?.version ?? '?'}, Node ${process.versions.node}, ${availableParallelism()} cores`,
    admin,
    urlOf,
    async copyShop(size, name) {
      const template = await shopTemplate(size, base, urlOf, admin, note);
      await admin(`drop database if exists ${name} with (force)`);
      await admin(`create database ${name} template ${template} strategy file_copy`);
      return urlOf(name);
    },
    stop: async () => embedded?.stop(),
  };
}

async function shopTemplate(
  size: ShopSize,
  base: string,
  urlOf: (database: string) => string,
  admin: (statement: string) => Promise<void>,
  note: (text: string) => void,
): Promise<string> {
  const name = `shop_${size.contacts}_${size.orders}`;
  const client = new pg.Client({ connectionString: base });
  await client.connect();
  const { rowCount } = await client.query('select from pg_catalog.pg_database where datname = $1', [name]);
  await client.end();
  if (rowCount !== 0) return name;
  note(`loading a shop of ${size.contacts} contacts and ${size.orders} orders`);
  await admin(`drop database if exists ${name}_draft with (force)`);
  await admin(`create database ${name}_draft template template0`);
  const pool = new pg.Pool({ connectionString: urlOf(`${name}_draft`), max: 2 });
  try {
    await loadShop(pool, { contacts: size.contacts, orders: size.orders, pageViews: 0 });
  } finally {
    await pool.end();
  }
  await admin(`alter database ${name}_draft rename to ${name}`);
  return name;
}

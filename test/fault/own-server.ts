/** A Postgres of a test's own, to be crashed; with a migrated database on it. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import type { TestDatabase } from '../support/database.ts';
import { testBinaries } from '../support/server.ts';

/** `fsync` off is safe here too: a crash ends the processes, not the machine. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '60',
  shared_buffers: '64MB',
  log_min_messages: 'fatal',
} as const;

export interface OwnServer {
  readonly server: EmbeddedPostgres;
  /** Its `drop` also stops the server. */
  readonly database: TestDatabase;
}

/** `settings`: of the server, beside ours. */
export async function startOwnServer(settings: Readonly<Record<string, string>> = {}): Promise<OwnServer> {
  const binaries = await testBinaries();
  const server = await startEmbeddedPostgres({
    directory: await mkdtemp(join(tmpdir(), 'segmentd-fault-')),
    persistent: false,
    settings: { ...SETTINGS, ...settings },
    ...(binaries === undefined ? {} : { binaries }),
  });
  const setup = await openPool(server.url, { max: 1 });
  await migrate(setup, { keyType: 'bigint' });
  await setup.end();
  const pool = new pg.Pool({ connectionString: server.url, max: 10 });
  pool.on('error', () => {});
  const database: TestDatabase = {
    url: server.url,
    name: 'postgres',
    pool,
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      return (await pool.query<Row>(text, [...values])).rows;
    },
    async drop() {
      await pool.end();
      await server.stop();
    },
  };
  return { server, database };
}

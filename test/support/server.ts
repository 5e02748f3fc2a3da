/**
 * One Postgres for the whole run of the tests (vitest globalSetup). Workers get its URL; each test file makes its own
 * database on it (database.ts). `TEST_DATABASE_URL` uses a running server, `TEST_POSTGRES=15` the binaries of a Debian
 * package, `TEST_POSTGRES=/some/bin` those of a folder.
 */
import { randomBytes } from 'node:crypto';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { nameFolder } from './plain-code.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
    /** Major version, for what a team can only write on newer ones. */
    serverVersion: number;
    /** Names this run's template databases. */
    run: string;
  }
}

/** Fast and roomy. `fsync` off is safe here: a test that crashes Postgres kills its processes, not the machine. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  max_prepared_transactions: '10',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  autovacuum_naptime: '10s',
  log_min_messages: 'fatal',
  log_min_error_statement: 'panic',
} as const;

export async function testBinaries(): Promise<string | undefined> {
  const wanted = process.env['TEST_POSTGRES'];
  if (!wanted) return undefined;
  const folder = /^\d+$/.test(wanted) ? `/usr/lib/postgresql/${wanted}/bin` : wanted;
  await access(join(folder, 'postgres'), constants.X_OK).catch((cause: unknown) => {
    throw new Error(`TEST_POSTGRES=${wanted}: there is no postgres to run in ${folder}`, { cause });
  });
  return folder;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = randomBytes(4).toString('hex');
  project.provide('run', run);
  const plainCode = nameFolder(run);
  const stop = await startServer(project, run);
  return async () => {
    await stop();
    await rm(plainCode, { recursive: true, force: true });
  };
}

/** Returns what ends it. */
async function startServer(project: TestProject, run: string): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) {
    project.provide('databaseUrl', given);
    project.provide('serverVersion', await versionOf(given));
    return () => dropTemplates(given, run);
  }
  const binaries = await testBinaries();
  const server = await startEmbeddedPostgres({
    directory: await mkdtemp(join(tmpdir(), 'segmentd-test-')),
    persistent: false,
    settings: SETTINGS,
    ...(binaries === undefined ? {} : { binaries }),
  });
  project.provide('databaseUrl', server.url);
  project.provide('serverVersion', await versionOf(server.url));
  return () => server.stop();
}

async function versionOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ major: number }>(
    `select current_setting('server_version_num')::integer / 10000 as major`,
  );
  await client.end();
  const [server] = rows;
  if (server === undefined) throw new Error('no version');
  return server.major;
}

/** On a server that outlives the run. */
async function dropTemplates(url: string, run: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_catalog.pg_database where datname like $1',
    [`template_${run}_%`],
  );
  for (const { datname } of rows) await client.query(`drop database if exists ${datname}`);
  await client.end();
}

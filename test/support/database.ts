/**
 * A fresh database for a test file, dropped at its end. `createDatabase` in `beforeAll`, `drop` in `afterAll`.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { KeyType } from '../../src/catalogue/catalogue.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { until } from './until.ts';

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  readonly pool: pg.Pool;
  /** Rows of one statement. */
  readonly query: <Row extends pg.QueryResultRow = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ) => Promise<Row[]>;
  /** Ends the pool and drops the database; fails when a session of the test is still open (a leak). */
  drop(): Promise<void>;
}

/** URL of the test server, pointing at another database. */
export function urlOf(database: string): string {
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements that need no database of their own (create, drop, alter system). */
export async function asAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: inject('databaseUrl') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface DatabaseOptions {
  /** `migrated`: segmentd's own schema is there already, copied instead of made. Default: an empty database. */
  readonly template?: 'empty' | 'migrated';
  /** Of the contacts, for `migrated`. Default bigint. */
  readonly keyType?: KeyType;
}

export async function createDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.template === 'migrated' ? await migratedTemplate(options.keyType ?? 'bigint') : 'template0';
  await asAdmin((client) => client.query(`create database ${name} template ${template}`));
  const url = urlOf(name);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  // A test that crashes Postgres ends idle connections; the pool reports them here, and the next query is a new one.
  pool.on('error', () => {});
  return {
    url,
    name,
    pool,
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      return (await pool.query<Row>(text, [...values])).rows;
    },
    async drop() {
      await pool.end();
      await asAdmin(async (client) => {
        // An ended session takes a moment to leave pg_stat_activity; one that stays is a leak.
        const open = async () =>
          (
            await client.query<{ application: string }>(
              `select coalesce(nullif(application_name, ''), 'pid ' || pid) as application
                 from pg_catalog.pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
              [name],
            )
          ).rows.map((row) => row.application);
        const closed = await until(async () => (await open()).length === 0, { timeout: 3_000 }).catch(() => false);
        const left = closed ? [] : await open();
        await client.query(`drop database if exists ${name} with (force)`);
        if (left.length > 0) throw new Error(`sessions left open: ${left.join(', ')}`);
      });
    },
  };
}

/** Arbitrary; keeps the test processes from making the same template twice. */
const TEMPLATE_LOCK = 7_316_442;

/** Made once in a run, by the first test file that needs it. It gets its name when it is complete. */
async function migratedTemplate(keyType: KeyType): Promise<string> {
  const name = `template_${inject('run')}_${keyType}`;
  await asAdmin(async (client) => {
    await client.query('select pg_catalog.pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('select from pg_catalog.pg_database where datname = $1', [name]);
    if (rowCount) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${draft}`);
    await client.query(`create database ${draft} template template0`);
    const pool = await openPool(urlOf(draft), { max: 1 });
    try {
      await migrate(pool, { keyType });
    } finally {
      await pool.end();
    }
    await client.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

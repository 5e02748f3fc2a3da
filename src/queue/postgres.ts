/**
 * BullMQ on Postgres. Its objects have plain names (`job`, `event`, `meta`, a function `remove`) that could meet ours, so
 * they live in a schema of their own, `segmentd_queue`. A queue holds one connection, a worker one and one that listens.
 */
import { type PgPool, PostgresConnection, PostgresQueueBackend, runMigrations, SchemaMigrationRequiredError, UnsupportedPostgresVersionError } from 'bullmq';
import pg from 'pg';
import { Failure } from '../base/error.ts';
import { readDatabaseUrl } from '../base/url.ts';
import { pinSession, pinSessionTo } from '../postgres/session.ts';
import type { QueueConnection } from './server.ts';

export const QUEUE_SCHEMA = 'segmentd_queue';

/** A queue answers soon or fails. */
const LIMITS = [
  { name: 'statement_timeout', value: '10s' },
  { name: 'lock_timeout', value: '5s' },
];

/**
 * A connection on a pool of ours. One that BullMQ makes itself finds its objects by a startup parameter, which poolers refuse or
 * drop; one on a given pool believes in a schema called `bullmq`, and leaves the pool open.
 */
class OwnConnection extends PostgresConnection {
  override readonly schema: string = QUEUE_SCHEMA;
  readonly #pool: pg.Pool;
  #ended: Promise<void> | undefined;

  constructor(pool: pg.Pool) {
    // BullMQ's own description of a pool, whose shape `pg` has.
    super(pool as unknown as PgPool);
    this.#pool = pool;
  }

  override close(): Promise<void> {
    return (this.#ended ??= super.close().finally(() => this.#pool.end()));
  }

  override disconnect(): Promise<void> {
    return this.close();
  }
}

/** Empty: the settings of the environment. @throws {Failure} `usage` */
export function placeOfPostgres(databaseUrl: string): string {
  if (databaseUrl !== '') readDatabaseUrl(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl });
  return `${client.host}:${client.port}/${client.database ?? ''}`;
}

export function connectPostgres(databaseUrl: string, role: 'producer' | 'worker'): QueueConnection {
  let said: string | undefined;
  let cut = (): void => {};
  return {
    factory(name, options) {
      const pool = new pg.Pool({
        connectionString: databaseUrl,
        // A worker listens on a connection of its own.
        max: role === 'worker' ? 2 : 1,
        application_name: `segmentd queue ${role}`,
        connectionTimeoutMillis: 5_000,
        idleTimeoutMillis: 10_000,
        query_timeout: 15_000,
        keepAlive: true,
        onConnect: (client) => pinSessionTo(client, QUEUE_SCHEMA, LIMITS),
      });
      const backend = new PostgresQueueBackend(new OwnConnection(pool), name, options);
      backend.on('error', (error: unknown) => (said = explainPostgres(error)));
      cut = () => void backend.disconnect().catch(() => {});
      return backend;
    },
    lastError: () => said,
    cut: () => cut(),
  };
}

/** The role is made by sql/object/role.sql, if at all. */
const GRANTS = `
  do $$
  begin
    if exists (select from pg_catalog.pg_roles where rolname = 'segmentd_worker') then
      grant usage on schema ${QUEUE_SCHEMA} to segmentd_worker;
      grant select, insert, update, delete on all tables in schema ${QUEUE_SCHEMA} to segmentd_worker;
      grant usage on all sequences in schema ${QUEUE_SCHEMA} to segmentd_worker;
      grant execute on all functions in schema ${QUEUE_SCHEMA} to segmentd_worker;
    end if;
  end
  $$`;

/** Left out where the schema is there: Postgres asks for the right to create schemas all the same. */
const CREATE_SCHEMA = /^create schema if not exists/i;

export async function migratePostgres(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'segmentd queue migrate', connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    await pinSession(client);
    const { rowCount } = await client.query('select from pg_catalog.pg_namespace where nspname = $1', [QUEUE_SCHEMA]);
    await runMigrations(
      {
        async query(text, values = []) {
          if (rowCount === 1 && CREATE_SCHEMA.test(text)) return { rows: [] };
          const { rows } = await client.query(text, [...values]);
          return { rows };
        },
      },
      QUEUE_SCHEMA,
    );
    await client.query(GRANTS);
  } catch (error) {
    if (error instanceof UnsupportedPostgresVersionError) throw new Failure('incompatible', `Postgres ${error.serverVersion} is too old for the job queue.`);
    throw error;
  } finally {
    await client.end();
  }
}

export function explainPostgres(error: unknown): string {
  if (error instanceof SchemaMigrationRequiredError) return 'its tables are missing; run `segmentd migrate`';
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}

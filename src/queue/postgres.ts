/**
 * BullMQ on Postgres. Its objects have plain names (`job`, `event`, `meta`, a function `remove`) that could clash with
 * ours, so they live in a schema of their own, `segmentd_queue`. All queues of a process share one session
 * (postgres-session.ts).
 */
import {
  PostgresConnection,
  PostgresQueueBackend,
  runMigrations,
  SchemaMigrationRequiredError,
  UnsupportedPostgresVersionError,
  type BackendFactory,
  type IQueueBackend,
} from 'bullmq';
import { Failure } from '../base/error.ts';
import { connectFailure } from '../postgres/connect/connect-failure.ts';
import { loginClient } from '../postgres/connect/login-client.ts';
import { approachOf } from '../postgres/connect/approach.ts';
import { pinSession, pinSessionTo } from '../postgres/pin-session.ts';
import type { Outage } from './outage.ts';
import { QueueSession } from './postgres-session.ts';
import type { QueueConnection } from './queue-connection.ts';

export const QUEUE_SCHEMA = 'segmentd_queue';

/** A queue answers soon or fails. */
const LIMITS = [
  { name: 'statement_timeout', value: '10s' },
  { name: 'lock_timeout', value: '5s' },
];

/** Empty: the settings of the environment. @throws {Failure} `usage` */
export function placeOfPostgres(databaseUrl: string): string {
  const { hosts, database } = approachOf(databaseUrl).settings;
  return `${hosts.map(({ host, port }) => `${host}:${port}`).join(',')}/${database}`;
}

export function openPostgres(databaseUrl: string, applicationName: string, outage: Outage): QueueSession {
  return new QueueSession({
    url: databaseUrl,
    applicationName,
    pin: (client) => pinSessionTo(client, QUEUE_SCHEMA, LIMITS),
    onOpen: (client) => outage.answered(client),
    onFailure: (client, error) => outage.failed(client, explainPostgres(error)),
    onEnd: (client) => outage.forget(client),
  });
}

export function connectPostgres(session: QueueSession): QueueConnection {
  const share = session.share();
  let said: string | undefined;
  const factory: BackendFactory<IQueueBackend, string> = (name, options) => {
    const connection = new PostgresConnection(share);
    // BullMQ takes the schema of a pool that it was given for its own default.
    Object.assign(connection, { schema: QUEUE_SCHEMA });
    // Without a name: BullMQ would rename the session after the queue.
    const backend = new PostgresQueueBackend(connection, name, options, true);
    backend.on('error', (error: unknown) => (said = explainPostgres(error)));
    return backend;
  };
  return { factory, lastError: () => said, cut: () => share.cut() };
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
  const client = loginClient(databaseUrl, { application_name: 'segmentd queue migrate' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw connectFailure(approachOf(databaseUrl), error);
  }
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
    if (error instanceof UnsupportedPostgresVersionError)
      throw new Failure('incompatible', `Postgres ${error.serverVersion} is too old for the job queue.`);
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

/**
 * Brings segmentd's own schema up to this code: the key domain, the Drizzle migrations, the one-row tables and the
 * repeatable objects of sql/object. It uses one connection and one session lock: Drizzle takes no lock, and two workers
 * that started together crashed. Never changes the team's tables.
 */
import { readMigrationFiles, type MigrationMeta } from 'drizzle-orm/migrator';
import { Failure, sqlState } from '../base/error.ts';
import type { KeyType } from '../catalogue/catalogue.ts';
import { ident, keyword, render, sql } from '../compile/fragment.ts';
import { retryLocked } from './retry-locked.ts';
import type { Client, Pool, Queryable } from './pool.ts';
import { publicationsOfAll, refusePublished } from './publication.ts';
import { withSetupLock } from './setup-lock.ts';
import { migrationFolder, objectFiles } from './sql-file.ts';
import { inTransaction } from './transaction.ts';

export interface MigrateOptions {
  readonly keyType: KeyType;
  /** Collation of a text key's column where it is not the database's default. */
  readonly keyCollation?: { readonly schema: string; readonly name: string };
  /** Create the schema although a publication for all tables sends its changes to subscribers that lack it. */
  readonly published?: boolean;
}

export interface MigrationResult {
  /** How many migrations were applied. */
  readonly migrations: number;
  /** Names of the repeatable objects that were applied. */
  readonly objects: readonly string[];
  /** Publications for all tables, which include ours. */
  readonly publications: readonly string[];
}

/**
 * Brings the schema up to this code. Idempotent, and safe in several processes at once.
 * @throws {Failure} `permission`, `incompatible`, `conflict`
 */
export async function migrate(pool: Pool, options: MigrateOptions): Promise<MigrationResult> {
  try {
    return await withSetupLock(pool, (client) => bringUp(client, options));
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new Failure(
      'permission',
      'This role may not set up the schema "segmentd": it needs to own it, or the right to create it in this database.',
      { cause: error },
    );
  }
}

/**
 * How many migrations the database lacks. Only reads.
 * @throws {Failure} `incompatible` when the database is newer than this code; `conflict` when the schema was renamed
 */
export async function pendingMigrations(database: Queryable): Promise<number> {
  const known = migrationFiles().map((migration) => migration.folderMillis);
  const { rows } = await database.query<{ present: boolean }>(
    `select to_regclass('segmentd.migration') is not null as present`,
  );
  if (rows[0]?.present !== true) {
    await refuseRenamed(database);
    return known.length;
  }
  const applied = await database.query<{ last: string | null }>(
    'select max(created_at)::text as last from segmentd.migration',
  );
  const last = Number(applied.rows[0]?.last ?? 0);
  if (last > Math.max(...known)) {
    throw new Failure('incompatible', 'A newer segmentd set up this database: update segmentd.');
  }
  return known.filter((when) => when > last).length;
}

/** A second schema beside a renamed one would take over its triggers. @throws {Failure} `conflict` */
async function refuseRenamed(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    `select n.nspname as name from pg_catalog.pg_namespace n
     where n.nspname <> 'segmentd' and exists (select from pg_catalog.pg_proc p where p.pronamespace = n.oid and p.proname = 'hand_over')
       and exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname = 'membership_event')
       and exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname = 'object_file')`,
  );
  const [schema] = rows;
  if (schema === undefined) return;
  const command = render(sql`alter schema ${ident(schema.name)} rename to segmentd;`).text;
  throw new Failure(
    'conflict',
    `The schema "segmentd" was renamed to ${JSON.stringify(schema.name)}; your writes pass and are captured there. Rename it back: ${command}`,
  );
}

/** @throws {Failure} `incompatible` unless the schema is exactly what this code was written for */
export async function refuseOtherSchema(database: Queryable): Promise<void> {
  if ((await pendingMigrations(database)) === 0) return;
  throw new Failure(
    'incompatible',
    'The schema "segmentd" is missing or not up to date: run `segmentd migrate` first.',
  );
}

/** Overrides a limit of the role: a migration of many events may take long. */
const UNHURRIED = { statementTimeout: 0 } as const;

async function bringUp(client: Client, options: MigrateOptions): Promise<MigrationResult> {
  const pending = await pendingMigrations(client);
  const key = keyTypeText(options);
  const publications = await publicationsOfAll(client);
  if (pending === migrationFiles().length && options.published !== true) refusePublished(publications);
  if (pending > 0) {
    await inTransaction(client, UNHURRIED, () => createDomain(client, key));
    // Writers of the team hold our outbox until they end, and more writers would queue behind a longer wait for it.
    await retryLocked(() => inTransaction(client, { ...UNHURRIED, lockTimeout: 200 }, () => applyMigrations(client)), {
      patience: 60_000,
      what: 'migrate',
    });
  }
  const installed = await client.query<{ key_type: string }>(
    `with added as (
       insert into segmentd.installation (key_type) values ($1) on conflict (one) do nothing returning key_type
     ), ticking as (
       insert into segmentd.clock (one) values (true) on conflict (one) do nothing
     )
     select key_type from added union all select key_type from segmentd.installation`,
    [key],
  );
  const before = installed.rows[0]?.key_type;
  if (before !== key) {
    throw new Failure(
      'conflict',
      `segmentd was set up for contacts with keys of type ${before}, now the key is ${key}: run \`segmentd uninstall --purge\`, which deletes every segment, and set it up again.`,
    );
  }
  return { migrations: pending, publications, objects: await inTransaction(client, UNHURRIED, applyObjects) };
}

/**
 * Does what Drizzle's own `migrate` does, with its table, except `create schema if not exists`: Postgres asks for the
 * right to create schemas even when the schema exists, and an update of ours does not need that right.
 */
async function applyMigrations(client: Client): Promise<void> {
  await client.query(
    'create table if not exists segmentd.migration (id serial primary key, hash text not null, created_at bigint)',
  );
  const { rows } = await client.query<{ last: string | null }>(
    'select max(created_at)::text as last from segmentd.migration',
  );
  const last = Number(rows[0]?.last ?? 0);
  for (const { sql: statements, hash, folderMillis } of migrationFiles()) {
    if (folderMillis <= last) continue;
    for (const text of statements) await client.query(text);
    await client.query('insert into segmentd.migration (hash, created_at) values ($1, $2)', [hash, folderMillis]);
  }
  // Workers of the previous version may still run: a new generation makes them check the schema, and stop.
  await client.query('update segmentd.installation set generation = generation + 1');
}

let files: readonly MigrationMeta[] | undefined;

/** The migrations of this code, read once: a registry asks for them at each reload. */
function migrationFiles(): readonly MigrationMeta[] {
  files ??= readMigrationFiles({ migrationsFolder: migrationFolder });
  return files;
}

function keyTypeText(options: MigrateOptions): string {
  const { keyType, keyCollation } = options;
  if (!keyCollation) return keyType;
  return render(sql`${keyword(keyType)} collate ${ident(keyCollation.schema, keyCollation.name)}`).text;
}

async function createDomain(client: Client, key: string): Promise<void> {
  const { rows } = await client.query<{ present: boolean }>(
    `select to_regtype('segmentd.contact_key') is not null as present`,
  );
  if (rows[0]?.present === true) return;
  const schema = await client.query(`select from pg_catalog.pg_namespace where nspname = 'segmentd'`);
  if (schema.rowCount === 0) await client.query('create schema segmentd');
  await client.query(`create domain segmentd.contact_key as ${key}`);
}

/** Names of the repeatable objects that differ from this code. Only reads. */
export async function staleObjects(database: Queryable): Promise<readonly string[]> {
  const hashes = await appliedHashes(database);
  return objectFiles()
    .filter((file) => hashes.get(file.name) !== file.hash)
    .map((file) => file.name);
}

async function appliedHashes(database: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ name: string; hash: string }>('select name, hash from segmentd.object_file');
  return new Map(rows.map((row) => [row.name, row.hash]));
}

/** Applies every file whose text changed, and every file that is `after` an applied one. */
async function applyObjects(client: Client): Promise<readonly string[]> {
  const hashes = await appliedHashes(client);
  const applied: string[] = [];
  for (const file of objectFiles()) {
    const stale = hashes.get(file.name) !== file.hash || file.after.some((name) => applied.includes(name));
    if (!stale && !file.always) continue;
    await client.query(file.text);
    if (!stale) continue;
    await client.query(
      `insert into segmentd.object_file (name, hash) values ($1, $2)
       on conflict (name) do update set hash = excluded.hash, applied_at = clock_timestamp()`,
      [file.name, file.hash],
    );
    applied.push(file.name);
  }
  return applied;
}

/**
 * Brings segmentd's own schemas up to this code: the key domain, the Drizzle migrations, the one-row tables and the
 * repeatable objects of sql/object. It uses one connection and one session lock: Drizzle takes no lock, and two workers
 * that started together crashed. Never changes the team's tables.
 */
import { readMigrationFiles, type MigrationMeta } from 'drizzle-orm/migrator';
import { Failure, sqlState, NO_RIGHT } from '../base/error.ts';
import type { KeyType } from '../catalogue/catalogue.ts';
import { ident, keyword, render, sql } from '../compile/fragment.ts';
import { retryLocked } from './retry-locked.ts';
import type { Client, Pool, Queryable } from './pool.ts';
import { lackingRoles } from './own-role.ts';
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
  /** Roles of segmentd that the server lacks, because this role may not create them. */
  readonly lackingRoles: readonly string[];
}

/**
 * Brings the schema up to this code. Idempotent, and safe in several processes at once.
 * @throws {Failure} `permission`, `incompatible`, `conflict`
 */
export async function migrate(pool: Pool, options: MigrateOptions): Promise<MigrationResult> {
  try {
    return await withSetupLock(pool, (client) => bringUp(client, options));
  } catch (error) {
    if (sqlState(error) !== NO_RIGHT) throw error;
    throw new Failure(
      'permission',
      'This role may not set up the schemas "segmentd" and "segmentd_internal": it needs to own them, or the right to create them in this database.',
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
  const table = await migrationTable(database);
  // Asked at each reload of a registry, so the schemas are only looked for when one is missing.
  if (table !== MIGRATION_TABLES[0] || !(await isThere(database, 'segmentd.segment'))) await refuseRenamed(database);
  if (table === undefined) return known.length;
  const last = await lastApplied(database, table);
  if (last > Math.max(...known)) {
    throw new Failure('incompatible', 'A newer segmentd set up this database: update segmentd.');
  }
  return known.filter((when) => when > last).length;
}

/** Where the applied migrations are noted: installations from before the schema segmentd_internal have the second. */
const MIGRATION_TABLES = ['segmentd_internal.migration', 'segmentd.migration'] as const;
type MigrationTable = (typeof MIGRATION_TABLES)[number];

async function migrationTable(database: Queryable): Promise<MigrationTable | undefined> {
  for (const table of MIGRATION_TABLES) if (await isThere(database, table)) return table;
  return undefined;
}

async function isThere(database: Queryable, table: string): Promise<boolean> {
  const { rows } = await database.query<{ present: boolean }>('select to_regclass($1) is not null as present', [table]);
  return rows[0]?.present === true;
}

async function lastApplied(database: Queryable, table: MigrationTable): Promise<number> {
  const { rows } = await database.query<{ last: string | null }>(`select max(created_at)::text as last from ${table}`);
  return Number(rows[0]?.last ?? 0);
}

/** By which tables our schemas are known when they are renamed. Another schema beside one would take over its triggers. */
const RENAMED = `
  select s.name, n.nspname as renamed
  from (values ('segmentd', '{segment,segment_version,membership_event}'::text[]),
    ('segmentd_internal', '{change,object_file,membership_event_rest}')) as s(name, tables)
  join pg_catalog.pg_namespace n on n.nspname not in ('segmentd', 'segmentd_internal') and not exists (
    select from unnest(s.tables) as t(name)
    where not exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname = t.name))
  where not exists (
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace o on o.oid = c.relnamespace
    where o.nspname = s.name and c.relname = s.tables[1])
  order by 1`;

/** Whether segmentd's tables were dropped; not those of renamed schemas, which can be renamed back. */
export async function isDropped(database: Queryable): Promise<boolean> {
  if ((await migrationTable(database)) !== undefined) return false;
  return (await database.query(RENAMED)).rows.length === 0;
}

/** @throws {Failure} `conflict` */
async function refuseRenamed(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ name: string; renamed: string }>(RENAMED);
  const [schema] = rows;
  if (schema === undefined) return;
  const command = render(sql`alter schema ${ident(schema.renamed)} rename to ${ident(schema.name)};`).text;
  throw new Failure(
    'conflict',
    `The schema ${JSON.stringify(schema.name)} was renamed to ${JSON.stringify(schema.renamed)}; your writes pass and are captured. Rename it back: ${command}`,
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
  // A subscriber must have each table under its present name.
  if ((await migrationTable(client)) !== MIGRATION_TABLES[0] && options.published !== true)
    refusePublished(publications);
  if (pending > 0) {
    await inTransaction(client, UNHURRIED, () => createSchemas(client, key));
    // Writers of the team hold our outbox until they end, and more writers would queue behind a longer wait for it. A
    // migration that moves it ends before one that reads millions of events begins.
    for (let more = true; more;)
      more = await retryLocked(
        () => inTransaction(client, { ...UNHURRIED, lockTimeout: 200 }, () => applyNext(client)),
        { patience: 60_000, what: 'migrate' },
      );
  }
  const installed = await client.query<{ key_type: string }>(
    `with added as (
       insert into segmentd_internal.installation (key_type) values ($1) on conflict (one) do nothing returning key_type
     ), ticking as (
       insert into segmentd_internal.clock (one) values (true) on conflict (one) do nothing
     )
     select key_type from added union all select key_type from segmentd_internal.installation`,
    [key],
  );
  const before = installed.rows[0]?.key_type;
  if (before !== key) {
    throw new Failure(
      'conflict',
      `segmentd was set up for contacts with keys of type ${before}, now the key is ${key}: run \`segmentd uninstall --purge\`, which deletes every segment, and set it up again.`,
    );
  }
  const objects = await inTransaction(client, UNHURRIED, applyObjects);
  return { migrations: pending, publications, objects, lackingRoles: await lackingRoles(client) };
}

/**
 * Applies the next migration, and returns whether there was one. Does what Drizzle's own `migrate` does, with its table,
 * except `create schema if not exists`: Postgres asks for the right to create schemas even when the schema exists, and
 * an update of ours does not need that right.
 */
async function applyNext(client: Client): Promise<boolean> {
  let table = await migrationTable(client);
  if (table === undefined) {
    // The first migrations make every table in the schema segmentd, and a later one moves some.
    table = 'segmentd.migration';
    await client.query(`create table ${table} (id serial primary key, hash text not null, created_at bigint)`);
  }
  const last = await lastApplied(client, table);
  const next = migrationFiles().find(({ folderMillis }) => folderMillis > last);
  if (!next) return false;
  for (const text of next.sql) await client.query(text);
  table = (await migrationTable(client)) ?? table;
  await client.query(`insert into ${table} (hash, created_at) values ($1, $2)`, [next.hash, next.folderMillis]);
  // Workers of the previous version may still run: a new generation makes them check the schema, and stop.
  await client.query(`update ${table.replace('migration', 'installation')} set generation = generation + 1`);
  return true;
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

/** The schemas and the domain of the keys, which the migrations use. */
async function createSchemas(client: Client, key: string): Promise<void> {
  const { rows } = await client.query<{ owner: string | null; internal: boolean; domain: boolean }>(
    `select (select pg_catalog.pg_get_userbyid(n.nspowner) from pg_catalog.pg_namespace n where n.nspname = 'segmentd') as owner,
       exists (select from pg_catalog.pg_namespace n where n.nspname = 'segmentd_internal') as internal,
       to_regtype('segmentd.contact_key') is not null as domain`,
  );
  const { owner = null, internal = false, domain = false } = rows[0] ?? {};
  if (owner === null) await client.query('create schema segmentd');
  if (!internal) await createInternal(client, owner);
  if (!domain) await client.query(`create domain segmentd.contact_key as ${key}`);
}

/** @throws {Failure} `permission` when an older installation is updated and this role may not create schemas */
async function createInternal(client: Client, owner: string | null): Promise<void> {
  const command = render(
    owner === null
      ? sql`create schema segmentd_internal`
      : sql`create schema segmentd_internal authorization ${ident(owner)}`,
  ).text;
  try {
    await client.query(command);
  } catch (error) {
    if (sqlState(error) !== NO_RIGHT || owner === null) throw error;
    throw new Failure(
      'permission',
      `This version needs the schema "segmentd_internal", and this role may not create it. Let the owner of the database run \`${command};\`, then run \`segmentd migrate\` again.`,
      { cause: error },
    );
  }
}

/** Names of the repeatable objects that differ from this code. Only reads. */
export async function staleObjects(database: Queryable): Promise<readonly string[]> {
  const hashes = await appliedHashes(database);
  return objectFiles()
    .filter((file) => hashes.get(file.name) !== file.hash)
    .map((file) => file.name);
}

async function appliedHashes(database: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ name: string; hash: string }>(
    'select name, hash from segmentd_internal.object_file',
  );
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
      `insert into segmentd_internal.object_file (name, hash) values ($1, $2)
       on conflict (name) do update set hash = excluded.hash, applied_at = clock_timestamp()`,
      [file.name, file.hash],
    );
    applied.push(file.name);
  }
  return applied;
}

/**
 * Removes capture from the team's tables: triggers and their functions. The team's data stays as it is. segmentd's own
 * schema stays too, unless it is purged: that removes every segment, member and event. Idempotent. Indexes, rights and
 * roles that segmentd created stay, because others may use them by now; the report names each with the command that
 * removes it.
 */
import { ident, join, keyword, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { refuseOtherSchema } from '../postgres/migrate.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { runStep, stepScript } from './run-step.ts';
import { withSetupLock } from '../postgres/setup-lock.ts';
import { stepToDropFormerNames } from './former-name.ts';
import { stepsToRemove } from './removal-step.ts';

export interface UninstallOptions {
  /** Also drop the schemas of segmentd with everything in them, and that of the queue. */
  readonly purge?: boolean;
  /** Return the SQL instead, for a DBA or to keep a schema dump free of triggers; change nothing. */
  readonly print?: boolean;
  /** Milliseconds to keep trying for the lock of one table, 60,000 by default. */
  readonly patience?: number;
}

/** One object that stays, and the command that removes it. */
export interface Remaining {
  readonly what: string;
  readonly command: string;
}

export interface UninstallReport {
  readonly remains: readonly Remaining[];
  /** With `print`: the SQL. */
  readonly sql?: string;
}

const PURGE = 'drop schema if exists segmentd, segmentd_internal, segmentd_queue cascade';

/** @throws {Failure} `incompatible` when an earlier version set the database up */
export async function uninstall(pool: Pool, options: UninstallOptions = {}): Promise<UninstallReport> {
  return withSetupLock(pool, async (client) => {
    const steps = (await isMigrated(client))
      ? [...(await stepsToRemove(client, [])), ...(await stepToDropFormerNames(client))]
      : [];
    const remains = options.purge === true ? await remaining(client) : [];
    if (options.print === true) {
      const lines = remains.map(({ what, command }) => `-- ${what}\n-- ${command}\n`);
      const text = [...steps.map(stepScript), ...(options.purge === true ? [`${PURGE};\n`] : []), ...lines].join('\n');
      return { remains, sql: text === '' ? '-- Your tables hold nothing of segmentd.\n' : text };
    }
    for (const step of steps) await runStep(client, step, options.patience ?? 60_000);
    if (options.purge === true) await client.query(PURGE);
    return { remains };
  });
}

/** @throws {Failure} `incompatible` for an installation of an earlier version, whose triggers are elsewhere */
async function isMigrated(database: Queryable): Promise<boolean> {
  const { rows } = await database.query<{ present: boolean; former: boolean }>(
    `select to_regclass('segmentd_internal.source') is not null as present, to_regclass('segmentd.source') is not null as former`,
  );
  if (rows[0]?.former === true) await refuseOtherSchema(database);
  return rows[0]?.present === true;
}

interface RemainingRow {
  readonly kind: 'index' | 'partitioned' | 'column' | 'schema' | 'role';
  readonly schema: string | null;
  readonly name: string | null;
  readonly columns: readonly string[] | null;
  readonly role: string | null;
}

/** Read before the schema is dropped: its tables hold the noted grants. */
async function remaining(database: Queryable): Promise<readonly Remaining[]> {
  const { rows } = await database.query<RemainingRow>({ ...statement('uninstall-remains') });
  return rows.map((row) => ({ what: titleOf(row), command: `${render(commandOf(row)).text};` }));
}

function titleOf({ kind, schema, name, role }: RemainingRow): string {
  switch (kind) {
    case 'index':
    case 'partitioned':
      return `the index ${schema}.${name}, which install --indexes created`;
    case 'column':
      return `${role} may read columns of ${schema}.${name}`;
    case 'schema':
      return `${role} may use the schema ${schema}`;
    case 'role':
      return `the role ${role}; other databases of this server may use it`;
  }
}

function commandOf({ kind, schema, name, columns, role }: RemainingRow): Fragment {
  switch (kind) {
    case 'index':
      return sql`drop index ${keyword('concurrently')} if exists ${ident(schema ?? '', name ?? '')}`;
    case 'partitioned':
      return sql`drop index if exists ${ident(schema ?? '', name ?? '')}`;
    case 'column':
      return sql`revoke select (${join(
        (columns ?? []).map((column) => ident(column)),
        sql`, `,
      )}) on ${tableName({ schema: schema ?? '', name: name ?? '' })} from ${ident(role ?? '')}`;
    case 'schema':
      return sql`revoke usage on schema ${ident(schema ?? '')} from ${ident(role ?? '')}`;
    case 'role':
      return sql`drop role ${ident(role ?? '')}`;
  }
}

/**
 * What the role of an analyst needs: membership in segmentd_reader and, on request, the right to read catalogued columns
 * of the team's tables, for joins with members. It grants what is missing, all of it or nothing: never a whole table,
 * and never a right to write. It takes no right away.
 */
import { Failure, sqlState, NO_RIGHT } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, render, sql } from '../compile/fragment.ts';
import { createRoles, lackingRoles } from '../postgres/own-role.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { missingAccess } from './column-access.ts';
import { planSources } from './source.ts';
import { branchName } from './table-tree.ts';

export interface ReaderOptions {
  /** Whose catalogued columns the role may read as well; default: none, segmentd's own tables and views alone. */
  readonly columns?: 'contacts' | 'all';
  /** Return the SQL instead, for a DBA, and grant nothing. */
  readonly print?: boolean;
}

export interface ReaderReport {
  /** One line for each grant; empty when the role had them all. */
  readonly changes: readonly string[];
  /** With `print`: the SQL. */
  readonly sql?: string;
}

interface Grant {
  readonly command: string;
  readonly change: string;
}

/**
 * Grants `role` what it lacks. Idempotent.
 * @param catalogue whose columns; absent when no columns are asked for
 * @throws {Failure} `usage` for an unknown role; `permission` when this role may not grant it; `failed` without segmentd_reader
 */
export async function grantReader(
  pool: Pool,
  role: string,
  catalogue: Catalogue | undefined,
  options: ReaderOptions = {},
): Promise<ReaderReport> {
  const hasReader = await refuseUnknownRole(pool, role);
  if (options.print === true) {
    const text = (await missingGrants(pool, role, catalogue, { ...options, hasReader }))
      .map(({ command }) => `${command}\n`)
      .join('');
    const lacking = hasReader ? [] : await lackingRoles(pool);
    const before =
      lacking.length === 0 ? '' : `${createRoles(lacking)}\n-- Afterwards: segmentd migrate && segmentd install\n`;
    return { changes: [], sql: before + text === '' ? '-- The role has these rights.\n' : before + text };
  }
  if (!hasReader)
    throw new Failure(
      'failed',
      'The role segmentd_reader does not exist: `segmentd grant-reader --print` and `segmentd doctor` print the SQL that creates it.',
    );
  try {
    return await inTransaction(pool, {}, async (client) => {
      const grants = await missingGrants(client, role, catalogue, options);
      for (const { command } of grants) await client.query(command);
      // Postgres only warns when this role holds a right but may not pass it on.
      if (grants.length > 0 && (await missingGrants(client, role, catalogue, options)).length > 0)
        throw mayNotGrant(role);
      return { changes: grants.map(({ change }) => change) };
    });
  } catch (error) {
    if (sqlState(error) !== NO_RIGHT) throw error;
    throw mayNotGrant(role, error);
  }
}

/** Returns whether segmentd_reader exists. @throws {Failure} `usage` */
async function refuseUnknownRole(database: Queryable, role: string): Promise<boolean> {
  const { rows } = await database.query<{ inherits: boolean; reader: boolean }>(
    `select r.rolinherit or r.rolsuper as inherits,
       exists (select from pg_catalog.pg_roles s where s.rolname = 'segmentd_reader') as reader
     from pg_catalog.pg_roles r where r.rolname = $1`,
    [role],
  );
  if (!rows[0])
    throw new Failure(
      'usage',
      `There is no role ${JSON.stringify(role)} on this server: create it first, for example with ${render(sql`create role ${ident(role)} login;`).text}`,
    );
  if (!rows[0].inherits)
    throw new Failure(
      'usage',
      `The role ${JSON.stringify(role)} does not inherit the rights of the roles that it belongs to: run \`${render(sql`alter role ${ident(role)} inherit;`).text}\` first.`,
    );
  return rows[0].reader;
}

async function missingGrants(
  database: Queryable,
  role: string,
  catalogue: Catalogue | undefined,
  { columns, hasReader = true }: ReaderOptions & { readonly hasReader?: boolean },
): Promise<readonly Grant[]> {
  // Postgres refuses to answer about a role that it does not have.
  const { rows } = hasReader
    ? await database.query<{ member: boolean }>(
        `select pg_catalog.pg_has_role($1::name, 'segmentd_reader', 'member') as member`,
        [role],
      )
    : { rows: [] };
  const plans = (catalogue ? planSources(catalogue) : []).filter(({ kind }) => columns === 'all' || kind === 'contact');
  const missing = columns === undefined ? [] : await missingAccess(database, plans, [role]);
  return [
    ...(rows[0]?.member === true
      ? []
      : [
          {
            command: render(sql`grant segmentd_reader to ${ident(role)};`).text,
            change: `${role} is a member of segmentd_reader`,
          },
        ]),
    ...missing.map((one) => ({
      command: one.command,
      change:
        one.columns.length === 0
          ? `${role} may use the schema ${one.table.schema}`
          : `${role} may read ${one.columns.join(', ')} of ${branchName(one.table)}`,
    })),
  ];
}

function mayNotGrant(role: string, cause?: unknown): Failure {
  return new Failure(
    'permission',
    `This role may not grant all of it to ${JSON.stringify(role)}, so nothing was granted: run the SQL that \`--print\` prints as the owner of the tables, or as a superuser.`,
    cause === undefined ? {} : { cause },
  );
}

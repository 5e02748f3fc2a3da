/**
 * The right to read the source tables. `install` grants the catalogued columns to segmentd's roles: never a whole
 * table, and never a right to write. A right that the team revoked is not granted again; `doctor` reports it with the
 * command.
 */
import { sqlState, NO_RIGHT, isNoTable } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { ident, join, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';
import { branchName } from './table-tree.ts';

/**
 * Roles that read the team's tables. The owner and the editor are among them: `migrate`, `forget` and edits look at the
 * configured tables. The viewer previews conditions and explains contacts.
 */
const READING = ['segmentd_owner', 'segmentd_worker', 'segmentd_editor', 'segmentd_viewer'];

/** What one role lacks on one table. */
export interface MissingAccess {
  readonly table: Table;
  readonly role: string;
  readonly columns: readonly string[];
  /** The team revoked the right: `install` does not grant it again. */
  readonly revoked: boolean;
  /** Commands that grant it. */
  readonly command: string;
}

interface Access {
  readonly schema: string;
  readonly name: string;
  readonly role: string;
  readonly lacks_schema: boolean;
  readonly had_schema: boolean;
  readonly missing: readonly string[];
  readonly revoked: readonly string[];
  readonly surplus: readonly string[];
  readonly whole: boolean;
  readonly columns: readonly string[];
}

/** What each existing role lacks on each table. Only reads. @param roles default: those of segmentd that read */
export async function missingAccess(
  database: Queryable,
  plans: readonly SourcePlan[],
  roles: readonly string[] = READING,
): Promise<readonly MissingAccess[]> {
  return (await readAccess(database, plans, roles)).flatMap((one) => {
    const open = one.missing.filter((column) => !one.revoked.includes(column));
    return [
      ...lacking(one, open, one.lacks_schema && !one.had_schema, false),
      ...lacking(one, one.revoked, one.lacks_schema && one.had_schema, true),
    ];
  });
}

function lacking(
  { schema, name, role }: Access,
  columns: readonly string[],
  usage: boolean,
  revoked: boolean,
): readonly MissingAccess[] {
  if (columns.length === 0 && !usage) return [];
  const table = { schema, name };
  const commands = [
    ...(usage ? [sql`grant usage on schema ${ident(schema)} to ${ident(role)};`] : []),
    ...(columns.length > 0 ? [sql`grant ${columnsOf(columns)} on ${tableName(table)} to ${ident(role)};`] : []),
  ];
  return [{ table, role, columns, revoked, command: render(join(commands, sql` `)).text }];
}

function columnsOf(columns: readonly string[]): Fragment {
  return sql`select (${join(
    columns.map((column) => ident(column)),
    sql`, `,
  )})`;
}

interface NotedGrant {
  readonly role: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly ours: boolean;
}

async function readAccess(
  database: Queryable,
  plans: readonly SourcePlan[],
  roles: readonly string[] = READING,
): Promise<readonly Access[]> {
  const needed = plans.flatMap((plan) =>
    [...new Set([plan.link.column, ...plan.targets, ...plan.columns.map(({ name }) => name)])].map((column) => ({
      ...plan.table,
      column,
    })),
  );
  const { rows } = await database.query<Access>({
    ...statement('source-access'),
    values: [
      needed.map(({ schema }) => schema),
      needed.map(({ name }) => name),
      needed.map(({ column }) => column),
      roles,
      // Grants of other roles are not noted.
      JSON.stringify(roles === READING ? await readNotedGrants(database) : []),
    ],
  });
  return rows;
}

/** The noted grants; empty before `migrate`, and for a role that may not read them. */
async function readNotedGrants(database: Queryable): Promise<readonly NotedGrant[]> {
  try {
    return (
      await database.query<NotedGrant>(
        'select g.role, g.schema_name, g.table_name, g.column_name, g.ours from segmentd_internal.column_grant g',
      )
    ).rows;
  } catch (error) {
    if (!isNoTable(error) && sqlState(error) !== NO_RIGHT) throw error;
    return [];
  }
}

/**
 * Grants what is missing, column by column; with `print` it returns the commands instead. Returns lines to show. A
 * right that the team revoked stays revoked. `doctor` reports what this role may not grant. A grant of the whole table,
 * which earlier versions made, becomes a grant of the catalogued columns; so does one that was never noted here.
 * Columns that left the config are revoked.
 */
export async function grantAccess(
  database: Queryable,
  plans: readonly SourcePlan[],
  options: { readonly print?: boolean },
): Promise<readonly string[]> {
  const before = await readAccess(database, plans);
  const missing = (await missingAccess(database, plans)).filter((one) => !one.revoked);
  const narrower = before.flatMap((one) => narrowing(one));
  if (options.print)
    return [...narrower.map(({ command }) => `${command}\n`), ...missing.map((one) => `${one.command}\n`)];
  for (const { command } of [...narrower, ...missing]) {
    await database.query(command).catch((error: unknown) => {
      if (sqlState(error) !== NO_RIGHT) throw error;
    });
  }
  // Postgres only warns when this role holds the right but may not pass it on.
  const after = await readAccess(database, plans);
  await noteGrants(database, before, after);
  const left = missing.length === 0 ? [] : await missingAccess(database, plans);
  const granted = missing.filter((one) => !left.some((other) => other.command === one.command));
  return [
    ...oneLineARole(granted.map(({ role, table }) => ({ role, may: 'may read', what: branchName(table) }))),
    ...oneLineARole(narrower.filter(({ still }) => !after.some(still)).map(({ line }) => line)),
  ];
}

/** The parts of a line: `segmentd_worker may read public.orders`. */
interface Line {
  readonly role: string;
  readonly may: string;
  readonly what: string;
}

/** A role reads many tables: what it may do alike stands in one line. */
function oneLineARole(lines: readonly Line[]): readonly string[] {
  const byRole = new Map<string, Set<string>>();
  for (const { role, may, what } of lines) {
    const begin = `${role} ${may}`;
    byRole.set(begin, (byRole.get(begin) ?? new Set()).add(what));
  }
  return [...byRole].map(([begin, whats]) => `${begin} ${[...whats].join(', ')}`);
}

interface Narrowing {
  readonly command: string;
  readonly line: Line;
  /** Whether the access of now shows that the command had no effect. */
  readonly still: (now: Access) => boolean;
}

function narrowing({ schema, name, role, whole, surplus, columns }: Access): readonly Narrowing[] {
  const table = { schema, name };
  const same = (now: Access): boolean => now.schema === schema && now.name === name && now.role === role;
  if (whole) {
    const grant = sql`begin; revoke select on ${tableName(table)} from ${ident(role)}; grant ${columnsOf(columns)} on ${tableName(table)} to ${ident(role)}; commit;`;
    return [
      {
        command: render(grant).text,
        line: { role, may: 'may read only the catalogued columns of', what: branchName(table) },
        still: (now) => same(now) && now.whole,
      },
    ];
  }
  if (surplus.length === 0) return [];
  const command = render(sql`revoke ${columnsOf(surplus)} on ${tableName(table)} from ${ident(role)};`).text;
  return [
    {
      command,
      line: { role, may: 'may no longer read', what: `${surplus.join(', ')} of ${branchName(table)}` },
      still: () => false,
    },
  ];
}

/** Notes every right that exists, also those that others granted. A noted right that is missing later was revoked. */
async function noteGrants(database: Queryable, before: readonly Access[], after: readonly Access[]): Promise<void> {
  const has = (one: Access): readonly string[] => one.columns.filter((column) => !one.missing.includes(column));
  const keyOf = (one: Access): string => JSON.stringify([one.role, one.schema, one.name]);
  const held = new Map(before.map((one) => [keyOf(one), one.whole ? [] : has(one)]));
  const rows = after.flatMap((one) => [
    ...(one.lacks_schema ? [] : [{ role: one.role, schema: one.schema, table: '', column: '', ours: false }]),
    ...(one.whole
      ? []
      : has(one).map((column) => ({
          role: one.role,
          schema: one.schema,
          table: one.name,
          column,
          ours: held.get(keyOf(one))?.includes(column) !== true,
        }))),
  ]);
  await database.query({
    ...statement('grant-note'),
    values: [
      rows.map((row) => row.role),
      rows.map((row) => row.schema),
      rows.map((row) => row.table),
      rows.map((row) => row.column),
      rows.map((row) => row.ours),
      JSON.stringify(
        after.flatMap((one) =>
          one.surplus.map((column) => ({
            role: one.role,
            schema_name: one.schema,
            table_name: one.name,
            column_name: column,
          })),
        ),
      ),
    ],
  });
}

/**
 * Whether whoever works for segmentd can read the source tables: the right to (granted by `install` to the roles that
 * migrate makes, for the catalogued columns, never a right to write), and no row security that hides rows. A worker that saw a part of the contacts
 * would take the others for gone.
 */
import { Failure, sqlState } from '../base/error.ts';
import { relationPath, type Catalogue, type Table } from '../catalogue/catalogue.ts';
import { ident, join, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planSources, type SourcePlan } from './source.ts';
import { branchName } from './table-tree.ts';

/** Roles that read the team's tables: also whoever updates or erases, for both look at the tables that the config names. */
const READING = ['segmentd_owner', 'segmentd_worker', 'segmentd_editor'];

/** What one role lacks on one table. */
export interface MissingAccess {
  readonly table: Table;
  readonly role: string;
  readonly columns: readonly string[];
  /** The team took the right back: it is not granted again. */
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

/** Of the roles that exist. Only reads. */
export async function missingAccess(
  database: Queryable,
  plans: readonly SourcePlan[],
): Promise<readonly MissingAccess[]> {
  return (await readAccess(database, plans)).flatMap((one) => {
    const open = one.missing.filter((column) => !one.revoked.includes(column));
    return [
      ...lack(one, open, one.lacks_schema && !one.had_schema, false),
      ...lack(one, one.revoked, one.lacks_schema && one.had_schema, true),
    ];
  });
}

function lack(
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

interface Known {
  readonly role: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly ours: boolean;
}

async function readAccess(database: Queryable, plans: readonly SourcePlan[]): Promise<readonly Access[]> {
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
      READING,
      JSON.stringify(await readKnown(database)),
    ],
  });
  return rows;
}

/** Empty before `migrate`, and for a role that may not look. */
async function readKnown(database: Queryable): Promise<readonly Known[]> {
  try {
    return (
      await database.query<Known>(
        'select g.role, g.schema_name, g.table_name, g.column_name, g.ours from segmentd.column_grant g',
      )
    ).rows;
  } catch (error) {
    if (!['42P01', '3F000', '42501'].includes(sqlState(error) ?? '')) throw error;
    return [];
  }
}

/**
 * Grants what is missing, column by column, or with `print` only says so. Returns lines to show. What the team took back stays
 * taken, and what this role may not grant, `doctor` says. A grant of the whole table, which earlier versions made, becomes one
 * of the catalogued columns; so does one that was never noted here. Columns that the config names no more are taken back.
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
      if (sqlState(error) !== '42501') throw error;
    });
  }
  // Where this role holds the right and may not pass it on, Postgres only warns.
  const after = await readAccess(database, plans);
  await note(database, before, after);
  const left = missing.length === 0 ? [] : await missingAccess(database, plans);
  return [
    ...missing.flatMap((one) =>
      left.some((other) => other.command === one.command) ? [] : [`${one.role} may read ${branchName(one.table)}`],
    ),
    ...narrower.flatMap(({ line, still }) => (after.some(still) ? [] : [line])),
  ];
}

interface Narrowing {
  readonly command: string;
  readonly line: string;
  /** It was not done. */
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
        line: `${role} may read the catalogued columns of ${branchName(table)} alone`,
        still: (now) => same(now) && now.whole,
      },
    ];
  }
  if (surplus.length === 0) return [];
  const command = render(sql`revoke ${columnsOf(surplus)} on ${tableName(table)} from ${ident(role)};`).text;
  return [
    { command, line: `${role} may no longer read ${surplus.join(', ')} of ${branchName(table)}`, still: () => false },
  ];
}

/** Notes every right that is there, whoever granted it: what is missing later was taken back. */
async function note(database: Queryable, before: readonly Access[], after: readonly Access[]): Promise<void> {
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

export interface Hidden {
  readonly role: string;
  /** It is the role of this session. */
  readonly own: boolean;
  readonly tables: readonly string[];
  /** A table is its own, and its row security is forced on the owner too. */
  readonly forced: boolean;
}

/** Roles that are or would be workers, and the source tables whose rows are hidden from them. Only reads. */
export async function hiddenRows(database: Queryable, plans: readonly SourcePlan[]): Promise<readonly Hidden[]> {
  const { rows } = await database.query<{ role: string; own: boolean; owner: boolean; schema: string; name: string }>({
    ...statement('row-security'),
    values: [plans.map((plan) => plan.table.schema), plans.map((plan) => plan.table.name)],
  });
  const roles = new Map<string, Hidden>();
  for (const { role, own, owner, ...table } of rows) {
    const known = roles.get(role);
    roles.set(role, {
      role,
      own,
      tables: [...(known?.tables ?? []), branchName(table)],
      forced: owner || known?.forced === true,
    });
  }
  return [...roles.values()];
}

export function hiddenSentence({ role, tables, forced }: Hidden): string {
  const why = forced ? ' (it owns them, but row security is forced on the owner too)' : '';
  return `Row-level security hides rows of ${tables.join(', ')} from the role "${role}"${why}, which would take these contacts for gone.`;
}

export function hiddenFix({ role }: Hidden): string {
  return render(sql`alter role ${ident(role)} bypassrls;`).text;
}

/** @param options.own only this session's role counts. @throws {Failure} `permission` */
export async function refuseHiddenRows(
  database: Queryable,
  plans: readonly SourcePlan[],
  options: { readonly own?: boolean } = {},
): Promise<void> {
  const hidden = (await hiddenRows(database, plans)).find((one) => one.own || options.own !== true);
  if (hidden) throw refusal(hidden);
}

/**
 * The catalogue without the relations whose rows are hidden from this session's role: what reads them is invalid until they
 * are seen again, and the rest goes on. For a worker that runs already; one that starts is refused.
 * @throws {Failure} `permission` when contacts are hidden: then nothing can be kept, and nothing is validated
 */
export async function withoutHiddenRelations(database: Queryable, catalogue: Catalogue): Promise<Catalogue> {
  const hidden = (await hiddenRows(database, planSources(catalogue))).find((one) => one.own);
  if (!hidden) return catalogue;
  const isHidden = (table: Table): boolean => hidden.tables.includes(branchName(table));
  if (isHidden(catalogue.contacts.table)) throw refusal(hidden);
  const withheld = [...catalogue.relations.keys()].filter((name) =>
    relationPath(catalogue, name).some((hop) => isHidden(hop.table)),
  );
  return {
    ...catalogue,
    relations: new Map([...catalogue.relations].filter(([name]) => !withheld.includes(name))),
    withheld: new Map(withheld.map((name) => [name, refusal(hidden).message])),
  };
}

function refusal(hidden: Hidden): Failure {
  return new Failure(
    'permission',
    `${hiddenSentence(hidden).slice(0, -1)}: run \`${hiddenFix(hidden)}\`${hidden.forced ? '' : ', or work as the owner of the tables'}.`,
  );
}

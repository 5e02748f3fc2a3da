/**
 * Whether whoever works for segmentd can read the source tables: the right to (granted by `install` to the roles that
 * migrate makes, never a right to write), and no row security that hides rows. A worker that saw a part of the contacts
 * would take the others for gone.
 */
import { Failure, sqlState } from '../base/error.ts';
import { relationPath, type Catalogue, type Table } from '../catalogue/catalogue.ts';
import { ident, join, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planSources, type SourcePlan } from './source.ts';
import { branchName } from './tree.ts';

/** Roles that read the team's tables: also whoever updates or erases, for both look at the tables that the config names. */
const READING = ['segmentd_owner', 'segmentd_worker', 'segmentd_editor'];

export interface MissingAccess {
  readonly table: Table;
  readonly role: string;
  /** Commands that grant it. */
  readonly command: string;
}

/** Of the roles that exist. Only reads. */
export async function missingAccess(database: Queryable, plans: readonly SourcePlan[]): Promise<readonly MissingAccess[]> {
  const { rows } = await database.query<{ schema: string; name: string; role: string; lacks_schema: boolean; lacks_table: boolean }>({
    ...statement('source-access'),
    values: [plans.map((plan) => plan.table.schema), plans.map((plan) => plan.table.name), READING],
  });
  return rows.map(({ schema, name, role, lacks_schema, lacks_table }) => {
    const table = { schema, name };
    const commands: readonly Fragment[] = [
      ...(lacks_schema ? [sql`grant usage on schema ${ident(schema)} to ${ident(role)};`] : []),
      ...(lacks_table ? [sql`grant select on ${tableName(table)} to ${ident(role)};`] : []),
    ];
    return { table, role, command: render(join(commands, sql` `)).text };
  });
}

/** Grants what is missing, or with `print` only says so. Returns lines to show. What this role may not grant, `doctor` tells. */
export async function grantAccess(database: Queryable, plans: readonly SourcePlan[], options: { readonly print?: boolean }): Promise<readonly string[]> {
  const missing = await missingAccess(database, plans);
  if (options.print) return missing.map((one) => `${one.command}\n`);
  for (const one of missing) {
    await database.query(one.command).catch((error: unknown) => {
      if (sqlState(error) !== '42501') throw error;
    });
  }
  // Where this role holds the right and may not pass it on, Postgres only warns.
  const left = missing.length === 0 ? [] : await missingAccess(database, plans);
  return missing.flatMap((one) => (left.some((other) => other.command === one.command) ? [] : [`${one.role} may read ${branchName(one.table)}`]));
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
    roles.set(role, { role, own, tables: [...(known?.tables ?? []), branchName(table)], forced: owner || known?.forced === true });
  }
  return [...roles.values()];
}

export function hiddenSentence({ role, tables, forced }: Hidden): string {
  const why = forced ? ' (it owns them, but row security is forced on the owner too)' : '';
  return `Row-level security hides rows of ${tables.join(', ')} from the role "${role}"${why}, which would take these contacts for gone.`;
}

export function hiddenMend({ role }: Hidden): string {
  return render(sql`alter role ${ident(role)} bypassrls;`).text;
}

/** @param options.own only this session's role counts. @throws {Failure} `permission` */
export async function refuseHiddenRows(database: Queryable, plans: readonly SourcePlan[], options: { readonly own?: boolean } = {}): Promise<void> {
  const hidden = (await hiddenRows(database, plans)).find((one) => one.own || options.own !== true);
  if (hidden) throw refusal(hidden);
}

/**
 * The catalogue without the relations whose rows are hidden from this session's role: what reads them is invalid until they
 * are seen again, and the rest goes on. For a worker that runs already; one that starts is refused.
 * @throws {Failure} `permission` when contacts are hidden: then nothing can be kept, and nothing is judged
 */
export async function withoutHidden(database: Queryable, catalogue: Catalogue): Promise<Catalogue> {
  const hidden = (await hiddenRows(database, planSources(catalogue))).find((one) => one.own);
  if (!hidden) return catalogue;
  const isHidden = (table: Table): boolean => hidden.tables.includes(branchName(table));
  if (isHidden(catalogue.contacts.table)) throw refusal(hidden);
  const withheld = [...catalogue.relations.keys()].filter((name) => relationPath(catalogue, name).some((hop) => isHidden(hop.table)));
  return {
    ...catalogue,
    relations: new Map([...catalogue.relations].filter(([name]) => !withheld.includes(name))),
    withheld: new Map(withheld.map((name) => [name, refusal(hidden).message])),
  };
}

function refusal(hidden: Hidden): Failure {
  return new Failure('permission', `${hiddenSentence(hidden).slice(0, -1)}: run \`${hiddenMend(hidden)}\`${hidden.forced ? '' : ', or work as the owner of the tables'}.`);
}

/**
 * Row-level security that hides rows of the source tables. A worker that saw a part of the contacts would treat the
 * others as deleted, so `install` and `run` refuse, and a running worker withholds the relation. Only reads.
 */
import { Failure } from '../base/error.ts';
import { relationPath, type Catalogue, type Table } from '../catalogue/catalogue.ts';
import { ident, render, sql } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planSources, type SourcePlan } from './source.ts';
import { branchName } from './table-tree.ts';

/** One role, and the source tables whose rows are hidden from it. */
export interface HiddenRows {
  readonly role: string;
  /** Whether it is the role of this session. */
  readonly own: boolean;
  readonly tables: readonly string[];
  /** Whether the role owns a table whose row security is forced on the owner too. */
  readonly forced: boolean;
}

/** Looks at the roles that are or would be workers. Only reads. */
export async function hiddenRows(database: Queryable, plans: readonly SourcePlan[]): Promise<readonly HiddenRows[]> {
  const { rows } = await database.query<{ role: string; own: boolean; owner: boolean; schema: string; name: string }>({
    ...statement('row-security'),
    values: [plans.map((plan) => plan.table.schema), plans.map((plan) => plan.table.name)],
  });
  const roles = new Map<string, HiddenRows>();
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

export function hiddenSentence({ role, tables, forced }: HiddenRows): string {
  const why = forced ? ' (it owns them, but row security is forced on the owner too)' : '';
  return `Row-level security hides rows of ${tables.join(', ')} from the role "${role}"${why}, so a worker would treat these contacts as deleted.`;
}

export function hiddenFix({ role }: HiddenRows): string {
  return render(sql`alter role ${ident(role)} bypassrls;`).text;
}

/** @param options.own check only this session's role. @throws {Failure} `permission` */
export async function refuseHiddenRows(
  database: Queryable,
  plans: readonly SourcePlan[],
  options: { readonly own?: boolean } = {},
): Promise<void> {
  const hidden = (await hiddenRows(database, plans)).find((one) => one.own || options.own !== true);
  if (hidden) throw refusal(hidden);
}

/**
 * The catalogue without the relations whose rows are hidden from this session's role. Segments that read such a
 * relation are invalid until the rows are visible again; all other segments go on. For a worker that runs already:
 * `refuseHiddenRows` stops a worker that starts.
 * @throws {Failure} `permission` when contacts are hidden: then no segment can follow, and no condition is validated
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

function refusal(hidden: HiddenRows): Failure {
  return new Failure(
    'permission',
    `${hiddenSentence(hidden).slice(0, -1)}: run \`${hiddenFix(hidden)}\`${hidden.forced ? '' : ', or work as the owner of the tables'}.`,
  );
}

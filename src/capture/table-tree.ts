/**
 * The tables that capture stands on as they are now: each source's table with its partitions and children, their files,
 * columns and triggers. Facts for install (what differs), drift (what changed since) and doctor.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';

/** One table of a tree, the root first. */
export interface Branch {
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned, `f` foreign. */
  readonly kind: string;
  /** Changes when the table is rewritten; null for a partitioned one, which has no rows of its own. */
  readonly filenode: string | null;
  /** Changes when it is taken out of the tree and put back; null for the root, absent where an older segmentd took it down. */
  readonly attached?: string | null | undefined;
  /** Of the columns that matter: attnum and type. */
  readonly columns: Readonly<Record<string, string>>;
  /** Of those that are generated: a hash of the expression, which of a virtual one changes without a rewrite. Absent as `attached` is. */
  readonly expressions?: Readonly<Record<string, string>> | undefined;
  /** Columns of each unique index over columns that matter. Absent as `attached` is. */
  readonly uniques?: readonly (readonly string[])[] | undefined;
  /** A subscription fills it. */
  readonly subscribed?: boolean | undefined;
  /** Our triggers: `tgenabled` and the function's name. */
  readonly triggers: Readonly<Record<string, string>>;
}

export interface TableTree {
  /** Empty when the table is gone. */
  readonly branches: readonly Branch[];
}

export async function readTableTrees(database: Queryable, plans: readonly SourcePlan[]): Promise<readonly TableTree[]> {
  const columns = Object.fromEntries(
    plans.map((plan, index) => [
      index + 1,
      [plan.link.column, ...plan.targets, ...plan.columns.map((column) => column.name)],
    ]),
  );
  const { rows } = await database.query<Branch & { position: number }>({
    ...statement('capture-tree'),
    values: [plans.map((plan) => plan.table.schema), plans.map((plan) => plan.table.name), JSON.stringify(columns)],
  });
  return plans.map((_, index) => ({
    branches: rows
      .filter((row) => row.position === index + 1)
      .map(({ schema, name, kind, filenode, attached, columns: own, expressions, uniques, subscribed, triggers }) => ({
        schema,
        name,
        kind,
        filenode,
        attached,
        columns: own,
        expressions,
        uniques,
        subscribed,
        triggers,
      })),
  }));
}

/** Replication writes to a partition through its root and by itself, so one subscribed table counts for all of the tree. */
export function isSubscribed(tree: TableTree): boolean {
  return tree.branches.some((branch) => branch.subscribed === true);
}

/** Name of a branch for people. */
export function branchName(branch: { readonly schema: string; readonly name: string }): string {
  return `${branch.schema}.${branch.name}`;
}

/**
 * The tables of each source as they are now: the table with its partitions and children, their files, columns and
 * triggers. Facts for `install` (what differs), drift (what changed since) and `doctor`. Only reads.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';
import type { Wide } from './trigger/changed-mask.ts';

/** One table of a tree. */
export interface Branch {
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned, `f` foreign. */
  readonly kind: string;
  /** Changes when the table is rewritten; null for a partitioned table, which has no rows of its own. */
  readonly filenode: string | null;
  /**
   * Changes when the branch is detached and attached again; null for the root, absent in a fingerprint of an older
   * segmentd.
   */
  readonly attached?: string | null | undefined;
  /** For each captured column: attnum and type. */
  readonly columns: Readonly<Record<string, string>>;
  /**
   * For each generated column: a hash of the expression, which changes without a rewrite when the column is virtual.
   * Absent as `attached`.
   */
  readonly expressions?: Readonly<Record<string, string>> | undefined;
  /** Columns of each unique index over captured columns. Absent as `attached`. */
  readonly uniques?: readonly (readonly string[])[] | undefined;
  /** Whether a subscription fills the table. */
  readonly subscribed?: boolean | undefined;
  /** Whether it is a partition of another table. Absent as `attached`. */
  readonly partition?: boolean | undefined;
  /** How a value that is stored apart from its row is recognised; null where there is none. Absent as `attached`. */
  readonly wide?: Wide | null | undefined;
  /** Whether an index checks at each row that the link is unique. Absent as `attached`. */
  readonly immediate?: boolean | undefined;
  /** For each trigger of ours: `tgenabled` and the function's name. */
  readonly triggers: Readonly<Record<string, string>>;
}

export interface TableTree {
  /** The root first; empty when the table does not exist. */
  readonly branches: readonly Branch[];
}

/** One tree for each plan, in the same order. */
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
      .map((row) => ({
        schema: row.schema,
        name: row.name,
        kind: row.kind,
        filenode: row.filenode,
        attached: row.attached,
        columns: row.columns,
        expressions: row.expressions,
        uniques: row.uniques,
        subscribed: row.subscribed,
        partition: row.partition,
        wide: row.wide,
        immediate: row.immediate,
        triggers: row.triggers,
      })),
  }));
}

/**
 * Whether a subscription fills a table of the tree. Replication writes to a partition directly or through its root, so
 * one is enough.
 */
export function isSubscribed(tree: TableTree): boolean {
  return tree.branches.some((branch) => branch.subscribed === true);
}

/** Name of a branch for people. */
export function branchName(branch: { readonly schema: string; readonly name: string }): string {
  return `${branch.schema}.${branch.name}`;
}

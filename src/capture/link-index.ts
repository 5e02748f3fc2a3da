/**
 * Indexes that a recheck needs: on the column that links a relation's rows, on the columns that rows further out refer to, and on the
 * contacts' columns that refer to others. Without such an index every changed contact costs a scan of the table, so `install` refuses. build-index.ts creates them.
 */
import { Failure } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import type { Reading } from '../catalogue/text-reading.ts';
import { ident, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { readText } from '../compile/text-value.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';
import { branchName } from './table-tree.ts';

export interface MissingIndex {
  readonly table: Table;
  readonly column: string;
  /** How the text of the column is read: the index is then on what is read of it. */
  readonly reading?: Reading;
  /** `p` for a partitioned table. */
  readonly kind: string;
  /** The command that creates it. For a partitioned table this command blocks writers; `install --indexes` does not. */
  readonly command: string;
}

/** Link indexes that the tables lack. Only reads. */
export async function missingIndexes(
  database: Queryable,
  plans: readonly SourcePlan[],
): Promise<readonly MissingIndex[]> {
  const needed = plans.flatMap((plan) =>
    [plan.link.column, ...plan.targets, ...plan.outward].map((column) => ({ table: plan.table, column })),
  );
  const { rows } = await database.query<{ position: number; kind: string; indexed: boolean }>({
    ...statement('capture-index'),
    values: [
      needed.map((one) => one.table.schema),
      needed.map((one) => one.table.name),
      needed.map((one) => one.column),
      needed.map(() => null),
    ],
  });
  return rows.flatMap(({ position, kind, indexed }) => {
    const one = needed[position - 1];
    if (indexed || !one) return [];
    return [{ ...one, kind, command: indexCommand(one.table, one.column, kind) }];
  });
}

/** @param kind `p` for a partitioned table, which cannot be indexed concurrently */
export function indexCommand(table: Table, column: string, kind: string, reading?: Reading): string {
  const concurrently = kind === 'p' ? sql`` : sql` concurrently`;
  return `${render(sql`create index${concurrently} on ${tableName(table)} (${indexKey(column, reading)})`).text};`;
}

/** What an index on the column is on, as `create index` takes it. */
export function indexKey(column: string, reading?: Reading): Fragment {
  return reading === undefined ? ident(column) : sql`(${readText(reading, ident(column))})`;
}

/** The same as the lookups of an index want it: null for the column itself. */
export function indexExpression(column: string, reading?: Reading): string | null {
  return reading === undefined ? null : render(indexKey(column, reading)).text;
}

/** Lists that are longer are shown without the command of each. */
const FEW = 3;

/**
 * Refuses when indexes are missing. Both the list and what to do depend on how many they are.
 * @throws {Failure} `usage`
 */
export function refuseMissing(missing: readonly MissingIndex[]): void {
  if (missing.length === 0) return;
  const list = missing.map((one) => `${branchName(one.table)} (${one.column})`).join(', ');
  const next =
    missing.length <= FEW
      ? `Run: ${missing.map((one) => one.command).join(' ')} Or run \`segmentd install --indexes\`, or take ${missing.length === 1 ? 'its relation' : 'their relations'} out of the config file, or accept the scans with --slow.`
      : '`segmentd install --indexes` says the size of each and creates them without blocking writers, `segmentd install --print` prints the commands, relations can be taken out of the config file, and --slow accepts the scans.';
  throw new Failure('usage', `There is no index on ${list}, so every change would scan the table. ${next}`, {
    data: missing,
  });
}

/**
 * Indexes that a recheck needs: on the column that links a relation's rows, and on the columns that rows further out
 * refer to. Without such an index every changed contact costs a scan of the table, so `install` refuses.
 */
import { Failure } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { ident, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Client, Queryable } from '../postgres/pool.ts';
import { hashOf, statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';
import { branchName } from './table-tree.ts';

export interface MissingIndex {
  readonly table: Table;
  readonly column: string;
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
    [plan.link.column, ...plan.targets].map((column) => ({ table: plan.table, column })),
  );
  const { rows } = await database.query<{ position: number; kind: string; indexed: boolean }>({
    ...statement('capture-index'),
    values: [
      needed.map((one) => one.table.schema),
      needed.map((one) => one.table.name),
      needed.map((one) => one.column),
    ],
  });
  return rows.flatMap(({ position, kind, indexed }) => {
    const one = needed[position - 1];
    if (indexed || !one) return [];
    return [{ ...one, kind, command: indexCommand(one.table, one.column, kind) }];
  });
}

/** @param kind `p` for a partitioned table, which cannot be indexed concurrently */
export function indexCommand(table: Table, column: string, kind: string): string {
  const concurrently = kind === 'p' ? sql`` : sql` concurrently`;
  return `${render(sql`create index${concurrently} on ${tableName(table)} (${ident(column)})`).text};`;
}

/**
 * Handles missing indexes: creates them (`indexes`), returns their commands (`print`), ignores them (`slow`), or
 * refuses. Returns lines to show. @throws {Failure} `usage`
 */
export async function ensureIndexes(
  client: Client,
  plans: readonly SourcePlan[],
  options: { readonly print?: boolean; readonly indexes?: boolean; readonly slow?: boolean },
): Promise<readonly string[]> {
  const missing = await missingIndexes(client, plans);
  if (missing.length === 0) return [];
  if (options.print) return missing.map((one) => `${one.command}\n`);
  if (options.indexes) {
    for (const one of missing) await buildIndex(client, one);
    return missing.map((one) => `created an index on ${branchName(one.table)} (${one.column})`);
  }
  if (options.slow) return [];
  const list = missing.map((one) => `${branchName(one.table)} (${one.column})`).join(', ');
  throw new Failure(
    'usage',
    `There is no index on ${list}, so every change would scan the table. Run: ${missing.map((one) => one.command).join(' ')} Or run \`segmentd install --indexes\`, or accept the scans with --slow.`,
    { data: missing },
  );
}

/**
 * Creates an index without blocking writers. On a partitioned table it goes leaf by leaf; the parent's index then takes
 * those over.
 */
export async function buildIndex(client: Client, index: MissingIndex): Promise<void> {
  if (index.kind !== 'p') return buildConcurrently(client, index.table, index.column);
  const leaves = await client.query<Table>(
    `select n.nspname as schema, c.relname as name
     from pg_catalog.pg_partition_tree(to_regclass($1)) t
     join pg_catalog.pg_class c on c.oid = t.relid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where t.isleaf`,
    [render(tableName(index.table)).text],
  );
  for (const leaf of leaves.rows) {
    const [found] = (
      await client.query<{ indexed: boolean }>({
        ...statement('capture-index'),
        values: [[leaf.schema], [leaf.name], [index.column]],
      })
    ).rows;
    if (found?.indexed !== true) await buildConcurrently(client, leaf, index.column);
  }
  await run(
    client,
    sql`create index ${ident(indexName(index.table, index.column))} on ${tableName(index.table)} (${ident(index.column)})`,
  );
}

/**
 * A name of ours: an invalid index of an interrupted build can be dropped, and `uninstall --purge` can name what stays.
 */
function indexName(table: Table, column: string): string {
  return `segmentd_link_${hashOf(JSON.stringify([table, column]))}`;
}

async function buildConcurrently(client: Client, table: Table, column: string): Promise<void> {
  const name = indexName(table, column);
  await run(client, sql`drop index concurrently if exists ${ident(table.schema, name)}`);
  await run(client, sql`create index concurrently ${ident(name)} on ${tableName(table)} (${ident(column)})`);
}

async function run(client: Client, command: Fragment): Promise<void> {
  await client.query(render(command).text);
}

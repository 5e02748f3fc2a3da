/**
 * Tables that Citus distributes. A trigger on such a table runs on the servers of its shards, which have no segmentd,
 * so every write of the team would fail. `install` refuses them, as it refuses foreign partitions.
 */
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';
import { branchName, readTableTrees } from './table-tree.ts';

/** Names of the source tables that Citus distributes. Only reads. */
export async function distributedTables(database: Queryable, plans: readonly SourcePlan[]): Promise<readonly string[]> {
  const known = await database.query(
    `select from pg_catalog.pg_class c where c.relname = 'pg_dist_partition' and c.relnamespace = 'pg_catalog'::regnamespace`,
  );
  if (known.rowCount === 0) return [];
  const branches = (await readTableTrees(database, plans)).flatMap((tree) => tree.branches);
  const { rows } = await database.query<{ schema: string; name: string }>({
    ...statement('distributed'),
    values: [branches.map(({ schema }) => schema), branches.map(({ name }) => name)],
  });
  return [...new Set(rows.map(branchName))];
}

export function distributedSentence(tables: readonly string[]): string {
  return `${tables.join(', ')} ${tables.length === 1 ? 'is' : 'are'} distributed by Citus: capture there would make every write fail. segmentd works with a single Postgres server: install it on each server of the data separately.`;
}

/** @throws {Failure} `usage` */
export async function refuseDistributed(database: Queryable, plans: readonly SourcePlan[]): Promise<void> {
  const tables = await distributedTables(database, plans);
  if (tables.length > 0) throw new Failure('usage', distributedSentence(tables));
}

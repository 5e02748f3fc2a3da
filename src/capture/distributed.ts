/**
 * Tables that Citus distributes. A trigger on one runs on the servers of its shards, where there is no segmentd, so that every
 * write of the team would fail. They are refused, as foreign partitions are.
 */
import { Failure } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';
import { branchName, readTableTrees } from './table-tree.ts';

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
  return `${tables.join(', ')} ${tables.length === 1 ? 'is' : 'are'} distributed by Citus: capture there would make every write fail. segmentd runs beside a single Postgres; install it on each server of the data by itself.`;
}

/** @throws {Failure} `usage` */
export async function refuseDistributed(database: Queryable, plans: readonly SourcePlan[]): Promise<void> {
  const tables = await distributedTables(database, plans);
  if (tables.length > 0) throw new Failure('usage', distributedSentence(tables));
}

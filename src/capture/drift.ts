/**
 * Drift: what triggers cannot see, such as an attached partition, a disabled trigger or a rewritten table. Compares the
 * fingerprint of each installed source with the present. This file only reports; a worker requests the rebuilds, and
 * then `acceptDrift` makes the present the new fingerprint. A TRUNCATE gives a table a new file as a rewrite does, but
 * its trigger reports it. `acceptFiles` takes the new file over in the transaction that requests the rebuilds, and
 * until then `findUnreported` leaves it out.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Client, Queryable } from '../postgres/pool.ts';
import { planSources } from './source.ts';
import { driftOf, type Drift } from './table-drift.ts';
import { branchName, readTableTrees, type TableTree } from './table-tree.ts';

/** Drift of every installed source. Only reads. */
export async function findDrift(database: Queryable, catalogue: Catalogue): Promise<readonly Drift[]> {
  const plans = planSources(catalogue);
  const { rows } = await database.query<{ id: number; key: string; fingerprint: TableTree }>(
    'select id, key, fingerprint from segmentd_internal.source where installed_at is not null and fingerprint is not null and key = any ($1::text[])',
    [plans.map((plan) => plan.key)],
  );
  const before = new Map(rows.map((row) => [row.key, row]));
  const installed = plans.filter((plan) => before.has(plan.key));
  const now = await readTableTrees(database, installed);
  return installed.flatMap((plan, index) => {
    const then = before.get(plan.key);
    const current = now[index];
    return then && current ? driftOf(then, then.fingerprint, current) : [];
  });
}

/** Makes the present state of these sources their fingerprint. */
export async function acceptDrift(
  database: Queryable,
  catalogue: Catalogue,
  sources: readonly string[],
): Promise<void> {
  const plans = planSources(catalogue).filter((plan) => sources.includes(plan.key));
  const trees = await readTableTrees(database, plans);
  await database.query(
    `update segmentd_internal.source s set fingerprint = f.tree
     from unnest($1::text[], $2::jsonb[]) as f(key, tree) where s.key = f.key`,
    [plans.map((plan) => plan.key), trees.map((tree) => JSON.stringify(tree))],
  );
}

/** `findDrift` without the new files of tables whose TRUNCATE still waits in the outbox. Exact while no drain runs. */
export async function findUnreported(database: Queryable, catalogue: Catalogue): Promise<readonly Drift[]> {
  // The outbox is read after the files: a TRUNCATE commits both at once.
  const found = await findDrift(database, catalogue);
  if (found.length === 0) return found;
  const { rows } = await database.query<{ key: string }>(
    `select so.key from segmentd_internal.source so where exists (
       select from segmentd_internal.change c where c.shard = 64 and c.source = so.id and c.contact_id is null and c.link is null)`,
  );
  const reported = new Set(rows.map((row) => row.key));
  return found.filter((one) => one.kind !== 'rewritten' || !reported.has(one.source));
}

/**
 * `findUnreported`, exact: it locks the source rows until the transaction ends, so no drain takes over a file between
 * the statements.
 */
export async function findUnreportedLocked(client: Client, catalogue: Catalogue): Promise<readonly Drift[]> {
  await client.query('select from segmentd_internal.source so order by so.id for no key update');
  return findUnreported(client, catalogue);
}

/**
 * Takes over the present files of one source, in the transaction that requests the rebuilds of its readers. Those
 * rebuilds read whatever was rewritten before this moment, and `findDrift` finds a later rewrite.
 */
export async function acceptFiles(client: Client, catalogue: Catalogue, key: string): Promise<void> {
  const plans = planSources(catalogue).filter((plan) => plan.key === key);
  const { rows } = await client.query<{ fingerprint: TableTree }>(
    'select so.fingerprint from segmentd_internal.source so where so.key = $1 and so.fingerprint is not null for no key update',
    [key],
  );
  const [then] = rows;
  if (!then) return;
  const [now] = await readTableTrees(client, plans);
  const files = new Map(now?.branches.map((branch) => [branchName(branch), branch.filenode]));
  const branches = then.fingerprint.branches.map((branch) => ({
    ...branch,
    filenode: files.get(branchName(branch)) ?? branch.filenode,
  }));
  await client.query('update segmentd_internal.source so set fingerprint = $2 where so.key = $1', [
    key,
    JSON.stringify({ ...then.fingerprint, branches }),
  ]);
}

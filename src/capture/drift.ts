/**
 * What triggers cannot see: a partition attached, a trigger disabled or dropped, a column retyped, a table rewritten or
 * replaced since capture was installed. Compares the fingerprint taken then with now. Reports; the watch acts on it
 * (rebuilds of what reads the source) and `acceptDrift` then makes the present the new fingerprint.
 * A TRUNCATE gives a table a new file as a rewrite does, but its trigger reports it: `acceptFiles` takes the new file over in
 * the transaction that requests the rebuilds, and until then `findUnreported` leaves it out.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Client, Queryable } from '../postgres/pool.ts';
import { planSources } from './source.ts';
import { branchName, readTableTrees, type Branch, type TableTree } from './table-tree.ts';

export type DriftKind =
  | 'table-gone'
  | 'partition-added'
  | 'partition-removed'
  | 'trigger-changed'
  | 'column-changed'
  | 'rewritten'
  | 'unique-gone';

export interface Drift {
  /** `sourceKey` of the source. */
  readonly source: string;
  readonly kind: DriftKind;
  readonly sentence: string;
}

/** Sources that are not installed are not compared. */
export async function findDrift(database: Queryable, catalogue: Catalogue): Promise<readonly Drift[]> {
  const plans = planSources(catalogue);
  const { rows } = await database.query<{ id: number; key: string; fingerprint: TableTree }>(
    'select id, key, fingerprint from segmentd.source where installed_at is not null and fingerprint is not null and key = any ($1::text[])',
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

/** Makes the present state of these sources the one that later states are compared with. */
export async function acceptDrift(
  database: Queryable,
  catalogue: Catalogue,
  sources: readonly string[],
): Promise<void> {
  const plans = planSources(catalogue).filter((plan) => sources.includes(plan.key));
  const trees = await readTableTrees(database, plans);
  await database.query(
    `update segmentd.source s set fingerprint = f.tree
     from unnest($1::text[], $2::jsonb[]) as f(key, tree) where s.key = f.key`,
    [plans.map((plan) => plan.key), trees.map((tree) => JSON.stringify(tree))],
  );
}

/** The same without new files of tables whose TRUNCATE still waits in the outbox. Exact where no drain runs meanwhile. */
export async function findUnreported(database: Queryable, catalogue: Catalogue): Promise<readonly Drift[]> {
  // The outbox is read after the files: a TRUNCATE commits both at once.
  const found = await findDrift(database, catalogue);
  if (found.length === 0) return found;
  const { rows } = await database.query<{ key: string }>(
    `select so.key from segmentd.source so where exists (
       select from segmentd.change c where c.shard = 64 and c.source = so.id and c.contact_id is null and c.link is null)`,
  );
  const reported = new Set(rows.map((row) => row.key));
  return found.filter((one) => one.kind !== 'rewritten' || !reported.has(one.source));
}

/** Exact: the source rows are locked until the transaction ends, so that no drain takes over a file between the statements. */
export async function findUnreportedLocked(client: Client, catalogue: Catalogue): Promise<readonly Drift[]> {
  await client.query('select from segmentd.source so order by so.id for no key update');
  return findUnreported(client, catalogue);
}

/**
 * Takes over the present files of one source. Part of the transaction that requests the rebuild of whatever reads it: a rewrite
 * before this moment is in those rebuilds too, and a later one is found as ever.
 */
export async function acceptFiles(client: Client, catalogue: Catalogue, key: string): Promise<void> {
  const plans = planSources(catalogue).filter((plan) => plan.key === key);
  const { rows } = await client.query<{ fingerprint: TableTree }>(
    'select so.fingerprint from segmentd.source so where so.key = $1 and so.fingerprint is not null for no key update',
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
  await client.query('update segmentd.source so set fingerprint = $2 where so.key = $1', [
    key,
    JSON.stringify({ ...then.fingerprint, branches }),
  ]);
}

/** What differs between a source as it was and as it is. */
export function driftOf(
  source: { readonly id: number; readonly key: string },
  then: TableTree,
  now: TableTree,
): readonly Drift[] {
  const prefix = `segmentd_${source.id}_`;
  const found: Drift[] = [];
  const add = (kind: DriftKind, sentence: string): void => {
    found.push({ source: source.key, kind, sentence });
  };
  if (now.branches.length === 0) {
    add('table-gone', `The table ${then.branches[0] ? branchName(then.branches[0]) : source.key} is gone.`);
    return found;
  }
  const before = new Map(then.branches.map((branch) => [branchName(branch), branch]));
  const after = new Map(now.branches.map((branch) => [branchName(branch), branch]));
  for (const [name, branch] of before) {
    const current = after.get(name);
    if (current) compare(name, branch, current, prefix, add);
    else add('partition-removed', `The partition ${name} is gone.`);
  }
  for (const name of after.keys()) if (!before.has(name)) add('partition-added', `The partition ${name} is new.`);
  return found;
}

function compare(
  name: string,
  then: Branch,
  now: Branch,
  prefix: string,
  add: (kind: DriftKind, sentence: string) => void,
): void {
  if (then.filenode !== now.filenode) add('rewritten', `The table ${name} was rewritten or emptied.`);
  if (then.attached !== undefined && then.attached !== now.attached)
    add('partition-added', `The partition ${name} was taken out and put back.`);
  for (const column of new Set([...Object.keys(then.columns), ...Object.keys(now.columns)])) {
    const old = then.columns[column];
    const current = now.columns[column];
    if (old === current || (old !== undefined && current !== undefined && sameType(old, current))) continue;
    if (current === undefined) add('column-changed', `The column "${column}" of ${name} is gone.`);
    else if (old !== undefined)
      add('column-changed', `The column "${column}" of ${name} was replaced or changed its type.`);
  }
  for (const [column, old] of Object.entries(then.expressions ?? {})) {
    const current = now.expressions?.[column];
    if (current !== undefined && current !== old)
      add('column-changed', `The column "${column}" of ${name} is generated in another way.`);
  }
  // Until the catalogue was read again, rows that are no longer unique were counted once for each way.
  const uniques = new Set(now.uniques?.map((columns) => columns.join(', ')));
  for (const columns of then.uniques ?? []) {
    if (now.uniques && !uniques.has(columns.join(', ')))
      add('unique-gone', `The unique index of ${name} on ${columns.join(', ')} is gone.`);
  }
  for (const trigger of new Set([...Object.keys(then.triggers), ...Object.keys(now.triggers)])) {
    if (!trigger.startsWith(prefix) || then.triggers[trigger] === now.triggers[trigger]) continue;
    add(
      'trigger-changed',
      `The trigger ${trigger} on ${name} was ${now.triggers[trigger] === undefined ? 'dropped' : 'changed'}.`,
    );
  }
}

/** Earlier versions wrote a type without its schema where the installer's search path had it. */
function sameType(then: string, now: string): boolean {
  const [number, type = ''] = parted(then);
  const [same, qualified = ''] = parted(now);
  return number === same && !type.includes('.') && qualified.endsWith(`.${type}`);
}

/** `attnum type` */
function parted(column: string): readonly string[] {
  const space = column.indexOf(' ');
  return [column.slice(0, space), column.slice(space + 1)];
}

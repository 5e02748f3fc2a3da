/**
 * The steps that install capture: the difference between what a catalogue needs and what stands in the database, one
 * transaction a step. This file only decides; install.ts runs or prints the steps. Invariant: a step that closes a gap
 * also appends "everything in this source" to the outbox. A gap is a trigger that was missing, disabled or different,
 * or drift that no worker has handled: what was written meanwhile is unknown, and after the step nothing would show the
 * gap.
 */
import { Failure } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { integer, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Client, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { driftOf } from './table-drift.ts';
import type { SourceTable, SourcePlan } from './source.ts';
import { proveCapture } from './prove.ts';
import { branchName, isSubscribed, readTableTrees, type TableTree } from './table-tree.ts';
import { enabledOf } from './trigger/operation.ts';
import { captureFunctions, commentOf, createFunction, createTrigger, type CaptureFunction } from './trigger/trigger.ts';

export interface InstallStep {
  /** Name of the table, for people. */
  readonly title: string;
  readonly tables: readonly Table[];
  /** Whether the commands need a table without writers: new ones wait, and earlier ones have ended. */
  readonly locksOutWriters: boolean;
  readonly commands: readonly Fragment[];
  /** Runs in the same transaction, after the commands. Returns lines to show. */
  readonly finish: ((client: Client) => Promise<readonly string[]>) | undefined;
  /** What a script runs in place of `finish`. */
  readonly closing: Fragment | undefined;
  /** Lines to show when the step is done. */
  readonly changes: readonly string[];
}

/** @throws {Failure} `usage` when a table does not exist or has a foreign partition */
export async function stepsToInstall(
  database: Queryable,
  sources: readonly SourceTable[],
  options: { readonly doorbell: boolean },
): Promise<readonly InstallStep[]> {
  const comments = await functionComments(database);
  const trees = await readTableTrees(database, sources);
  const recorded = await database.query<{ id: number }>(
    'select id from segmentd_internal.source where installed_at is not null and fingerprint is not null',
  );
  const complete = new Set(recorded.rows.map((row) => row.id));
  return sources.flatMap((source, index) => {
    const tree = trees[index];
    if (!tree || tree.branches.length === 0)
      throw new Failure('usage', `The table ${branchName(source.table)} does not exist.`);
    const captures = captureFunctions(source, { ...options, rows: isSubscribed(tree) });
    const triggers = captures.flatMap((capture) => triggersOn(tree, capture));
    const gap = triggers.length > 0;
    const commands = [
      ...captures.filter((capture) => comments.get(capture.name) !== commentOf(capture)).flatMap(createFunction),
      ...triggers,
      ...(gap ? [everythingAgain(source)] : []),
    ];
    if (commands.length === 0 && complete.has(source.id)) return [];
    const title = titleOf(source);
    return [
      {
        title,
        tables: [source.table],
        locksOutWriters: commands.length > 0,
        commands,
        finish: async (transaction: Client) => {
          await recordInstalled(transaction, source, gap);
          return proveInstalled(transaction, source, 'so capture was not installed there');
        },
        // The fingerprint stays: what differs from it is drift, which a worker handles.
        closing: sql`update segmentd_internal.source set installed_at = clock_timestamp() where id = ${integer(source.id)}`,
        changes: commands.length === 0 ? [] : [`installed capture on ${title}`],
      },
    ];
  });
}

function triggersOn(tree: TableTree, capture: CaptureFunction): readonly Fragment[] {
  return tree.branches.flatMap((branch) => {
    if (branch.kind === 'f')
      throw new Failure(
        'usage',
        `${branchName(branch)} is a foreign table among the partitions: no trigger can see its changes, and writes through its parent would fail.`,
      );
    // A row trigger of a partitioned table would be cloned to its partitions, which have their own.
    if (capture.operation === 'row' && branch.kind !== 'r') return [];
    return branch.triggers[capture.trigger] === `${enabledOf(capture.operation)} ${capture.name}`
      ? []
      : createTrigger(capture, tableName(branch));
  });
}

/** Name of a source, for people. */
export function titleOf(source: SourcePlan): string {
  return `${branchName(source.table)} (${source.link.column})`;
}

/**
 * Proves capture before the commit, so that a trigger that makes writes fail never reaches the team's writers. Returns
 * lines to show. @throws {Failure} `failed`
 */
export async function proveInstalled(client: Client, source: SourceTable, advice: string): Promise<readonly string[]> {
  const [tree] = await readTableTrees(client, [source]);
  const unproven = tree && (await proveCapture(client, source, tree, advice));
  return unproven === undefined ? [] : [`capture on ${titleOf(source)} was not proven: ${unproven}`];
}

/** Comments of the capture functions in the database, by name. */
export async function functionComments(database: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ name: string; comment: string }>(statement('capture-function'));
  return new Map(rows.map((row) => [row.name, row.comment]));
}

/**
 * Appends what a TRUNCATE appends, for the next drain. A database without any build needs none: no segment has read the
 * source.
 */
function everythingAgain(source: SourceTable): Fragment {
  return sql`insert into segmentd_internal.change (shard, source) select 64, ${integer(source.id)} where exists (select from segmentd_internal.build)`;
}

/**
 * Records the installation, with writers locked out. Drift that no worker has handled becomes a change of everything:
 * the new fingerprint would hide it.
 */
async function recordInstalled(client: Client, source: SourceTable, isReported: boolean): Promise<void> {
  const { rows } = await client.query<{ fingerprint: TableTree | null }>(
    'select fingerprint from segmentd_internal.source where id = $1',
    [source.id],
  );
  const then = rows[0]?.fingerprint;
  if (!isReported && then) {
    // A column that left the config still exists.
    const targets = [...source.targets, ...then.branches.flatMap((branch) => Object.keys(branch.columns))];
    const [now] = await readTableTrees(client, [{ ...source, targets }]);
    if (now && driftOf(source, then, now).length > 0) await client.query(render(everythingAgain(source)).text);
  }
  const [tree] = await readTableTrees(client, [source]);
  await client.query(
    'update segmentd_internal.source set installed_at = clock_timestamp(), fingerprint = $2 where id = $1',
    [source.id, JSON.stringify(tree)],
  );
}

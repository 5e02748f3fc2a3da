/**
 * What is to be done on the team's tables: the difference between the capture that a catalogue wants and what stands in
 * the database, as steps of one transaction each. Decides only; install.ts runs or prints them. A step that closes a gap
 * (a trigger was missing, disabled or another; something changed unseen) also tells the outbox "everything in this
 * source": nobody knows what was written meanwhile, and afterwards nothing would say that there was a gap.
 */
import { Failure } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { ident, integer, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Client, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { driftOf } from './drift.ts';
import type { SourceTable, SourcePlan } from './source.ts';
import { proveCapture } from './prove.ts';
import { branchName, isSubscribed, readTableTrees, type TableTree } from './table-tree.ts';
import { enabledOf } from './trigger/operation.ts';
import { captureFunctions, commentOf, createFunction, createTrigger, type CaptureFunction } from './trigger/trigger.ts';

export interface InstallStep {
  /** The table, for people. */
  readonly title: string;
  readonly tables: readonly Table[];
  /** Whether writers must be kept out (and have ended) while the commands run. */
  readonly quiet: boolean;
  readonly commands: readonly Fragment[];
  /** Runs in the same transaction, after the commands. Returns lines to show. */
  readonly finish: ((client: Client) => Promise<readonly string[]>) | undefined;
  /** Stands for `finish` in a script. */
  readonly closing: Fragment | undefined;
  readonly changes: readonly string[];
}

export async function stepsToInstall(
  database: Queryable,
  sources: readonly SourceTable[],
  options: { readonly doorbell: boolean },
): Promise<readonly InstallStep[]> {
  const comments = await functionComments(database);
  const trees = await readTableTrees(database, sources);
  const recorded = await database.query<{ id: number }>(
    'select id from segmentd.source where installed_at is not null and fingerprint is not null',
  );
  const complete = new Set(recorded.rows.map((row) => row.id));
  return sources.flatMap((source, index) => {
    const tree = trees[index];
    if (!tree || tree.branches.length === 0)
      throw new Failure('usage', `The table ${branchName(source.table)} is gone.`);
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
        quiet: commands.length > 0,
        commands,
        finish: async (transaction: Client) => {
          await record(transaction, source, gap);
          return proveInstalled(transaction, source, 'so capture was not installed there');
        },
        // The fingerprint stays: what differs from it is drift, for a worker to act upon.
        closing: sql`update segmentd.source set installed_at = clock_timestamp() where id = ${integer(source.id)}`,
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

export function titleOf(source: SourcePlan): string {
  return `${branchName(source.table)} (${source.link.column})`;
}

/** Before the commit: a trigger that makes writes fail never reaches them. @throws {Failure} `failed` */
export async function proveInstalled(client: Client, source: SourceTable, advice: string): Promise<readonly string[]> {
  const [tree] = await readTableTrees(client, [source]);
  const unproven = tree && (await proveCapture(client, source, tree, advice));
  return unproven === undefined ? [] : [`capture on ${titleOf(source)} was not proven: ${unproven}`];
}

async function functionComments(database: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ name: string; comment: string }>(statement('capture-function'));
  return new Map(rows.map((row) => [row.name, row.comment]));
}

/** As a TRUNCATE tells it, to be found by whichever worker drains next. Where nothing was ever built nobody has read the source. */
function everythingAgain(source: SourceTable): Fragment {
  return sql`insert into segmentd.change (shard, source) select 64, ${integer(source.id)} where exists (select from segmentd.build)`;
}

/** With writers locked out. What changed unseen and was not acted upon yet may not become the present without a trace. */
async function record(client: Client, source: SourceTable, told: boolean): Promise<void> {
  const { rows } = await client.query<{ fingerprint: TableTree | null }>(
    'select fingerprint from segmentd.source where id = $1',
    [source.id],
  );
  const then = rows[0]?.fingerprint;
  if (!told && then) {
    // A column that the config names no more is still there.
    const targets = [...source.targets, ...then.branches.flatMap((branch) => Object.keys(branch.columns))];
    const [now] = await readTableTrees(client, [{ ...source, targets }]);
    if (now && driftOf(source, then, now).length > 0) await client.query(render(everythingAgain(source)).text);
  }
  const [tree] = await readTableTrees(client, [source]);
  await client.query('update segmentd.source set installed_at = clock_timestamp(), fingerprint = $2 where id = $1', [
    source.id,
    JSON.stringify(tree),
  ]);
}

/** Takes away triggers and functions that no source wants any more. With no sources: all of them. */
export async function stepsToRemove(
  database: Queryable,
  sources: readonly SourceTable[],
): Promise<readonly InstallStep[]> {
  const trees = await readTableTrees(database, sources);
  const captures = sources.map((source, index) =>
    captureFunctions(source, { doorbell: true, rows: isSubscribed(trees[index] ?? { branches: [] }) }),
  );
  const functions = new Set(captures.flat().map((capture) => capture.name));
  const wanted = new Set(
    trees.flatMap((tree, index) =>
      tree.branches.flatMap((branch) =>
        (captures[index] ?? []).map((capture) => JSON.stringify([branch.schema, branch.name, capture.trigger])),
      ),
    ),
  );
  const { rows } = await database.query<{ schema: string; name: string; trigger: string; function: string }>(
    statement('capture-trigger'),
  );
  const byTable = new Map<string, { table: Table; commands: Fragment[] }>();
  for (const row of rows) {
    if (wanted.has(JSON.stringify([row.schema, row.name, row.trigger]))) continue;
    const key = JSON.stringify([row.schema, row.name]);
    const entry = byTable.get(key) ?? { table: { schema: row.schema, name: row.name }, commands: [] };
    entry.commands.push(sql`drop trigger if exists ${ident(row.trigger)} on ${tableName(entry.table)}`);
    byTable.set(key, entry);
  }
  const steps: InstallStep[] = [...byTable.values()].map(({ table, commands }) => ({
    title: branchName(table),
    tables: [table],
    quiet: false,
    commands,
    finish: undefined,
    closing: undefined,
    changes: [`removed capture from ${branchName(table)}`],
  }));
  const obsolete = [...(await functionComments(database)).keys()].filter((name) => !functions.has(name));
  const ids = sources.map((source) => source.id);
  const forgotten = await database.query<{ id: number }>(
    'select id from segmentd.source where installed_at is not null and not id = any ($1::int[])',
    [ids],
  );
  if (obsolete.length + forgotten.rows.length > 0) {
    steps.push({
      title: 'functions of capture that nothing uses any more',
      tables: [],
      quiet: false,
      commands: [
        ...obsolete.map((name) => sql`drop function ${ident('segmentd', name)}()`),
        ...forgotten.rows.map(
          (row) =>
            sql`update segmentd.source set installed_at = null, fingerprint = null where id = ${integer(row.id)}`,
        ),
      ],
      finish: undefined,
      closing: undefined,
      changes: [],
    });
  }
  return steps;
}

/**
 * The steps that install capture: the difference between what a catalogue needs and what stands in the database, one
 * transaction a step. This file only decides; install.ts runs or prints the steps. Invariant: a step that closes a gap
 * also appends "everything in this source" to the outbox. A gap is a trigger that was missing, disabled or different,
 * or drift that no worker has handled: what was written meanwhile is unknown, and after the step nothing would show the
 * gap.
 */
import { Failure } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { ident, integer, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Client, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { driftOf } from './table-drift.ts';
import type { SourceTable, SourcePlan } from './source.ts';
import type { CaptureSetting } from '../catalogue/config.ts';
import { proveCapture } from './prove.ts';
import { chooseKinds, choiceLine, installedKinds, readWrites, type Choice, type RowsSeen } from './choose-kind.ts';
import { branchName, isSubscribed, readTableTrees, type Branch, type TableTree } from './table-tree.ts';
import type { Wide } from './trigger/changed-mask.ts';
import { enabledOf, isWrite } from './trigger/operation.ts';
import {
  captureFunctions,
  commentOf,
  createFunction,
  createTrigger,
  functionName,
  type CaptureFunction,
} from './trigger/trigger.ts';

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
  /** Which kinds of triggers it installs, and why. */
  readonly triggers?: string;
}

interface StepOptions {
  readonly doorbell: boolean;
  /** Which kind of triggers a source has about which the config says nothing. Absent: the installed ones stay. */
  readonly setting?: CaptureSetting | undefined;
}

/** @throws {Failure} `usage` when a table does not exist or has a foreign partition */
export async function stepsToInstall(
  database: Queryable,
  sources: readonly SourceTable[],
  options: StepOptions,
): Promise<readonly InstallStep[]> {
  const comments = await functionComments(database);
  const trees = await readTableTrees(database, sources);
  const seen = options.setting === undefined ? [] : await readWrites(database, trees);
  const recorded = await database.query<{ id: number }>(
    'select id from segmentd_internal.source where installed_at is not null and fingerprint is not null',
  );
  const complete = new Set(recorded.rows.map((row) => row.id));
  return sources.flatMap((source, index) => {
    const tree = trees[index];
    if (!tree || tree.branches.length === 0)
      throw new Failure('usage', `The table ${branchName(source.table)} does not exist.`);
    const { captures, choice } = capturesOf(source, tree, options, seen[index] ?? {}, comments);
    refuseForeign(tree);
    const triggers = captures.flatMap((capture) => triggersOn(source, tree, capture));
    const gap = captures.some((capture) => hasGap(source, tree, capture));
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
        ...(triggers.length === 0 ? {} : { triggers: `${title}: ${choiceLine(choice)}` }),
      },
    ];
  });
}

/**
 * The functions that a source needs, and why it has triggers of these kinds. A check (without `setting`) accepts any way of
 * comparing wide values that is installed: a table has its first wide value at any time.
 */
function capturesOf(
  source: SourceTable,
  tree: TableTree,
  { doorbell, setting }: StepOptions,
  seen: RowsSeen,
  comments: ReadonlyMap<string, string>,
): { readonly captures: readonly CaptureFunction[]; readonly choice: Choice } {
  const installed = installedKinds(source, tree);
  const choice = chooseKinds(source, tree, source.capture ?? setting ?? 'installed', seen, installed);
  const withWide = (wide: Wide | undefined): readonly CaptureFunction[] =>
    captureFunctions(source, { doorbell, kinds: choice.kinds, rows: isSubscribed(tree), wide });
  const wide = tree.branches.find((branch) => branch.wide)?.wide ?? undefined;
  const ways = setting === undefined ? [wide, undefined, 'chunk' as const, 'size' as const] : [wide];
  const isInstalled = (captures: readonly CaptureFunction[]): boolean =>
    captures.every((capture) => comments.get(capture.name) === commentOf(capture));
  return { captures: ways.map(withWide).find(isInstalled) ?? withWide(wide), choice };
}

function refuseForeign(tree: TableTree): void {
  const foreign = tree.branches.find((branch) => branch.kind === 'f');
  if (foreign)
    throw new Failure(
      'usage',
      `${branchName(foreign)} is a foreign table among the partitions: no trigger can see its changes, and writes through its parent would fail.`,
    );
}

/** The statements that give the tables of a tree a trigger. Those that have it are left alone. */
function triggersOn(source: SourceTable, tree: TableTree, capture: CaptureFunction): readonly Fragment[] {
  const [root] = tree.branches;
  const wrong = tree.branches.filter(
    (branch) => needsTrigger(branch, capture) && branch.triggers[capture.trigger] !== intact(capture),
  );
  if (wrong.length === 0 || !root) return [];
  // The triggers of the other kind have the same name. Those of partitions under a row trigger go with it.
  const rowTrigger = isWrite(capture.operation) ? functionName(source, capture.operation, 'row') : undefined;
  const isOfRows = (branch: Branch): boolean =>
    rowTrigger !== undefined && branch.triggers[capture.trigger]?.endsWith(` ${rowTrigger}`) === true;
  const drop = (branch: Branch): Fragment => sql`drop trigger ${ident(capture.trigger)} on ${tableName(branch)}`;
  if (capture.kind === 'row') {
    const others = tree.branches.filter(
      (branch) => branch.triggers[capture.trigger] !== undefined && !isOfRows(branch),
    );
    return [...(isOfRows(root) ? [root] : []), ...others].map(drop).concat(createTrigger(capture, tableName(root)));
  }
  return [
    ...(isOfRows(root) ? [drop(root)] : []),
    ...wrong.flatMap((branch) => createTrigger(capture, tableName(branch))),
  ];
}

/** A row trigger of a partitioned table would be cloned to its partitions, which have their own. */
function needsTrigger(branch: Branch, capture: CaptureFunction): boolean {
  return capture.operation !== 'row' || branch.kind === 'r';
}

/** Whether a write may have passed uncaptured: a trigger of either kind is missing, or does not fire always. */
function hasGap(source: SourceTable, tree: TableTree, capture: CaptureFunction): boolean {
  const { operation } = capture;
  const known: readonly string[] = isWrite(operation)
    ? KINDS.map((kind) => `${enabledOf(operation)} ${functionName(source, operation, kind)}`)
    : [intact(capture)];
  return tree.branches.some(
    (branch) => needsTrigger(branch, capture) && !known.includes(branch.triggers[capture.trigger] ?? ''),
  );
}

const KINDS = ['statement', 'row'] as const;

function intact(capture: CaptureFunction): string {
  return `${enabledOf(capture.operation)} ${capture.name}`;
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

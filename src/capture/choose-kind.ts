/**
 * Which kind of trigger each write of a source has, and why. What the config asks for counts where it is exact; else, and
 * with `auto`, how the table was written so far decides. Pure, but for `readWrites`.
 */
import type { CaptureKind } from '../catalogue/catalogue.ts';
import type { CaptureSetting } from '../catalogue/config.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { SourcePlan } from './source.ts';
import { branchName, isSubscribed, type Branch, type TableTree } from './table-tree.ts';
import { functionName } from './trigger/trigger.ts';
import { WRITES, type Kinds, type Write } from './trigger/operation.ts';

export interface Choice {
  readonly kinds: Kinds;
  /** Why, in a few words, for each write. */
  readonly reasons: Readonly<Record<Write, string>>;
}

/** Rows a transaction, at least: what the server has counted. Absent: never written, or not known. */
export type RowsSeen = Readonly<Partial<Record<Write, number>>>;

/**
 * Rows a statement from which a statement trigger is cheaper (*m*: 30 of 16 columns, Postgres 18). Below `FEW` a row trigger
 * surely is; between the two, what is installed stays.
 */
const MANY = 30;
const FEW = 10;

/**
 * @param setting `installed`: what is there stays, as far as it is exact
 * @param installed the kinds that the table has now, as far as it has triggers
 */
export function chooseKinds(
  source: Pick<SourcePlan, 'kind'>,
  tree: TableTree,
  setting: CaptureSetting | 'installed',
  seen: RowsSeen,
  installed: Partial<Kinds>,
): Choice {
  const one = (write: Write): readonly [CaptureKind, string] => {
    const needed = statementNeeded(source, tree, write);
    if (needed !== undefined) return ['statement', needed];
    if (setting === 'row' || setting === 'statement') return [setting, `\`capture\` is \`${setting}\``];
    const before = installed[write];
    if (setting === 'installed' && before !== undefined) return [before, 'as installed'];
    const rows = seen[write];
    if (rows !== undefined && rows >= MANY)
      return ['statement', `a transaction writes ${Math.round(rows)} rows or more`];
    // Without a count nothing says that the choice before was wrong.
    if (before !== undefined && (rows === undefined || rows >= FEW)) return [before, 'as installed'];
    return ['row', 'transactions write few rows'];
  };
  const chosen = Object.fromEntries(WRITES.map((write) => [write, one(write)])) as Record<
    Write,
    ReturnType<typeof one>
  >;
  // A row that moves to another partition fires row triggers of a delete and an insert, but statement triggers of the
  // update. Replication fires row triggers only.
  const isWhole = isPartitioned(tree) || isSubscribed(tree);
  const [decisive] = isWhole ? WRITES.filter((write) => chosen[write][0] === 'statement') : [];
  const final = (write: Write): readonly [CaptureKind, string] => chosen[decisive ?? write];
  return {
    kinds: byWrite((write) => final(write)[0]),
    reasons: byWrite((write) => final(write)[1]),
  };
}

/** Why only a statement trigger is exact there; undefined where a row trigger is too. */
function statementNeeded(source: Pick<SourcePlan, 'kind'>, tree: TableTree, write: Write): string | undefined {
  const [root] = tree.branches;
  if (!root) return undefined;
  if (root.kind === 'r' && tree.branches.length > 1) return 'the table has children';
  if (root.partition === true) return `${branchName(root)} is a partition`;
  if (source.kind !== 'contact') return undefined;
  // Old and new keys stand in one statement, and in no row: the delete and the insert of a move know one each.
  if (isPartitioned(tree)) return 'a contact can move to another partition with a new key';
  return write === 'update' && root.immediate !== true
    ? 'two contacts can exchange their keys in one statement'
    : undefined;
}

function isPartitioned(tree: TableTree): boolean {
  return tree.branches[0]?.kind === 'p';
}

/** The kinds of the triggers that a tree has, intact or not. */
export function installedKinds(source: { readonly id: number }, tree: TableTree): Partial<Kinds> {
  const triggers = tree.branches.flatMap((branch) => Object.values(branch.triggers));
  const found: Partial<Record<Write, CaptureKind>> = {};
  for (const write of WRITES)
    for (const kind of ['statement', 'row'] as const)
      if (triggers.some((trigger) => trigger.endsWith(` ${functionName(source, write, kind)}`))) found[write] = kind;
  return found;
}

/** Lines for people: what differs from before. */
export function choiceLine({ kinds, reasons }: Choice): string {
  const groups = new Map<string, Write[]>();
  for (const write of WRITES) {
    const text = `${kinds[write]} triggers (${reasons[write]})`;
    groups.set(text, [...(groups.get(text) ?? []), write]);
  }
  return groups.size === 1
    ? ([...groups.keys()][0] ?? '')
    : [...groups].map(([text, writes]) => `${writes.join(' and ')}: ${text}`).join('; ');
}

function byWrite<T>(value: (write: Write) => T): Readonly<Record<Write, T>> {
  return { insert: value('insert'), update: value('update'), delete: value('delete') };
}

/**
 * How many rows a transaction of each tree has written on average, at least: the rows of the tree among all transactions of
 * the database.
 */
export async function readWrites(database: Queryable, trees: readonly TableTree[]): Promise<readonly RowsSeen[]> {
  const branches = trees.flatMap((tree, index) => tree.branches.map((branch) => ({ index, branch })));
  const column = (of: (branch: Branch) => string): string[] => branches.map(({ branch }) => of(branch));
  const { rows } = await database.query<{ position: number } & Record<Write, number>>({
    ...statement('capture-writes'),
    values: [branches.map(({ index }) => index), column(({ schema }) => schema), column(({ name }) => name)],
  });
  const found = new Map(rows.map(({ position, ...seen }) => [position, seen]));
  return trees.map((_, index) => found.get(index) ?? {});
}

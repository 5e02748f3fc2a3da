/**
 * The steps that remove capture: triggers and functions that no source needs any more, one transaction a table. This
 * file only decides; install.ts and uninstall.ts run or print the steps.
 */
import type { Table } from '../catalogue/catalogue.ts';
import { ident, integer, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { chooseKinds, installedKinds } from './choose-kind.ts';
import { functionComments, type InstallStep } from './install-step.ts';
import type { SourceTable } from './source.ts';
import { branchName, isSubscribed, readTableTrees, type TableTree } from './table-tree.ts';
import { captureFunctions, type CaptureFunction } from './trigger/trigger.ts';

/** Names of the functions and triggers that a source needs, of whichever kind they are. */
function captureNames(source: SourceTable, tree: TableTree): readonly Pick<CaptureFunction, 'name' | 'trigger'>[] {
  const choice = chooseKinds(source, tree, source.capture ?? 'installed', {}, installedKinds(source, tree));
  return captureFunctions(source, { doorbell: true, rows: isSubscribed(tree), kinds: choice.kinds });
}

/** Steps that drop the triggers and functions which none of `sources` needs. Without sources: all of them. */
export async function stepsToRemove(
  database: Queryable,
  sources: readonly SourceTable[],
): Promise<readonly InstallStep[]> {
  const trees = await readTableTrees(database, sources);
  const captures = sources.map((source, index) => captureNames(source, trees[index] ?? { branches: [] }));
  const functions = new Set(captures.flat().map((capture) => capture.name));
  const needed = new Set(
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
    if (needed.has(JSON.stringify([row.schema, row.name, row.trigger]))) continue;
    const key = JSON.stringify([row.schema, row.name]);
    const entry = byTable.get(key) ?? { table: { schema: row.schema, name: row.name }, commands: [] };
    entry.commands.push(sql`drop trigger if exists ${ident(row.trigger)} on ${tableName(entry.table)}`);
    byTable.set(key, entry);
  }
  const steps: InstallStep[] = [...byTable.values()].map(({ table, commands }) => ({
    title: branchName(table),
    tables: [table],
    locksOutWriters: false,
    commands,
    finish: undefined,
    closing: undefined,
    changes: [`removed capture from ${branchName(table)}`],
  }));
  const obsolete = [...(await functionComments(database)).keys()].filter((name) => !functions.has(name));
  const ids = sources.map((source) => source.id);
  const unneeded = await database.query<{ id: number }>(
    'select id from segmentd_internal.source where installed_at is not null and not id = any ($1::int[])',
    [ids],
  );
  if (obsolete.length + unneeded.rows.length > 0) {
    steps.push({
      title: 'functions of capture that no trigger uses',
      tables: [],
      locksOutWriters: false,
      commands: [
        ...obsolete.map((name) => sql`drop function ${ident('segmentd_internal', name)}()`),
        ...unneeded.rows.map(
          (row) =>
            sql`update segmentd_internal.source set installed_at = null, fingerprint = null where id = ${integer(row.id)}`,
        ),
      ],
      finish: undefined,
      closing: undefined,
      changes: [],
    });
  }
  return steps;
}

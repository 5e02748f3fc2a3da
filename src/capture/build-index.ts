/**
 * Builds the indexes that segmentd needs on the team's tables, without blocking writers. A concurrent build that fails leaves an invalid index,
 * which costs writes and serves no query: ours has a name of its own, and is dropped at once or before the next build. Invariant: this file
 * drops no index of the team.
 */
import { Failure, sqlState } from '../base/error.ts';
import type { Table } from '../catalogue/catalogue.ts';
import { ident, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { hashOf, statement } from '../postgres/sql-file.ts';
import { indexExpression, indexKey, type MissingIndex } from './link-index.ts';
import { branchName } from './table-tree.ts';

export interface IndexProgress {
  readonly table: Table;
  readonly column: string;
  /** From 1, of `total` indexes. */
  readonly number: number;
  readonly total: number;
  /** From 0 to 1. */
  readonly fraction: number;
}

export interface BuildOptions {
  /** For a session that reads the progress, beside the one that builds. */
  readonly pool: Pool;
  readonly onProgress?: ((progress: IndexProgress) => void) | undefined;
}

const PROGRESS_MS = 250;

/** Builds one after the other. @returns a line for each @throws {Failure} `failed`, naming the index and what is left of it */
export async function buildIndexes(
  client: Client,
  missing: readonly MissingIndex[],
  { pool, onProgress }: BuildOptions,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [at, index] of missing.entries()) {
    const { table, column } = index;
    const report = (fraction: number): void =>
      onProgress?.({ table, column, number: at + 1, total: missing.length, fraction });
    report(0);
    const watch = onProgress && (await watchProgress(client, pool, report));
    try {
      await buildIndex(client, index);
    } finally {
      await watch?.();
    }
    report(1);
    lines.push(`created an index on ${branchName(table)} (${column})`);
  }
  return lines;
}

/** Reports what the session does, until the returned function is called. */
async function watchProgress(
  client: Client,
  pool: Pool,
  report: (fraction: number) => void,
): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  const pid = rows[0]?.pid;
  let running: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    // Progress is for the eye: a failure of it must not end the build.
    const seen = await pool
      .query<{ fraction: number }>({ ...statement('index-progress'), values: [pid] })
      .catch(() => undefined);
    const fraction = seen?.rows[0]?.fraction;
    if (fraction !== undefined) report(fraction);
  };
  const timer = setInterval(() => {
    running = running.then(look);
  }, PROGRESS_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** On a partitioned table it goes leaf by leaf; the parent's index then takes those over. */
async function buildIndex(client: Client, index: MissingIndex): Promise<void> {
  const { column, reading } = index;
  if (index.kind !== 'p') return buildConcurrently(client, index.table, index);
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
        values: [[leaf.schema], [leaf.name], [column], [indexExpression(column, reading)]],
      })
    ).rows;
    if (found?.indexed !== true) await buildConcurrently(client, leaf, index);
  }
  await run(
    client,
    sql`create index ${ident(indexName(index.table, index))} on ${tableName(index.table)} (${indexKey(column, reading)})`,
  );
}

type Keyed = Pick<MissingIndex, 'column' | 'reading'>;

/** A name of ours: what an interrupted build left can be dropped, and `uninstall --purge` can name what stays. */
function indexName(table: Table, { column, reading }: Keyed): string {
  return `segmentd_link_${hashOf(JSON.stringify([table, column, ...(reading === undefined ? [] : [reading])]))}`;
}

/** Whether an index is one of ours by its name. */
export function isOwnIndex(name: string): boolean {
  return /^segmentd_link_[0-9a-f]{16}$/.test(name);
}

async function buildConcurrently(client: Client, table: Table, keyed: Keyed): Promise<void> {
  const { column, reading } = keyed;
  const name = ident(table.schema, indexName(table, keyed));
  const drop = sql`drop index concurrently if exists ${name}`;
  await run(client, drop);
  try {
    await run(
      client,
      sql`create index concurrently ${ident(indexName(table, keyed))} on ${tableName(table)} (${indexKey(column, reading)})`,
    );
  } catch (cause) {
    if (sqlState(cause) === undefined || !(cause instanceof Error)) throw cause;
    const left = await run(client, drop).then(
      () => 'The invalid index that the build left is dropped.',
      () => `The build left an invalid index; drop it: ${render(drop).text};`,
    );
    throw new Failure(
      'failed',
      `The index on ${branchName(table)} (${column}) could not be created: ${cause.message.replace(/[.\s]*$/, '')} (SQLSTATE ${sqlState(cause) ?? ''}). ${left} Indexes that were finished before stay; run \`segmentd install --indexes\` again.`,
      { cause },
    );
  }
}

async function run(client: Client, command: Fragment): Promise<void> {
  await client.query(render(command).text);
}

/**
 * Writes selected rows to where they go and notes what became of it; whole exports and deltas both end here. It does not
 * decide who is selected.
 */
import { basename } from 'node:path';
import { Failure, noSegment } from '../base/error.ts';
import type { Catalogue, Table } from '../catalogue/catalogue.ts';
import { lockTables, SHORT_WAIT } from '../postgres/give-way.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import type { Client, Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { outputColumns, type OutputColumns, type OwnColumns } from './output-column.ts';
import { openTarget, type Destination } from './destination.ts';
import { createFormat, type FormatName } from './format/format.ts';
import type { DeltaManifest, Manifest } from './manifest.ts';
import { PATIENCE, readAtOnce, readByRange, type ReadSource } from './read-rows.ts';
import type { Selection } from './selection.ts';
import type { FileSystem } from './file-target.ts';
import { beginRun } from './run.ts';
import { orAbort, publish, sentenceOf, writeRows } from './write-rows.ts';

export interface RowOptions {
  readonly to: Destination;
  /** Default `csv`. */
  readonly format?: FormatName;
  /** Default: the key and the instant of entry; in a delta the change too. */
  readonly columns?: readonly string[];
  readonly gzip?: boolean;
  /** Leaves texts that a spreadsheet would take for formulas as they are (CSV). */
  readonly formulas?: boolean;
  /** Reads all columns in one snapshot, which holds up DDL of the team meanwhile. */
  readonly consistent?: boolean;
  readonly signal?: AbortSignal;
  /** 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  /** Tests let the file system fail. */
  readonly fileSystem?: FileSystem;
  /** The run in `segmentd.export_run` that this is, when there is one already. */
  readonly runId?: string;
}

/** A segment and the snapshot in which it was met. */
export interface Met {
  readonly id: number;
  readonly key: string;
  readonly state: string;
  readonly version: number;
  readonly members: number;
  readonly snapshot: string;
  readonly asOf: string;
  readonly freshAsOf: string | null;
}

/**
 * @param delta finds a deleted segment that had a delta of this name, for its last file
 * @throws {Failure} `not-found`; `conflict` before the first build, or while it is being deleted
 */
export async function meet(client: Queryable, key: string, delta?: string): Promise<Met> {
  const { rows } = await client.query<{
    id: number;
    state: string;
    wanted_state: string;
    live_version: number | null;
    members: string;
    snapshot: string;
    as_of: string;
    fresh_as_of: string | null;
  }>({
    ...statement('export-segment'),
    values: [key, delta ?? null],
  });
  const row = rows[0];
  if (!row) throw noSegment(key);
  if (row.wanted_state === 'deleted' && row.state !== 'deleted')
    throw new Failure(
      'conflict',
      `${key} is being deleted; the last file of a delta can be written when a worker has done that.`,
    );
  if (row.live_version === null)
    throw new Failure(
      'conflict',
      `${key} was never built, so it has no members to export; segmentd status ${key} says why.`,
    );
  return {
    id: row.id,
    key,
    state: row.state,
    version: row.live_version,
    members: Number(row.members),
    snapshot: row.snapshot,
    asOf: row.as_of,
    freshAsOf: row.fresh_as_of,
  };
}

/** `20240515T120000123456Z`. */
export function compact(instant: string): string {
  return instant.replaceAll(/[-:.]/g, '');
}

/**
 * One snapshot for everything holds up the team's DDL only where the team's tables are read, and vacuum only as long as it
 * lasts: a file is written as fast as it is read, but who knows how slow the reader of a stream is.
 */
export function inPieces({ consistent, to }: RowOptions, ownTablesOnly: boolean): boolean {
  return consistent !== true && !(ownTablesOnly && !('stream' in to));
}

const AT_ONCE = { statementTimeout: 0, idleTimeout: 0 } as const;

/** Waits for tables that the team has locked before the snapshot that counts is taken; `work` begins once. */
export async function atOnce<T>(
  pool: Pool,
  tables: readonly Table[],
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const once = () =>
    inTransaction(pool, AT_ONCE, async (client) => {
      await client.query(`set transaction isolation level repeatable read, read only; ${SHORT_WAIT}`);
      await lockTables(client, tables);
      // What has begun to write must not begin again.
      return work(client).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
    });
  const outcome = await retryLocked(once, { patience: PATIENCE, what: 'the export' });
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

export interface Rows {
  readonly met: Met;
  readonly selection: Selection;
  /** Of the file, without its extension: ids and times. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly delta?: DeltaManifest;
  /** A transaction in one snapshot to read in; absent: range by range. */
  readonly at?: Client;
  /** Where the run is noted; default the pool. One connection less where the caller has an idle one. */
  readonly notes?: Queryable;
  /** Called when the rows are safe under their temporary name; must call `publish` once. Default: just that. */
  readonly finish?: (manifest: Manifest, publish: () => Promise<void>) => Promise<void>;
}

/** @throws {Failure} `usage` for columns and a format that cannot be had together */
export function checkRows(
  catalogue: Catalogue,
  own: OwnColumns,
  names: readonly string[],
  { format, gzip }: RowOptions,
): OutputColumns {
  if (gzip === true && format === 'parquet')
    throw new Failure('usage', 'Parquet is compressed already; leave gzip out.');
  return outputColumns(catalogue, own, names);
}

export async function exportRows(pool: Pool, catalogue: Catalogue, rows: Rows, options: RowOptions): Promise<Manifest> {
  const { met, selection, delta } = rows;
  const { format: formatName = 'csv', gzip = false, signal } = options;
  const columns = checkRows(catalogue, selection.own, rows.columns, options);
  const format = await createFormat(formatName, columns.list, { formulas: options.formulas === true });
  const target = await openTarget(
    options.to,
    `${rows.name}.${format.extension}${gzip ? '.gz' : ''}`,
    options.fileSystem,
  );
  return orAbort(target, async () => {
    const run = await beginRun(pool, rows.notes ?? pool, met.id, target.path, options.runId);
    const startedAt = new Date().toISOString();
    try {
      const source: ReadSource = { catalogue, selection, columns, format };
      const written = await writeRows({
        format,
        gzip,
        target,
        rows: rows.at ? readAtOnce(rows.at, source) : readByRange(pool, source),
        ...(signal ? { signal } : {}),
        onProgress: (count) => options.onProgress?.(selection.size === 0 ? 1 : Math.min(1, count / selection.size)),
      });
      const { id, key, version, state, asOf, freshAsOf, snapshot } = met;
      const manifest: Manifest = {
        segment: key,
        segmentId: id,
        version,
        state,
        asOf,
        freshAsOf,
        snapshot,
        format: formatName,
        gzip,
        columns: rows.columns,
        count: format.count,
        ...written,
        ...(target.path === undefined ? {} : { file: basename(target.path) }),
        ...(delta ? { delta } : {}),
        startedAt,
        finishedAt: new Date().toISOString(),
      };
      await (rows.finish ? rows.finish(manifest, () => publish(target, manifest)) : publish(target, manifest));
      await run.end('done', manifest);
      return manifest;
    } catch (error) {
      await run.end('failed', undefined, sentenceOf(error)).catch(() => {});
      throw error;
    } finally {
      run.stop();
    }
  });
}

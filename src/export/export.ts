/**
 * An export of a whole segment: fixes the members in one snapshot, writes them with the columns asked for, and notes what
 * became of it. Reads membership, writes nothing but that note.
 */
import { basename } from 'node:path';
import { Failure, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Client, Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { outputColumns } from './column.ts';
import { openTarget, type Destination } from './destination.ts';
import { createFormat, type FormatName } from './format.ts';
import { manifestText, type Manifest } from './manifest.ts';
import { readAtOnce, readByRange, type Source } from './read.ts';
import { membersIn, type Selection } from './selection.ts';
import type { FileSystem } from './target.ts';
import { orAbort, publish, sentenceOf, writeRows } from './write.ts';

export interface ExportOptions {
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

const CONSISTENT = { lockTimeout: 30_000, statementTimeout: 0, idleTimeout: 0 } as const;

/** @throws {Failure} `not-found`; `usage` for a column or format; `conflict` before the first build */
export async function exportSegment(pool: Pool, catalogue: Catalogue, key: string, options: ExportOptions): Promise<Manifest> {
  const { columns = ['contact_id', 'entered_at'], consistent = false } = options;
  if (consistent) {
    return inTransaction(pool, CONSISTENT, async (client) => {
      await client.query('set transaction isolation level repeatable read');
      const met = await meet(client, key);
      return exportRows(pool, catalogue, { met, selection: select(catalogue, met), name: nameOf(met), columns, at: client }, options);
    });
  }
  const met = await meet(pool, key);
  return exportRows(pool, catalogue, { met, selection: select(catalogue, met), name: nameOf(met), columns }, options);
}

function select(catalogue: Catalogue, met: Met): Selection {
  return membersIn(catalogue.contacts.key.type, met.id, met.snapshot, met.members);
}

/** @throws {Failure} `not-found`; `conflict` before the first build */
export async function meet(client: Queryable, key: string): Promise<Met> {
  const { rows } = await client.query<{ id: number; state: string; live_version: number | null; members: string; snapshot: string; as_of: string; fresh_as_of: string | null }>({
    ...statement('export-segment'),
    values: [key],
  });
  const row = rows[0];
  if (!row) throw new Failure('not-found', `There is no segment ${JSON.stringify(key)}.`);
  if (row.live_version === null) throw new Failure('conflict', `${key} was never built, so it has no members to export; segmentd status ${key} says why.`);
  return { id: row.id, key, state: row.state, version: row.live_version, members: Number(row.members), snapshot: row.snapshot, asOf: row.as_of, freshAsOf: row.fresh_as_of };
}

function nameOf(met: Met): string {
  return `segment-${met.id}-${compact(met.asOf)}-${randomPart()}`;
}

/** `20240515T120000123456Z`. */
export function compact(instant: string): string {
  return instant.replaceAll(/[-:.]/g, '');
}

function randomPart(): string {
  return Math.floor(Math.random() * 0x1_0000_0000).toString(16).padStart(8, '0');
}

export interface RowsToExport {
  readonly met: Met;
  readonly selection: Selection;
  /** Of the file, without its extension. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly delta?: Manifest['delta'];
  /** A transaction in one snapshot to read in; absent: range by range. */
  readonly at?: Client;
  /** Called when the rows are safe under their temporary name; publishes by calling what it is given. */
  readonly finish?: (manifest: Manifest, publish: () => Promise<void>) => Promise<void>;
}

/** Writes the rows to where they go; the note of the run says what became of it. */
export async function exportRows(pool: Pool, catalogue: Catalogue, rows: RowsToExport, options: ExportOptions): Promise<Manifest> {
  const { met, selection, delta } = rows;
  const { format: formatName = 'csv', gzip = false, signal } = options;
  if (gzip && formatName === 'parquet') throw new Failure('usage', 'Parquet is compressed already; leave gzip out.');
  const columns = outputColumns(catalogue, selection.own, rows.columns);
  const format = await createFormat(formatName, columns.list, { formulas: options.formulas === true });
  const target = await openTarget(options.to, `${rows.name}.${format.extension}${gzip ? '.gz' : ''}`, options.fileSystem);
  const note = await begin(pool, met.id, target.path);
  const startedAt = new Date().toISOString();
  try {
    return await orAbort(target, async () => {
      const source: Source = { catalogue, selection, columns, format };
      const written = await writeRows({
        format,
        gzip,
        target,
        rows: rows.at ? readAtOnce(rows.at, source) : readByRange(pool, source),
        ...(signal ? { signal } : {}),
        onProgress: (count) => options.onProgress?.(selection.size === 0 ? 1 : Math.min(1, count / selection.size)),
      });
      const manifest: Manifest = {
        segment: met.key,
        segmentId: met.id,
        version: met.version,
        state: met.state,
        asOf: met.asOf,
        freshAsOf: met.freshAsOf,
        snapshot: met.snapshot,
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
      await note('done', manifest);
      return manifest;
    });
  } catch (error) {
    await note('failed', undefined, sentenceOf(error)).catch(() => {});
    throw error;
  }
}

type Note = (state: 'done' | 'failed', manifest?: Manifest, error?: string) => Promise<void>;

/** 42501 no right, 25006 a replica: whoever may only read exports without being noted. */
const READ_ONLY = ['42501', '25006'];

async function begin(client: Queryable, segmentId: number, path: string | undefined): Promise<Note> {
  try {
    const { rows } = await client.query<{ id: string }>({ ...statement('export-begin'), values: [segmentId, path ?? null, `pid ${process.pid}`] });
    return async (state, manifest, error) => {
      await client.query({ ...statement('export-end'), values: [rows[0]?.id, state, manifest ? manifestText(manifest) : null, error ?? null] });
    };
  } catch (error) {
    if (READ_ONLY.includes(sqlState(error) ?? '')) return async () => {};
    throw error;
  }
}

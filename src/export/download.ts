/**
 * Downloads: exports that a client asks for, and fetches when it likes, from any process of `segmentd serve`. Nothing is written to a disk:
 * the rows go from Postgres to the client, as fast as the client reads. The row of the run holds what was asked for and how far it has
 * come. Invariant: one client at a time reads a run; a run that was cancelled is never read again.
 */
import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Failure, noSegment } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { checkRequest, type ExportRequest } from './check-request.ts';
import { exportSegment } from './export.ts';
import { isRunId, noExport, showExport, type ExportRun } from './export-list.ts';
import type { Manifest } from './manifest.ts';
import { failureSentence, recoverRuns } from './run.ts';
import { readSegmentSnapshot } from './segment-snapshot.ts';

export interface DownloadRequest extends ExportRequest {
  /** Leaves texts that a spreadsheet would take for formulas as they are (CSV). */
  readonly formulas?: boolean;
  /** Reads all columns in one snapshot. DDL of the team waits meanwhile. */
  readonly consistent?: boolean;
}

/** How long a download waits for its client. */
const WAITS_SECONDS = 3_600;
const LEASE_SECONDS = 15;
const BEAT_MS = 1_000;
/** Beats for which a client may read nothing: it holds a connection, and of a delta the lock. */
const IDLE_BEATS = 120;

/**
 * Asks for a download. @throws {Failure} `not-found`; `usage` for what no export could satisfy; `conflict` for a segment that was never
 * built
 */
export async function requestDownload(
  client: Queryable,
  catalogue: Catalogue,
  key: string,
  request: DownloadRequest,
): Promise<ExportRun> {
  const { format, gzip, names } = checkRequest(catalogue, request);
  await readSegmentSnapshot(client, key, request.delta);
  await recoverRuns(client);
  const { rows } = await client.query<{ id: string }>({
    ...statement('download-ask'),
    values: [key, JSON.stringify({ ...request, format, gzip, columns: names }), WAITS_SECONDS],
  });
  const id = rows[0]?.id;
  if (id === undefined) throw noSegment(key);
  return showExport(client, id);
}

/** Cancels a download that waits, runs or failed. @throws {Failure} `not-found`; `conflict` for one that is done */
export async function cancelDownload(client: Queryable, id: string): Promise<void> {
  const { download, state } = await showExport(client, id);
  if (!download) throw new Failure('conflict', `The export ${id} is no download: the process that writes it decides.`);
  if (state === 'done') throw new Failure('conflict', `The export ${id} is done already.`);
  const { rowCount } = await client.query({ ...statement('download-cancel'), values: [id] });
  // It ended between the two statements.
  if (rowCount === 0) throw new Failure('conflict', `The export ${id} is done already.`);
}

export interface Claim {
  readonly id: string;
  readonly key: string;
  readonly owner: string;
  readonly request: DownloadRequest & Required<Pick<DownloadRequest, 'format' | 'gzip'>>;
}

/** Takes a download for one client. @throws {Failure} `not-found`; `conflict` when it cannot be fetched now */
export async function claimDownload(client: Queryable, id: string): Promise<Claim> {
  if (!isRunId(id)) throw noExport(id);
  const owner = `download ${randomUUID()}`;
  const { rows } = await client.query<Pick<Claim, 'key' | 'request'>>({
    ...statement('download-claim'),
    values: [id, owner, LEASE_SECONDS],
  });
  const [row] = rows;
  if (row) return { id, owner, ...row };
  const { download, state } = await showExport(client, id);
  if (!download) throw new Failure('conflict', `The export ${id} is no download.`);
  if (state === 'running') throw new Failure('conflict', `The export ${id} is being downloaded already.`);
  throw new Failure('conflict', `The export ${id} cannot be downloaded any more: ask for a new one.`);
}

export interface DownloadOptions {
  /** Gets the bytes; the caller ends it. */
  readonly stream: Writable;
  /** Raised when the client has left. */
  readonly signal: AbortSignal;
}

/**
 * Writes a download that was claimed, and notes how it ended.
 * @param pools `reading` may be cancelled with the client; `noting` may not
 * @throws what the export throws
 */
export async function writeDownload(
  { reading, noting }: { readonly reading: Pool; readonly noting: Pool },
  catalogue: Catalogue,
  { id, key, owner, request }: Claim,
  { stream, signal }: DownloadOptions,
): Promise<Manifest> {
  const stopping = new AbortController();
  const progress = { rows: 0, total: 0, bytes: 0 };
  let idle = { beats: 0, bytes: 0 };
  const beat = async (): Promise<void> => {
    const { rowCount } = await noting.query({
      ...statement('download-beat'),
      values: [id, owner, LEASE_SECONDS, progress.rows, Math.max(progress.rows, progress.total), progress.bytes],
    });
    if (rowCount === 0) stopping.abort();
    const waits = stream.writableNeedDrain && progress.bytes === idle.bytes;
    idle = { beats: waits ? idle.beats + 1 : 0, bytes: progress.bytes };
    if (idle.beats > IDLE_BEATS) stopping.abort();
  };
  let beating = Promise.resolve();
  // A beat that fails is followed by the next one; the lease is longer than some of them.
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(() => {});
  }, BEAT_MS);
  try {
    const manifest = await exportSegment(reading, catalogue, key, {
      ...request,
      to: { stream },
      signal: AbortSignal.any([signal, stopping.signal]),
      runId: id,
      onWritten: (written) => Object.assign(progress, written),
    });
    await noting.query({ ...statement('download-done'), values: [id, manifest.count, manifest.bytes] });
    return manifest;
  } catch (error) {
    const reason = signal.aborted
      ? 'The client left before the end.'
      : idle.beats > IDLE_BEATS
        ? 'The client read nothing for two minutes.'
        : failureSentence(error);
    await noting.query({ ...statement('download-fail'), values: [id, owner, reason] });
    throw error;
  } finally {
    clearInterval(timer);
    await beating;
  }
}

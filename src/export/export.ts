/**
 * Exports: all members of a segment, or what entered and left since the last file of a delta. `exportSegment` reads
 * forwards: check the request, choose the contacts, read their rows, write the file, publish it with its manifest.
 * It reads membership and never writes it.
 */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../postgres/pool.ts';
import { withDelta, type DeltaFile, type DeltaStep } from './delta.ts';
import { checkDestination, openTarget } from './destination.ts';
import type { FileSystem } from './file-target.ts';
import { createFormat } from './format/create-format.ts';
import { manifestText, type Manifest } from './manifest.ts';
import { membersIn } from './member-selection.ts';
import { withReader, type Reader } from './reading-mode.ts';
import { checkRequest, type CheckedRequest, type ExportOptions } from './check-request.ts';
import { beginRun, failureSentence } from './run.ts';
import { compactInstant, readSegmentSnapshot, type SegmentSnapshot } from './segment-snapshot.ts';
import type { Selection } from './selection.ts';
import { orAbort } from './target.ts';
import { writeRows } from './write-rows.ts';

/** What a worker and the tests give besides. */
export interface ExportHooks {
  /** The run in `segmentd_internal.export_run` that this export is, when the run exists already. */
  readonly runId?: string;
  /** Rows and bytes so far, and about how many rows there are. */
  readonly onWritten?: (written: { readonly rows: number; readonly total: number; readonly bytes: number }) => void;
  /** Tests let the file system fail. */
  readonly fileSystem?: FileSystem;
  /** Tests stop a delta at its steps. */
  readonly failpoint?: (step: DeltaStep) => Promise<void>;
}

/** One file to write. */
interface ExportFile {
  readonly segment: SegmentSnapshot;
  readonly selection: Selection;
  /** Without its extension: made of ids and times. */
  readonly name: string;
  readonly delta?: DeltaFile;
}

interface Export {
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  readonly request: CheckedRequest;
  readonly options: ExportOptions & ExportHooks;
}

/**
 * @throws {Failure} `not-found`; `usage` for a column, format or name; `conflict` before the first build, or while
 * another process writes the same delta; `failed` when the target fails
 */
export async function exportSegment(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  options: ExportOptions & ExportHooks,
): Promise<Manifest> {
  await checkDestination(options.to);
  const request = checkRequest(catalogue, options);
  const { columns } = request;
  const job: Export = { pool, catalogue, request, options };
  if (options.delta !== undefined)
    return withDelta(pool, key, { ...options, delta: options.delta }, (delta) =>
      withReader(pool, columns, options, (reader) => writeExport(job, reader, { ...delta, delta })),
    );
  return withReader(pool, columns, options, async (reader) => {
    const segment = await readSegmentSnapshot(reader.client, key);
    const name = `segment-${segment.id}-${compactInstant(segment.asOf)}-${randomBytes(4).toString('hex')}`;
    return writeExport(job, reader, { segment, selection: membersIn(segment), name });
  });
}

/** Writes the rows to the target, publishes them, and notes the run. A failure leaves nothing under the final name. */
async function writeExport(
  { pool, catalogue, request, options }: Export,
  reader: Reader,
  { segment, selection, name, delta }: ExportFile,
): Promise<Manifest> {
  const { names, columns, gzip } = request;
  const format = await createFormat(request.format, columns.list, { formulas: options.formulas === true });
  const fileName = `${name}.${format.extension}${gzip ? '.gz' : ''}`;
  const target = await openTarget(options.to, fileName, options.fileSystem);
  return orAbort(target, async () => {
    const run = await beginRun(pool, delta?.client ?? pool, segment.id, target.path, options.runId);
    const startedAt = new Date().toISOString();
    try {
      const written = await writeRows({
        format,
        gzip,
        target,
        rows: reader.read({ catalogue, selection, columns, format }),
        ...(options.signal ? { signal: options.signal } : {}),
        onProgress(rows, bytes) {
          options.onProgress?.(selection.size === 0 ? 1 : Math.min(1, rows / selection.size));
          options.onWritten?.({ rows, total: selection.size, bytes });
        },
      });
      const { id, key, version, state, asOf, freshAsOf, snapshot } = segment;
      const manifest: Manifest = {
        segment: key,
        segmentId: id,
        version,
        state,
        asOf,
        freshAsOf,
        snapshot,
        format: request.format,
        gzip,
        columns: names,
        count: format.count,
        ...written,
        ...(target.path === undefined ? {} : { file: basename(target.path) }),
        ...(delta ? { delta: delta.manifest } : {}),
        startedAt,
        finishedAt: new Date().toISOString(),
      };
      // Of a delta both are one transaction with the move of its cursor: one that was cancelled is written again.
      const publish = async (): Promise<void> => {
        await target.publish(manifestText(manifest));
        await run.end('done', manifest);
      };
      await (delta ? delta.finish(manifest, publish) : publish());
      return manifest;
    } catch (error) {
      await run.end('failed', undefined, failureSentence(error)).catch(() => {});
      throw error;
    } finally {
      run.stop();
    }
  });
}

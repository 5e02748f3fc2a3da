/** `segmentd.exports`: the members of a segment, or who entered and left since the last file, as a file or a stream. */
import type { ExportColumn } from '../export/column-list.ts';
import type { DownloadOptions, DownloadRequest } from '../export/download.ts';
import type { ExportPage, ExportRun } from '../export/export-list.ts';
import type { Manifest } from '../export/manifest.ts';
import type { Connection } from './connection.ts';
import { DOWNLOAD, DOWNLOAD_READER, EXPORT, EXPORT_PAGE } from './input-schema.ts';
import { checkInput, text } from './input.ts';
import type { ExportOptions } from './call-option.ts';

export class ExportApi {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Writes members to a file or stream, or with `delta` who entered and left since the last file of that name, in constant memory.
   * @throws {Failure} `not-found`; `usage` for a column, format or name; `conflict` before the first build, or while the same
   *   delta is being written; `failed` when the target fails, and with `fresh` on a standby
   */
  async write(key: string, options: ExportOptions): Promise<Manifest> {
    checkInput(text, key, 'The key of a segment');
    checkInput(EXPORT, options, 'The options of an export');
    const { checkDestination } = await import('../export/destination.ts');
    const { waitVisible } = await import('./wait-visible.ts');
    if (options.fresh !== undefined) {
      await checkDestination(options.to);
      const { late } = await waitVisible(this.#connection, { key, timeout: options.fresh, standing: true });
      if (late.length > 0) options.onLate?.(late);
    }
    const { exportSegment } = await import('../export/export.ts');
    return this.#connection.withFitting((catalogue, pool) => exportSegment(pool, catalogue, key, options));
  }

  /**
   * Asks for a download, which `download` reads within an hour, from any process.
   * @throws {Failure} `not-found`; `usage` for a column, format or name; `conflict` before the first build
   */
  async request(key: string, request: DownloadRequest = {}): Promise<ExportRun> {
    checkInput(text, key, 'The key of a segment');
    checkInput(DOWNLOAD, request, 'The request of a download');
    const { requestDownload } = await import('../export/download.ts');
    return this.#connection.withFitting((catalogue, pool) => requestDownload(pool, catalogue, key, request));
  }

  /**
   * Writes a requested download to a stream, as fast as the stream takes it; the caller ends the stream. Each client that leaves may
   * begin again, until it was read to its end.
   * @param options.signal raised when the client has left: what runs is cancelled in Postgres
   * @throws {Failure} `not-found`; `conflict` while another client reads it, or when it is done or cancelled
   */
  async download(id: string, options: DownloadOptions): Promise<Manifest> {
    checkInput(text, id, 'The id of an export');
    checkInput(DOWNLOAD_READER, options, 'The options of exports.download');
    const { stream, signal } = options;
    const { claimDownload, writeDownload } = await import('../export/download.ts');
    const { catalogue } = await this.#connection.fitting();
    const noting = await this.#connection.pool();
    const reading = await this.#connection.cancelledBy(signal).pool();
    const claim = await claimDownload(noting, id);
    await this.#connection.note({ action: 'download', segment: claim.key, detail: { run: id } });
    return writeDownload({ reading, noting }, catalogue, claim, { stream, signal });
  }

  /** Returns an export of any kind: how far it has come, or why it failed. @throws {Failure} `not-found` */
  async show(id: string): Promise<ExportRun> {
    checkInput(text, id, 'The id of an export');
    const { showExport } = await import('../export/export-list.ts');
    return showExport(await this.#connection.pool(), id);
  }

  /** Lists exports of every kind, the latest first, of one segment or of all. @throws {Failure} `not-found` */
  async list(options: ExportPage & { readonly key?: string } = {}): Promise<readonly ExportRun[]> {
    checkInput(EXPORT_PAGE, options, 'The options of exports.list');
    const { listExports } = await import('../export/export-list.ts');
    const pool = await this.#connection.pool();
    if (options.key !== undefined) {
      const { showSegment } = await import('../segment/read-segment.ts');
      await showSegment(pool, options.key);
    }
    return listExports(pool, options);
  }

  /** Cancels a download. @throws {Failure} `not-found`; `conflict` when it is done, or is no download */
  async cancel(id: string): Promise<void> {
    checkInput(text, id, 'The id of an export');
    const { cancelDownload } = await import('../export/download.ts');
    await cancelDownload(await this.#connection.pool(), id);
  }

  /** Lists the columns that an export of any segment can have, with words for people. */
  async columns(): Promise<readonly ExportColumn[]> {
    const { exportColumns } = await import('../export/column-list.ts');
    const { catalogue } = await this.#connection.fitting();
    return exportColumns(catalogue);
  }
}

/** `segmentd.exports`: the members of a segment, or who entered and left since the last file, as a file or a stream. */
import { checkDestination } from '../export/destination.ts';
import { exportSegment } from '../export/export.ts';
import type { Manifest } from '../export/manifest.ts';
import type { Connection } from './connection.ts';
import { EXPORT } from './input-schema.ts';
import { checkInput, text } from './input.ts';
import { waitVisible } from './wait-visible.ts';
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
    if (options.fresh !== undefined) {
      await checkDestination(options.to);
      const { late } = await waitVisible(this.#connection, { key, timeout: options.fresh, standing: true });
      if (late.length > 0) options.onLate?.(late);
    }
    return this.#connection.withFitting((catalogue, pool) => exportSegment(pool, catalogue, key, options));
  }
}

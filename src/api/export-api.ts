/** `segmentd.exports`: the members of a segment, or who entered and left since the last file, as a file or a stream. */
import { checkDestination } from '../export/destination.ts';
import { exportSegment } from '../export/export.ts';
import type { Manifest } from '../export/manifest.ts';
import type { ExportOptions as Exported } from '../export/check-request.ts';
import type { LateWindow } from '../worker/wait-time.ts';
import { checkKey, checkTarget, checkTextFields, checkTexts } from './check-argument.ts';
import type { Connection } from './connection.ts';
import { waitVisible } from './wait-visible.ts';

export interface ExportOptions extends Exported {
  /**
   * Milliseconds to wait, at most, until everything that committed before the call is in. A segment that will not follow by itself
   * (paused, held, invalid, failed) is exported as it stands: `state` and `version` of the manifest say so.
   */
  readonly fresh?: number;
  /** With `fresh`: gets the windows on fields without a usable index that are late. They do not stop the export. */
  readonly onLate?: (late: readonly LateWindow[]) => void;
}

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
    checkKey(key);
    checkTextFields(options, { delta: 'The name of a delta', format: 'The format' });
    checkTarget(options.to);
    if (options.columns !== undefined) checkTexts(options.columns, 'The columns', 'A column');
    if (options.fresh !== undefined) {
      await checkDestination(options.to);
      const { late } = await waitVisible(this.#connection, { key, timeout: options.fresh, standing: true });
      if (late.length > 0) options.onLate?.(late);
    }
    return this.#connection.withFitting((catalogue, pool) => exportSegment(pool, catalogue, key, options));
  }
}

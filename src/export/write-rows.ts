/**
 * From bytes of COPY to a complete target: format, compression, checksum. It knows nothing of segments, deltas and
 * schedules, and it publishes nothing.
 */
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Format } from './format/format.ts';
import type { Target, Written } from './target.ts';

export interface Writing {
  readonly format: Format;
  readonly rows: AsyncIterable<Buffer>;
  readonly gzip: boolean;
  readonly target: Target;
  readonly signal?: AbortSignal;
  /** Called with the number of rows and bytes so far. */
  readonly onProgress?: (rows: number, bytes: number) => void;
}

/** Returns when all rows are in the target, under no final name yet. */
export async function writeRows({ format, rows, gzip, target, signal, onProgress }: Writing): Promise<Written> {
  let taken = 0;
  const bytes = async function* (): AsyncGenerator<Uint8Array, void, void> {
    yield format.header();
    for await (const chunk of rows) {
      const written = format.rows(chunk);
      if (written.length > 0) yield written;
      onProgress?.(format.count, taken);
    }
    yield format.footer();
  };
  const take = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      if (chunk.length > 0) await target.write(chunk);
      taken += chunk.length;
    }
  };
  const options = signal ? { signal } : {};
  if (gzip) await pipeline(bytes, createGzip(), take, options);
  else await pipeline(bytes, take, options);
  return target.complete();
}

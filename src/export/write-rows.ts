/**
 * From rows to a finished target: format, compression, checksum, manifest. What fails or is interrupted leaves nothing
 * behind under the final name. It knows nothing of deltas and schedules.
 */
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { codeOf, Failure } from '../base/error.ts';
import type { Format } from './format/format.ts';
import { manifestText, type Manifest } from './manifest.ts';
import type { Target, Written } from './file-target.ts';

export interface Writing {
  readonly format: Format;
  readonly rows: AsyncIterable<Buffer>;
  readonly gzip: boolean;
  readonly target: Target;
  readonly signal?: AbortSignal;
  /** Hears of the rows so far. */
  readonly onProgress?: (rows: number) => void;
}

/** Everything is in the target, under no final name yet. */
export async function writeRows({ format, rows, gzip, target, signal, onProgress }: Writing): Promise<Written> {
  const bytes = async function* (): AsyncGenerator<Uint8Array, void, void> {
    yield format.header();
    for await (const chunk of rows) {
      const written = format.rows(chunk);
      if (written.length > 0) yield written;
      onProgress?.(format.count);
    }
    yield format.footer();
  };
  const take = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) if (chunk.length > 0) await target.write(chunk);
  };
  const options = signal ? { signal } : {};
  if (gzip) await pipeline(bytes, createGzip(), take, options);
  else await pipeline(bytes, take, options);
  return target.complete();
}

/** Runs `work`, and if it fails removes what it left in the target. */
export async function orAbort<T>(target: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await target.abort();
    throw error instanceof Error && error.name === 'AbortError'
      ? new DOMException('the export was interrupted', 'AbortError')
      : error;
  }
}

export async function publish(target: Target, manifest: Manifest): Promise<void> {
  await target.publish(manifestText(manifest));
}

export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (error instanceof Error && error.name === 'AbortError') return 'It was interrupted.';
  // Postgres may name values of rows in its messages.
  const code = codeOf(error);
  return `It failed${code && ` (${code})`}.`;
}

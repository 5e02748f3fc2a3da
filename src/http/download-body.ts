/**
 * The body of a download. Invariants: the answer begins when the first byte is there, so that what fails before is a problem and no broken
 * file; what fails later breaks the connection, so that no client takes half a file for a whole one.
 */
import { PassThrough, Readable } from 'node:stream';
import type { DownloadOptions } from '../index.ts';

/** Bytes that wait for a client that is slow. */
const BUFFER_BYTES = 256 * 1024;

/**
 * @param write writes the bytes; its signal is raised when the client leaves
 * @param cut breaks the connection; absent where there is none
 * @param ended called once, when no more is read
 * @throws what `write` throws before its first byte
 */
export async function downloadBody(
  write: (options: DownloadOptions) => Promise<unknown>,
  client: AbortSignal,
  cut: (() => void) | undefined,
  ended: () => void,
): Promise<ReadableStream<Uint8Array>> {
  const leaving = new AbortController();
  const stream = new PassThrough({ highWaterMark: BUFFER_BYTES });
  const leave = (): void => leaving.abort();
  client.addEventListener('abort', leave, { once: true });
  // The client may have left before this began.
  if (client.aborted) leave();
  stream.once('close', () => {
    client.removeEventListener('abort', leave);
    leave();
  });
  let begun = false;
  const writing = write({ stream, signal: leaving.signal })
    .then(
      () => void stream.end(),
      (error: unknown) => {
        // An error of the body would be written behind the rows, and the answer would end as if it were whole.
        if (cut && begun) cut();
        else stream.destroy(new Error('The download failed.'));
        throw error;
      },
    )
    .finally(ended);
  const first = new Promise<void>((settle) => stream.once('readable', settle));
  // The run has the reason; the reader of the body needs none.
  stream.on('error', () => {});
  writing.catch(() => {});
  await Promise.race([first, writing]);
  begun = true;
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}

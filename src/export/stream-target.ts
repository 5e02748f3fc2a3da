/** An export into a stream of the caller. A stream has no name, so nothing is published; the caller ends the stream. */
import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Failure } from '../base/error.ts';
import type { Target } from './target.ts';

/** Each write waits until the stream has taken the chunk. */
export function streamTarget(stream: Writable): Target {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    write: (chunk) =>
      new Promise((settle, reject) => {
        // A stream that is closed calls back at once; a stream that closes meanwhile may never call back.
        const onClose = (): void => reject(readerLeft());
        stream.once('close', onClose);
        stream.write(chunk, (error) => {
          stream.removeListener('close', onClose);
          if (error) return reject(readerLeft(error));
          hash.update(chunk);
          bytes += chunk.length;
          settle();
        });
      }),
    complete: async () => ({ bytes, sha256: hash.digest('hex') }),
    publish: async () => {},
    abort: async () => {},
  };
}

function readerLeft(cause?: unknown): Failure {
  return new Failure('failed', 'The reader of the export went away before its end.', { cause });
}

/**
 * What a run of the command line uses outside itself: two streams out, one in, environment, folder, and the signal
 * that Ctrl-C raises. Tests pass their own, so that a verb runs in-process. stdout carries data only, stderr the log.
 */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

export interface Io {
  readonly stdin: Readable;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted when the process should end. */
  readonly signal: AbortSignal;
}

const SAME_PRESS_MS = 750;

/** The process's own streams. A reader that goes away (`| head`) ends the run quietly. */
export function processIo(): Io & { readonly signal: AbortSignal } {
  const ending = new AbortController();
  let endedAt = 0;
  const end = (reason: string): void => {
    if (ending.signal.aborted) return;
    endedAt = performance.now();
    ending.abort(reason);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The second Ctrl-C waits for nothing; but under npm one press arrives twice, from the terminal and from npm. A closed window is no
      // press: it is heard of twice as well, as a signal and as an error of the streams.
      if (signal !== 'SIGHUP' && ending.signal.aborted && performance.now() - endedAt > SAME_PRESS_MS) process.exit(1);
      end(signal);
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // EIO: the window of the terminal was closed, as SIGHUP says too.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      end(error.code === 'EPIPE' ? 'EPIPE' : 'SIGHUP');
    });
  }
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    cwd: process.cwd(),
    signal: ending.signal,
  };
}

/** Rejects once the signal is raised: what has nothing to end in order is raced with it. */
export function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new DOMException('interrupted', 'AbortError'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Writes and waits while the reader is slow, so that memory stays constant; silent after the reader closed the stream. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed || stream.writableEnded || stream.errored) return;
  if (stream.write(text) || stream.destroyed) return;
  const heard = new AbortController();
  try {
    await Promise.race([
      once(stream, 'drain', { signal: heard.signal }),
      once(stream, 'close', { signal: heard.signal }),
    ]);
  } catch {
    // the stream failed; its error listener has seen why
  } finally {
    heard.abort();
  }
}

/** Resolves when the reader's pipe has it all. @throws {DOMException} `AbortError` when the reader went away */
export function writeWhole(stream: Writable, text: string): Promise<void> {
  return new Promise((settle, reject) => {
    const readerLeft = (): void => reject(new DOMException('the reader went away', 'AbortError'));
    stream.once('close', readerLeft);
    stream.write(text, (error) => {
      stream.removeListener('close', readerLeft);
      if (error) readerLeft();
      else settle();
    });
  });
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks);
}

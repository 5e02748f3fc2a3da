/** What an export writes to. A target takes bytes, then gets its name with its manifest, or is aborted. */

export interface Target {
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the bytes: they are safe now, under no final name yet. */
  complete(): Promise<Written>;
  /** Gives the bytes their name, and the text of the manifest its own. */
  publish(manifest: string): Promise<void>;
  /** Removes what is not published. Idempotent; harmless after `publish`. */
  abort(): Promise<void>;
  /** Path of the file; absent for a stream. */
  readonly path?: string;
}

export interface Written {
  readonly bytes: number;
  /** Of the bytes as they are in the file, in hexadecimal. */
  readonly sha256: string;
}

/** Runs `work` and aborts the target when `work` fails. */
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

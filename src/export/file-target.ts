/**
 * Where an export goes. A file is written under a temporary name, synced, and renamed; its manifest is renamed after it, so
 * whoever waits for the manifest finds a whole file. Whatever goes wrong before that leaves neither name behind.
 * Names are made by us, from ids and times; a name that is more than a name is refused.
 */
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { codeOf, Failure } from '../base/error.ts';
import { fileFailure } from './file-failure.ts';
import { replaceable, type Links } from './replaceable.ts';

export interface Written {
  readonly bytes: number;
  /** Of the bytes as they are in the file, in hexadecimal. */
  readonly sha256: string;
}

export interface Target {
  write(chunk: Uint8Array): Promise<void>;
  /** Everything is on disk, under its temporary name. */
  complete(): Promise<Written>;
  /** Gives it its name, and the manifest's text its own. */
  publish(manifest: string): Promise<void>;
  /** Leaves nothing behind. Harmless after `publish`. */
  abort(): Promise<void>;
  /** Path of the file; absent for a stream. */
  readonly path?: string;
  readonly manifestPath?: string;
}

/** What is asked of the file system; tests let it fail. */
export interface FileSystem {
  open(path: string, flags: string): Promise<Pick<FileHandle, 'write' | 'sync' | 'close'>>;
  rename(from: string, to: string): Promise<void>;
}

const FILE_SYSTEM: FileSystem = { open, rename };
const TEMPORARY = /^\.segmentd-[0-9a-f]{16}\.part$/;
/** A temporary file so old (ms) was left by a process that was killed. */
const ABANDONED = 24 * 3_600_000;

/** Letters, digits, `_`, `.` and `-`, beginning with a letter or digit: what we make, and nothing that leads elsewhere. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/.test(name) && !name.includes('..');
}

/**
 * @param name as `isPlainName` has it, unless it is the user's own path that was split
 * @throws {Failure} `failed` when something else than a file has the name
 */
export async function fileTarget(
  folder: string,
  name: string,
  system: FileSystem = FILE_SYSTEM,
  links: Links = 'replaced',
): Promise<Target> {
  if (name !== basename(name) || name === '' || name === '.' || name === '..' || name.includes('\0'))
    throw new Failure('usage', `${JSON.stringify(name)} cannot be the name of a file.`);
  const path = await replaceable(join(folder, name), links);
  const manifestPath = await replaceable(manifestPathOf(path), links);
  // Beside what it replaces: a rename does not leave its file system.
  const temporary = (beside: string): string =>
    join(dirname(beside), `.segmentd-${randomBytes(8).toString('hex')}.part`);
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw fileFailure(error, dirname(path));
    }
  };
  await removeAbandoned(dirname(path));
  const data = temporary(path);
  const left = new Set([data]);
  // `wx`: never through a link that somebody put there.
  const file = await attempt(() => system.open(data, 'wx'));
  const hash = createHash('sha256');
  let bytes = 0;
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await file.close();
  };
  return {
    path,
    manifestPath,
    write: (chunk) =>
      attempt(async () => {
        for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
        hash.update(chunk);
        bytes += chunk.length;
      }),
    complete: () =>
      attempt(async () => {
        await file.sync();
        await close();
        return { bytes, sha256: hash.digest('hex') };
      }),
    publish: (manifest) =>
      attempt(async () => {
        const beside = temporary(manifestPath);
        left.add(beside);
        const handle = await system.open(beside, 'wx');
        try {
          await handle.write(Buffer.from(manifest));
          await handle.sync();
        } finally {
          await handle.close();
        }
        // No manifest may stand beside a file that it does not describe.
        await unlink(manifestPath).catch((error: unknown) => {
          if (codeOf(error) !== 'ENOENT') throw error;
        });
        await system.rename(data, path);
        left.delete(data);
        await system.rename(beside, manifestPath);
        left.delete(beside);
        for (const one of new Set([dirname(path), dirname(manifestPath)])) await syncFolder(one);
      }),
    async abort() {
      await close().catch(() => {});
      for (const one of left) await unlink(one).catch(() => {});
      left.clear();
    },
  };
}

/** Beside the file it describes, whatever link led there. */
export function manifestPathOf(path: string): string {
  return `${path}.manifest.json`;
}

/** Writes to a stream, waiting for each chunk to be taken; the stream is not ended. */
export function streamTarget(stream: Writable): Target {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    write: (chunk) =>
      new Promise((settle, reject) => {
        // A stream that was closed calls back at once; one that closes meanwhile may never.
        const gone = (): void => reject(brokenPipe());
        stream.once('close', gone);
        stream.write(chunk, (error) => {
          stream.removeListener('close', gone);
          if (error) return reject(brokenPipe(error));
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

function brokenPipe(cause?: unknown): Failure {
  return new Failure('failed', 'Whoever read the export went away before its end.', { cause });
}

/** The entry of a renamed file is on disk only when its folder is. Not every system can sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(codeOf(error))) throw error;
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  // A folder that cannot be listed may still be written to; one that is missing is told by the first write.
  for (const name of await readdir(folder).catch(() => [])) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ABANDONED) await unlink(path).catch(() => {});
  }
}

/**
 * An export into a file. The bytes go to a temporary file, are synced, and get their name by a rename; the manifest is
 * renamed after the file. Invariants: a file whose manifest is there is whole; what fails before leaves neither name
 * behind.
 */
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../base/error.ts';
import { fileFailure } from './file-failure.ts';
import type { Target } from './target.ts';

/** What is asked of the file system; tests let it fail. */
export interface FileSystem {
  open(path: string, flags: string): Promise<Pick<FileHandle, 'write' | 'sync' | 'close'>>;
  rename(from: string, to: string): Promise<void>;
}

const FILE_SYSTEM: FileSystem = { open, rename };
const TEMPORARY = /^\.segmentd-[0-9a-f]{16}\.part$/;
/** Age in milliseconds from which a temporary file belongs to a process that was killed. */
const ABANDONED = 24 * 3_600_000;

/**
 * Opens a temporary file beside `path`.
 * @param paths as `destination.ts` has checked them
 * @throws {Failure} `failed`, as every method does, with what the file system said
 */
export async function fileTarget(
  { path, manifestPath }: { readonly path: string; readonly manifestPath: string },
  system: FileSystem = FILE_SYSTEM,
): Promise<Target> {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw fileFailure(error, dirname(path));
    }
  };
  await removeAbandoned(dirname(path));
  const data = temporaryBeside(path);
  const unpublished = new Set([data]);
  // `wx`: never through a link that another process put there.
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
        const beside = temporaryBeside(manifestPath);
        unpublished.add(beside);
        await writeSynced(system, beside, manifest);
        // No manifest may stand beside a file that it does not describe.
        await unlink(manifestPath).catch((error: unknown) => {
          if (codeOf(error) !== 'ENOENT') throw error;
        });
        await system.rename(data, path);
        unpublished.delete(data);
        await system.rename(beside, manifestPath);
        unpublished.delete(beside);
        for (const folder of new Set([dirname(path), dirname(manifestPath)])) await syncFolder(folder);
      }),
    async abort() {
      await close().catch(() => {});
      for (const name of unpublished) await unlink(name).catch(() => {});
      unpublished.clear();
    },
  };
}

/** In the same folder: a rename does not leave its file system. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.segmentd-${randomBytes(8).toString('hex')}.part`);
}

async function writeSynced(system: FileSystem, path: string, text: string): Promise<void> {
  const file = await system.open(path, 'wx');
  try {
    await file.write(Buffer.from(text));
    await file.sync();
  } finally {
    await file.close();
  }
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

/** A folder that cannot be listed may still be written to; the first write reports a folder that is missing. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ABANDONED) await unlink(path).catch(() => {});
  }
}

/**
 * The folder of a schedule, below the export folder of the worker. Invariant: no folder leads out of the export folder,
 * neither by its name nor by a link on the way.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { codeOf, Failure } from '../base/error.ts';
import { makeFolder } from '../base/make-folder.ts';
import { isPlainName } from './destination.ts';
import { fileFailure } from './file-failure.ts';

const LONGEST = 500;

/** @throws {Failure} `usage` for what is not a relative path of plain names */
export function checkFolderName(folder: string): void {
  if (folder === '' || (folder.length <= LONGEST && folder.split('/').every(isPlainName))) return;
  throw new Failure(
    'usage',
    `${JSON.stringify(folder)} cannot be the folder of a schedule: it is a relative path of letters, digits, "_", "." and "-" below the export folder, without "..".`,
  );
}

/**
 * Returns the real path of the folder, and makes the folder when it does not exist.
 * @throws {Failure} `usage` for a folder that leads out of `root`; `failed` when the file system refuses
 */
export async function makeFolderBelow(root: string, folder: string): Promise<string> {
  checkFolderName(folder);
  const parts = folder === '' ? [] : folder.split('/');
  try {
    await makeFolder(root);
    const base = await realpath(root);
    let here = base;
    // Each step is checked before the next one is made: below a link that leads out, the next one would be made
    // outside.
    for (const part of parts) {
      here = join(here, part);
      await mkdir(here).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
      here = await realpath(here);
      const way = relative(base, here);
      if (way.startsWith('..') || isAbsolute(way) || way.split(sep).includes('..'))
        throw new Failure('usage', `${JSON.stringify(folder)} leads out of the export folder.`);
    }
    return resolve(here);
  } catch (error) {
    throw fileFailure(error, join(root, ...parts));
  }
}

/** Where the user wants an export: a stream, a file of that name, or a folder in which we choose the name. */
import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Writable } from 'node:stream';
import { codeOf, Failure } from '../base/error.ts';
import { makeFolder } from '../base/folder.ts';
import { fileFailure } from './file-failure.ts';
import { replaceable } from './replaceable.ts';
import { fileTarget, isPlainName, manifestPathOf, streamTarget, type FileSystem, type Target } from './file-target.ts';

export type Destination = { readonly stream: Writable } | { readonly file: string } | { readonly folder: string };

/** @param name of the file in a folder, made of ids and times */
export async function openTarget(destination: Destination, name: string, system?: FileSystem): Promise<Target> {
  if ('stream' in destination) return streamTarget(destination.stream);
  if ('file' in destination)
    return fileTarget(dirname(destination.file), basename(destination.file), system, 'followed');
  if (!isPlainName(name)) throw new Error(`not a name for a file: ${name}`);
  return fileTarget(destination.folder, name, system);
}

/**
 * Whether it can be written to, before anything is read or noted for it; what is there may still change until it is.
 * @throws {Failure} `failed`
 */
export async function checkDestination(destination: Destination): Promise<void> {
  if ('stream' in destination) return;
  const folder = 'file' in destination ? dirname(destination.file) : destination.folder;
  try {
    // With the `/.` a file is no folder.
    await access(join(folder, '.').concat(sep, '.'), constants.W_OK);
  } catch (error) {
    throw fileFailure(error, folder);
  }
  if ('file' in destination)
    await replaceable(manifestPathOf(await replaceable(destination.file, 'followed')), 'followed');
}

/**
 * The folder of a schedule: below `root`, made if need be. Parts are plain names, and no link on the way may lead out.
 * @throws {Failure} `usage`
 */
export async function folderBelow(root: string, folder: string): Promise<string> {
  refuseEscape(folder);
  const path = folder === '' ? root : join(root, ...folder.split('/'));
  try {
    await makeFolder(root);
    // What is made below a link that leads out would be made outside, so each step is looked at before the next.
    const base = await realpath(root);
    let here = base;
    for (const part of folder === '' ? [] : folder.split('/')) {
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
    throw fileFailure(error, path);
  }
}

/** @throws {Failure} `usage` for what is not a relative path of plain names */
export function refuseEscape(folder: string): void {
  if (folder === '' || (folder.length <= 500 && folder.split('/').every(isPlainName))) return;
  throw new Failure(
    'usage',
    `${JSON.stringify(folder)} cannot be the folder of a schedule: it is a relative path of letters, digits, "_", "." and "-" below the export folder, without "..".`,
  );
}

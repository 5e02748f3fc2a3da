/**
 * Where a caller wants an export: a stream, a file of a given name, or a folder in which segmentd chooses the name.
 * Every check of a destination is in this file. A file is resolved twice: at the start, so that a mistake costs
 * nothing, and again when the file is opened, because a pipe may have taken its place meanwhile. This file writes
 * nothing.
 */
import { access, constants } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { Writable } from 'node:stream';
import { Failure } from '../base/error.ts';
import { fileFailure } from './file-failure.ts';
import { fileTarget, type FileSystem } from './file-target.ts';
import { replaceable } from './replaceable.ts';
import { streamTarget } from './stream-target.ts';
import type { Target } from './target.ts';

export type Destination = { readonly stream: Writable } | { readonly file: string } | { readonly folder: string };

/**
 * Checks that the destination can be written to now.
 * @throws {Failure} `failed`; `usage` for what cannot be the name of a file
 */
export async function checkDestination(destination: Destination): Promise<void> {
  if ('stream' in destination) return;
  await checkFolder('file' in destination ? dirname(destination.file) : destination.folder);
  if ('file' in destination) await resolveFile(destination.file);
}

/**
 * Opens the destination.
 * @param name of the file in a folder, made of ids and times
 */
export async function openTarget(destination: Destination, name: string, system?: FileSystem): Promise<Target> {
  if ('stream' in destination) return streamTarget(destination.stream);
  const paths =
    'file' in destination ? await resolveFile(destination.file) : await resolveOurs(destination.folder, name);
  return fileTarget(paths, system);
}

/**
 * Letters, digits, `_`, `.` and `-`, beginning with a letter or digit: the names that segmentd makes. No such name
 * leads elsewhere.
 */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,199}$/.test(name) && !name.includes('..');
}

/** Paths to write at: of the file, and of the manifest beside it. */
export interface FilePaths {
  readonly path: string;
  readonly manifestPath: string;
}

/** The user chose the name: a link there leads to the file that the user means. */
async function resolveFile(file: string): Promise<FilePaths> {
  const name = basename(file);
  if (name === '' || name === '.' || name === '..' || name.includes('\0'))
    throw new Failure('usage', `${JSON.stringify(name)} cannot be the name of a file.`);
  const path = await replaceable(join(dirname(file), name), 'followed');
  return { path, manifestPath: await replaceable(manifestPathOf(path), 'followed') };
}

/** The name is ours: a link there is not the user's, and is replaced. */
async function resolveOurs(folder: string, name: string): Promise<FilePaths> {
  if (!isPlainName(name)) throw new Error(`not a name for a file: ${name}`);
  const path = await replaceable(join(folder, name), 'replaced');
  return { path, manifestPath: await replaceable(manifestPathOf(path), 'replaced') };
}

async function checkFolder(folder: string): Promise<void> {
  try {
    // With `/.` behind it, the path of a file is no folder.
    await access(join(folder, '.').concat(sep, '.'), constants.W_OK);
  } catch (error) {
    throw fileFailure(error, folder);
  }
}

/** The manifest stands beside the file that it describes, also when a link led to the file. */
function manifestPathOf(path: string): string {
  return `${path}.manifest.json`;
}

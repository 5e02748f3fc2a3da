/**
 * What stands at a path where a file is to be put. A rename replaces a device or a pipe as readily as a file, so only a
 * file may stand there, or nothing. This file looks and never writes.
 */
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Stats } from 'node:fs';
import { codeOf, Failure } from '../base/error.ts';
import { fileFailure } from './file-failure.ts';

/**
 * What happens to a link at the path: `followed` writes to the file behind it, `replaced` puts the file in its place.
 */
export type Links = 'followed' | 'replaced';

/**
 * Returns the path to write at: behind the links when they are followed.
 * @throws {Failure} `failed` when something else than a file is there, or a link that leads nowhere
 */
export async function replaceable(path: string, links: Links): Promise<string> {
  try {
    const found = await lstat(path).catch(absent);
    const isLink = found?.isSymbolicLink() === true;
    if (!found || (isLink && links === 'replaced')) return path;
    const target = isLink ? await stat(path).catch(absent) : found;
    if (!target) throw new Failure('failed', `${path} is a link to a file that is not there.`);
    if (!target.isFile() && !target.isDirectory())
      throw new Failure(
        'failed',
        `${path} is ${kindOf(target)} and cannot be replaced by a file; for a pipe write to stdout, --to -, and redirect that.`,
      );
    if (target.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    return isLink ? await realpath(path) : path;
  } catch (error) {
    throw fileFailure(error, codeOf(error) === 'ELOOP' ? path : dirname(path));
  }
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function kindOf(found: Stats): string {
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return found.isCharacterDevice() || found.isBlockDevice() ? 'a device' : 'no file';
}

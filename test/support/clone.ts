/** A clone of this repository in a folder of its own, for what runs by `npm start` and `npm run`: links to the files here. */
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Written by builds and runs: each clone has its own. */
const OWN = new Set(['.git', '.segmentd', 'dist']);

export interface Clone {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function makeClone(): Promise<Clone> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-clone-'));
  for (const name of await readdir(ROOT)) if (!OWN.has(name)) await symlink(join(ROOT, name), join(folder, name));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

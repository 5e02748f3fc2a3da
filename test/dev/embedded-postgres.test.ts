import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { isAlive } from '../../src/dev/postgres-leftover.ts';
import { testBinaries } from '../support/server.ts';

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
  const binaries = await testBinaries();
  const server = await startEmbeddedPostgres({ directory, persistent, ...(binaries ? { binaries } : {}) });
  running.push(server);
  return server;
}

async function query(server: EmbeddedPostgres, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
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
  expect(await query(server, `select lower('ÀÉİ' collate "und-x-icu") = 'àéi̇', current_setting('server_encoding'), current_setting('timezone')`)).toEqual([true, 'UTF8', 'UTC']);
});

test('a second start in the folder of a live one is refused', async () => {
  await launch();
  const { spawnSync } = await import('node:child_process');
  const script = `
    import { startEmbeddedPostgres } from './src/dev/embedded-postgres.ts';
    await startEmbeddedPostgres({ directory: process.env.DIRECTORY, persistent: true }).then(
      () => process.exit(0), (error) => { console.log(error.code, error.message); process.exit(3); });`;
  const result = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    env: { ...process.env, DIRECTORY: directory },
    encoding: 'utf8',
  });
  expect(result.stdout).toContain(`conflict Another segmentd (pid ${process.pid})`);
  expect(result.status).toBe(3);
});

test('one that is not persistent leaves no folder', async () => {
  const server = await launch(false);
  expect(await readdir(directory)).toContain('data');
  await server.stop();
  await expect(stat(directory)).rejects.toThrow();
});

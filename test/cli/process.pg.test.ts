/** What only a real process shows: exit codes, signals, a reader that goes away, and `dev` from nothing to its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageVersion } from '../../src/base/version.ts';
import { runCli, startCli } from '../support/process.ts';
import { cliInTerminal, KEY, terminalAvailable } from '../support/terminal.ts';
import { createWorld, type World } from './cli-world.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx'));

/** What a collector of logs reads: JSON, each line, the last sentence included, with who wrote it and when. */
function expectLog(lines: readonly string[]): void {
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(JSON.parse(line), line).toMatchObject({
      level: expect.stringMatching(/^(info|warn|error)$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      version: packageVersion(),
      database: expect.stringMatching(/./),
      worker: expect.stringMatching(/^[0-9a-f-]{36}$/),
      msg: expect.stringMatching(/./),
    });
}

describe('a process', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
    await world.file('all.json', 'true');
    expect(await world.run('create', 'all', '--condition', 'all.json')).toMatchObject({ code: 0 });
    await world.database.pool.query(`insert into public.contacts (country) select 'ES' from generate_series(1, 20000)`);
  });
  afterAll(() => world.end());
  const options = () => ({
    cwd: world.folder,
    env: { DATABASE_URL: world.database.url, SEGMENTD_LOG_LEVEL: 'info', REDIS_URL: '' },
  });

  test('run keeps segments until SIGTERM, then ends in order', async () => {
    const worker = startCli(['run'], options());
    try {
      await worker.line(/the worker runs/);
      expect(await world.run('wait', 'all')).toMatchObject({ code: 0, stderr: '' });
      expect((await world.run('members', 'all')).stdout.split('\n')).toHaveLength(20_005);
      await world.database.pool.query(`delete from public.contacts where id = 1`);
      expect(await world.run('wait', 'all')).toMatchObject({ code: 0, stderr: '' });
      expect((await world.run('members', 'all', '--limit', '1')).stdout).toBe('2\n');
    } finally {
      expect(await worker.kill('SIGTERM')).toMatchObject({ code: 0, signal: null, stdout: '' });
      expectLog(worker.stderr);
    }
  });

  test.runIf(terminalAvailable)('run prints short lines on a terminal, and says once who writes them', async () => {
    const terminal = await cliInTerminal(['run'], { ...options(), columns: 120 });
    try {
      const rows = await terminal.shows(/the worker runs/);
      expect(rows.join('\n')).toMatch(
        /^\d\d:\d\d:\d\d info {2}the worker runs version=\d+\.\d+\.\d+ worker=[0-9a-f-]{36} database=\w+$/m,
      );
      terminal.type(KEY.ctrlC);
      expect(await terminal.ended).toEqual({ code: 0 });
      expect(terminal.output).toMatch(/\d\d:\d\d:\d\d info {2}the worker stops\r?\n/);
    } finally {
      await terminal.close();
    }
  });

  test('run ends when another version has migrated the schema', async () => {
    const worker = startCli(['run'], options());
    await worker.line(/the worker runs/);
    try {
      await world.database.pool.query(
        `insert into segmentd_internal.migration (hash, created_at) values ('of a later version', 9000000000000)`,
      );
      await world.database.pool.query(`update segmentd_internal.installation set generation = generation + 1`);
      await world.database.pool.query(`delete from public.contacts where id = 3`);
      expect(await worker.ended).toMatchObject({ code: 1 });
      expect([...worker.stderr].join('\n')).toContain('A newer segmentd set up this database: update segmentd.');
      expectLog(worker.stderr);
      expect(
        await world.database.query(`select from segmentd.member where segment_key = 'all' and contact_id = 3`),
      ).toHaveLength(1);
      const again = await runCli(['run'], options());
      expect(again.code).toBe(1);
      expectLog(again.stderr.split('\n'));
      // A level that leaves nothing of the log leaves the sentence.
      const silent = await runCli(['run'], { ...options(), env: { ...options().env, SEGMENTD_LOG_LEVEL: 'silent' } });
      expect(silent.stderr).toBe('segmentd: A newer segmentd set up this database: update segmentd.');
    } finally {
      await worker.kill();
      await world.database.pool.query(`delete from segmentd_internal.migration where created_at = 9000000000000`);
    }
    expect(await runCli(['run', '--once'], options())).toMatchObject({ code: 0 });
    expect(await world.run('verify')).toMatchObject({ code: 0 });
  });

  test('exit codes', async () => {
    expect(await runCli(['list', '--json'], options())).toMatchObject({ code: 0, stderr: '' });
    expect(await runCli(['nonsense'], options())).toMatchObject({ code: 2, stdout: '' });
    expect((await runCli(['--version'], options())).stdout).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('a reader that goes away ends it quietly', async () => {
    const child = spawn('bash', ['-c', `set -o pipefail; node --import "${TSX}" "${MAIN}" members all | head -n 1`], {
      cwd: world.folder,
      env: { ...process.env, ...options().env },
    });
    let heard = '';
    child.stderr.on('data', (chunk: Buffer) => (heard += String(chunk)));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, heard }).toEqual({ code: 0, heard: '' });
  });
});

describe('dev', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'segmentd-dev-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const options = () => ({
    cwd: folder,
    env: {
      DATABASE_URL: '',
      REDIS_URL: '',
      SEGMENTD_CONFIG: '',
      SEGMENTD_LOG_LEVEL: '',
      npm_lifecycle_event: undefined,
      npm_config_user_agent: undefined,
    },
  });

  test('from nothing to a verified end', { timeout: 120_000 }, async () => {
    const ended = await runCli(['dev', '--for', '3s', '--json'], options());
    expect(ended.code, ended.stderr).toBe(0);
    const segments = JSON.parse(ended.stdout) as {
      key: string;
      state: string;
      checked: number;
      missing: unknown[];
      extra: unknown[];
    }[];
    expect(segments.length).toBeGreaterThanOrEqual(12);
    for (const segment of segments) expect(segment).toMatchObject({ state: 'live', missing: [], extra: [] });
    expect(ended.stderr).toContain('postgres://');
    expect(ended.stderr).not.toContain('tried again');
  });

  test('killed at work, it recovers with its data; Ctrl-C leaves nothing running', { timeout: 120_000 }, async () => {
    const killed = startCli(['dev'], options());
    await killed.line(/^psql /);
    await killed.line(/members/);
    await killed.kill('SIGKILL');

    const again = startCli(['dev'], options());
    const connect = await again.line(/^psql /, 60_000);
    const command = /^npm run -s segmentd -- (.*)$/.exec(await again.line(/^npm .* status --config/))?.[1] ?? '';
    const asked = await runCli(command.split(' '), options());
    expect(asked, asked.stderr).toMatchObject({ code: 0 });
    expect(asked.stdout).toMatch(/live/);
    expect((await stat(join(folder, '.segmentd', 'segmentd.yaml'))).mode & 0o777).toBe(0o600);
    await again.line(/entered/);
    expect([...again.stderr].join('\n')).not.toContain('the sample shop is loaded');
    const ended = await again.kill('SIGINT');
    expect(ended.signal).toBeNull();

    const url = /'(postgres:[^']+)'/.exec(connect)?.[1] ?? '';
    const after = await runCli(['list', '--database-url', url], options());
    expect(after).toMatchObject({ code: 1, stdout: '' });
    expect(after.stderr).toMatch(/Nothing answers/);
  });
});

/** Real processes: kill -9 in the middle of a file and a reader that takes one line. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, startCli } from '../support/process.ts';
import { until } from '../support/until.ts';
import { CONFIG, exportWorld, parseCsv, type ExportWorld } from './world.ts';

const MEMBERS = 300_000;
let world: ExportWorld;
let segment: number;
let env: Record<string, string>;
let config: string;
beforeAll(async () => {
  world = await exportWorld();
  segment = await world.segment('all');
  await world.pool.query(`insert into segmentd.membership select $1, g, clock_timestamp() from generate_series(1, ${MEMBERS}) g`, [segment]);
  config = join(world.folder, 'segmentd.yaml');
  await writeFile(config, CONFIG);
  env = { DATABASE_URL: world.database.url };
});
afterAll(() => world.end());

const exports = async (): Promise<string[]> => (await world.files()).filter((name) => name.startsWith('segment-'));
const parts = async (): Promise<string[]> => (await world.files()).filter((name) => name.endsWith('.part'));

test('killed in the middle: no half file, and the next run makes the same one', async () => {
  const argv = ['export', 'all', '--delta', 'crm', '--to', world.folder, '--config', config];
  for (let round = 0; round < 2; round += 1) {
    const before = (await parts()).length;
    const process = startCli(argv, { env });
    await until(async () => (await parts()).length > before, { interval: 1, timeout: 60_000 });
    await process.kill('SIGKILL');
    expect(await exports()).toEqual([]);
  }
  // Postgres has yet to notice that the holder of the lock is gone
  await until(async () => (await world.database.query(`select from pg_locks l where l.locktype = 'advisory' and l.classid = 7365 and l.database = (select oid from pg_database where datname = current_database())`)).length === 0);
  await world.move(world.pool, segment, [MEMBERS + 1], [1]);
  const done = await runCli(argv, { env });
  expect(done).toMatchObject({ code: 0 });
  expect(done.stderr).toContain('This is file 1 of the delta again');
  const [, ...rows] = parseCsv(await readFile(done.stdout.trim(), 'utf8'));
  expect(rows.length).toBe(MEMBERS);
  expect(rows[0]?.slice(0, 2)).toEqual(['entered', '1']);
  const next = await runCli([...argv, '--columns', 'contact_id'], { env });
  expect(parseCsv(await readFile(next.stdout.trim(), 'utf8'))).toEqual([['change', 'contact_id'], ['left', '1'], ['entered', String(MEMBERS + 1)]]);
}, 120_000);

test('a reader that takes one line', async () => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const script = `"${process.execPath}" --import "${tsx}" "${main}" export all --config "${config}" "$@" | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const bash = (...argv: string[]) => promisify(execFile)('bash', ['-c', script, 'bash', ...argv], { env: { ...process.env, ...env } });
  expect(await bash()).toEqual({ stdout: 'contact_id,entered_at\r\n0\n', stderr: '' });
  expect(await bash('--delta', 'piped')).toEqual({ stdout: 'change,contact_id,at\r\n1\n', stderr: 'segmentd: Whoever read the export went away before its end; the delta "piped" comes again.\n' });
}, 60_000);

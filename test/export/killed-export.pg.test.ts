/** Real processes: kill -9 in the middle of a file and a reader that takes one line. A connection that is cut in the middle. */
import { execFile } from 'node:child_process';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportSegment } from '../../src/export/export.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { startProxy } from '../support/proxy.ts';
import { runCli, startCli } from '../support/process.ts';
import { until } from '../support/until.ts';
import { CONFIG } from './config.ts';
import { exportWorld, parseCsv, type ExportWorld } from './export-world.ts';

const MEMBERS = 300_000;
let world: ExportWorld;
let segment: number;
let env: Record<string, string>;
let config: string;
beforeAll(async () => {
  world = await exportWorld();
  segment = await world.segment('all');
  await world.pool.query(
    `insert into segmentd.membership select $1, g, clock_timestamp() from generate_series(1, ${MEMBERS}) g`,
    [segment],
  );
  config = join(world.folder, 'segmentd.yaml');
  await writeFile(config, CONFIG);
  env = { DATABASE_URL: world.database.url };
});
afterAll(() => world.end());

const exports = async (): Promise<string[]> => (await world.files()).filter((name) => name.startsWith('segment-'));
const parts = async (): Promise<string[]> => (await world.files()).filter((name) => name.endsWith('.part'));

test('an export that is killed leaves no half file, and the next run makes the same file', async () => {
  const argv = ['export', 'all', '--delta', 'crm', '--to', world.folder, '--config', config];
  for (let round = 0; round < 2; round += 1) {
    const before = (await parts()).length;
    const process = startCli(argv, { env });
    await until(async () => (await parts()).length > before, { interval: 1, timeout: 60_000 });
    await process.kill('SIGKILL');
    expect(await exports()).toEqual([]);
  }
  // Postgres has yet to notice that the holder of the lock has ended
  await until(
    async () =>
      (
        await world.database.query(
          `select from pg_locks l where l.locktype = 'advisory' and l.classid = 7365 and l.database = (select oid from pg_database where datname = current_database())`,
        )
      ).length === 0,
  );
  await world.move(world.pool, segment, [MEMBERS + 1], [1]);
  const done = await runCli(argv, { env });
  expect(done).toMatchObject({ code: 0 });
  expect(done.stderr).toContain('This is file 1 of the delta again');
  const [, ...rows] = parseCsv(await readFile(done.stdout.trim(), 'utf8'));
  expect(rows.length).toBe(MEMBERS);
  expect(rows[0]?.slice(0, 2)).toEqual(['entered', '1']);
  const next = await runCli([...argv, '--columns', 'contact_id'], { env });
  expect(parseCsv(await readFile(next.stdout.trim(), 'utf8'))).toEqual([
    ['change', 'contact_id'],
    ['left', '1'],
    ['entered', String(MEMBERS + 1)],
  ]);
}, 120_000);

test('an export whose reader takes one line ends with one sentence', async () => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const script = `"${process.execPath}" --import "${tsx}" "${main}" export all --config "${config}" "$@" | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const bash = (...argv: string[]) =>
    promisify(execFile)('bash', ['-c', script, 'bash', ...argv], { env: { ...process.env, ...env } });
  expect(await bash()).toEqual({ stdout: 'contact_id,entered_at\r\n0\n', stderr: '' });
  expect(await bash('--delta', 'piped')).toEqual({
    stdout: 'change,contact_id,at\r\n1\n',
    stderr: 'segmentd: The reader of the export went away before its end; the delta "piped" comes again.\n',
  });
}, 60_000);

test('a delta whose connection is cut publishes nothing, its run is marked as failed, and the file comes again', async () => {
  const target = new URL(world.database.url);
  const proxy = await startProxy({ host: target.hostname, port: Number(target.port) });
  const pool = await openPool(proxy.url(world.database.url), { max: 3, applicationName: 'through the proxy' });
  const id = await world.segment('cut');
  await world.pool.query(
    `insert into segmentd.membership select $1, g, clock_timestamp() from generate_series(1, ${MEMBERS}) g`,
    [id],
  );
  const before = await world.files();
  let writes = 0;
  const options = { delta: 'crm', to: { folder: world.folder } };
  const cutting = {
    rename,
    async open(path: string, flags: string) {
      const file = await open(path, flags);
      const write = file.write.bind(file) as (
        chunk: Uint8Array,
        at: number,
      ) => Promise<{ bytesWritten: number; buffer: Uint8Array }>;
      const counted = async (chunk: Uint8Array, at: number) => {
        // The header, some rows, and no more: the rest is larger than what may be on its way.
        writes += 1;
        if (writes === 3) proxy.cut();
        return write(chunk, at);
      };
      return Object.assign(file, { write: counted });
    },
  };
  try {
    await expect(exportSegment(pool, world.catalogue, 'cut', { ...options, fileSystem: cutting })).rejects.toThrow();
    expect(writes).toBeGreaterThanOrEqual(3);
    expect(await world.files()).toEqual(before);
    const runs = (): Promise<unknown[]> =>
      world.database.query(
        'select r.state, r.error from segmentd_internal.export_run r where r.segment_id = $1 order by r.id',
        [id],
      );
    expect(await runs()).toEqual([{ state: 'running', error: null }]);
    proxy.restore();
    await until(
      async () =>
        (
          await world.database.query(
            `select from pg_stat_activity a where a.application_name = 'through the proxy' and a.state <> 'idle'`,
          )
        ).length === 0,
    );
    await until(
      async () =>
        (
          await world.database.query(
            `select from pg_locks l where l.locktype = 'advisory' and l.classid = 7365 and l.database = (select oid from pg_database where datname = current_database())`,
          )
        ).length === 0,
    );
    await world.pool.query(
      `update segmentd_internal.export_run set lease_until = clock_timestamp() - interval '1 second' where segment_id = $1`,
      [id],
    );
    expect(await exportSegment(pool, world.catalogue, 'cut', options)).toMatchObject({
      count: MEMBERS,
      delta: { number: 1, repeated: true },
    });
    expect(await runs()).toEqual([
      { state: 'failed', error: 'The process that wrote it ended without a word.' },
      { state: 'done', error: null },
    ]);
  } finally {
    await pool.end();
    await proxy.close();
  }
}, 60_000);

/** On a hot standby: what reads goes on and says as of when it is, what would wait or write says in one sentence that it is a standby. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSegmentd, type Worker } from '../../src/index.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { cli, type CliResult } from '../cli/in-process.ts';
import { standbyAvailable, startPair, type Pair } from '../support/standby.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CONFIG = 'contacts: { table: public.contacts, key: id }\ntimezone: UTC\n';
const spanish = JSON.stringify({ '==': [{ var: 'country' }, 'ES'] });

describe.runIf(standbyAvailable)('a standby', () => {
  let pair: Pair;
  let folder: string;
  let worker: Worker;
  const on = (url: string, ...argv: string[]): Promise<CliResult> =>
    cli(argv, { cwd: folder, env: { DATABASE_URL: url, SEGMENTD_LOG_LEVEL: 'error' }, stdin: spanish });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'segmentd-standby-cli-'));
    await writeFile(join(folder, 'segmentd.yaml'), CONFIG);
    pair = await startPair(async (url) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        `create table public.contacts (id bigint primary key, country text); insert into public.contacts values (1, 'ES'), (2, 'FR')`,
      );
      await client.end();
      for (const verb of ['migrate', 'install']) expect(await on(url, verb), verb).toMatchObject({ code: 0 });
    });
    worker = createWorker({ databaseUrl: pair.primary, queue: null, pollInterval: 20 });
    await worker.start();
    expect(await on(pair.primary, 'create', 'spain', '--condition', '-', '--wait')).toMatchObject({ code: 0 });
    expect(await on(pair.primary, 'create', 'chosen', '--kind', 'static', '--wait')).toMatchObject({ code: 0 });
    await until(
      async () =>
        (await pair.primaryPool.query('select from segmentd_internal.installation where fresh_as_of is not null'))
          .rowCount,
      { message: 'a worker has caught up' },
    );
    await pair.replayed();
  });
  afterAll(async () => {
    await worker?.stop();
    await pair?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const members = async (): Promise<string[]> =>
    (JSON.parse((await on(pair.standby, '--json', 'members', 'spain')).stdout) as { contact_id: string }[]).map(
      (row) => row.contact_id,
    );

  test('wait and a fresh export are refused while its members are old; on the primary they are not', async () => {
    await pair.pause();
    try {
      await pair.primaryPool.query(`update public.contacts set country = 'ES' where id = 2`);
      expect(await on(pair.primary, 'wait', 'spain')).toMatchObject({ code: 0 });
      expect((await on(pair.primary, 'export', 'spain', '--fresh')).stdout.trim().split('\n').length).toBe(3);
      // The standby still shows what was there before, so neither may say that it is done.
      expect((await on(pair.standby, 'export', 'spain')).stdout.trim().split('\n').length).toBe(2);
      for (const argv of [['wait'], ['wait', 'spain'], ['export', 'spain', '--fresh']]) {
        const { code, stdout, stderr } = await on(pair.standby, ...argv);
        expect({ argv, code, stdout, stderr }).toEqual({
          argv,
          code: 1,
          stdout: '',
          stderr: 'segmentd: This server is a standby. Waiting needs the primary: point DATABASE_URL at it.\n',
        });
      }
      await using api = createSegmentd({ databaseUrl: pair.standby, config: join(folder, 'segmentd.yaml') });
      await expect(api.admin.wait()).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining('is a standby'),
      });
    } finally {
      await pair.resume();
    }
    await pair.replayed();
    expect(await members()).toEqual(['1', '2']);
  });

  test('the freshness that it reports holds for the members that it shows', async () => {
    const status = async (): Promise<{ fresh_as_of: string; standby: boolean }> =>
      JSON.parse((await on(pair.standby, '--json', 'status')).stdout) as { fresh_as_of: string; standby: boolean };
    await pair.pause();
    try {
      await pair.primaryPool.query(`update public.contacts set country = 'FR' where id = 1`);
      const [after] = (
        await pair.primaryPool.query<{ at: string }>(
          `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
        )
      ).rows;
      expect(await on(pair.primary, 'wait')).toMatchObject({ code: 0 });
      await until(
        async () =>
          (
            await pair.primaryPool.query(
              'select from segmentd_internal.installation where fresh_as_of > $1::timestamptz',
              [after?.at],
            )
          ).rowCount,
        { message: 'the primary is fresh' },
      );
      const said = await status();
      expect(said.standby).toBe(true);
      expect(said.fresh_as_of < (after?.at ?? '')).toBe(true);
      expect(await members()).toEqual(['1', '2']);
    } finally {
      await pair.resume();
    }
    await pair.replayed();
    expect(await members()).toEqual(['2']);
    expect((await on(pair.standby, 'status')).stdout).toContain('this server is a standby');
  });

  test.each([
    ['list'],
    ['show', 'spain'],
    ['status'],
    ['members', 'spain'],
    ['segments-of', '2'],
    ['describe', 'spain'],
    ['explain', 'spain', '2'],
    ['history', 'spain'],
    ['versions', 'spain'],
    ['as-of', 'spain', '2020-01-01'],
    ['overlap', 'spain', 'chosen'],
    ['preview', '--condition', '-'],
    ['fields'],
    ['where-used', 'spain'],
    ['export', 'spain'],
    ['schedule', 'list'],
    ['pull', 'out'],
    ['init', '--print'],
    ['verify'],
  ])('%s %s reads on a standby too', async (...argv) => {
    const { code, stdout, stderr } = await on(pair.standby, ...argv.filter((one) => one !== undefined));
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
  });

  test.each([
    ['migrate'],
    ['install'],
    ['uninstall'],
    ['run', '--once'],
    ['create', 'other', '--condition', '-'],
    ['edit', 'spain', '--condition', '-', '--name', 'Spain'],
    ['delete', 'spain'],
    ['pause', 'spain'],
    ['duplicate', 'spain', 'again'],
    ['add', 'chosen', '1'],
    ['include', 'spain', '1'],
    ['rebuild', 'spain'],
    ['forget', '99'],
    ['export', 'spain', '--delta', 'crm'],
    ['schedule', 'add', 'spain', '--cron', '0 6 * * *'],
    ['feed', '--consumer', 'crm'],
    ['restore', 'spain', '--to', '1'],
    ['apply', 'out'],
  ])('%s %s says in a sentence that it needs the primary', async (...argv) => {
    const { code, stdout, stderr } = await on(pair.standby, ...argv.filter((one) => one !== undefined));
    expect({ code, stdout, lines: stderr.trim().split('\n').length, stderr }).toMatchObject({
      code: 1,
      stdout: '',
      lines: 1,
      stderr: expect.stringMatching(/^segmentd: This server is a standby.*primary.*\.\n$/),
    });
  });

  test('doctor says that the server is a standby', async () => {
    const { code, stdout } = await on(pair.standby, 'doctor');
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('This server is a read-only replica'),
    });
  });

  test('a worker does not start on a standby', async () => {
    const other = createWorker({ databaseUrl: pair.standby, queue: null });
    await expect(other.start()).rejects.toMatchObject({
      message: expect.stringContaining('A worker needs the primary'),
    });
    await other.stop();
  });
});

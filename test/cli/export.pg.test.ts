/** `export` as a user types it: where it goes, what is said, the exit codes. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  for (const argv of [['migrate'], ['install'], ['create', 'spain', '--condition', 'spain.json'], ['run', '--once']]) {
    expect(await world.run(...argv), argv.join(' ')).toMatchObject({ code: 0 });
  }
});
afterAll(() => world.end());

test('to stdout', async () => {
  const result = await world.run('export', 'spain', '--columns', 'contact_id, email,orders.count');
  expect(result).toEqual({ code: 0, stdout: 'contact_id,email,orders.count\r\n1,a@x,1\r\n3,c@x,0\r\n', stderr: '' });
  const json = await world.run('export', 'spain', '--format', 'ndjson', '--columns', 'contact_id', '--json');
  expect(json).toMatchObject({ code: 0, stdout: '{"contact_id":"1"}\n{"contact_id":"3"}\n' });
  expect(JSON.parse(json.stderr)).toMatchObject({ segment: 'spain', count: 2, fresh_as_of: expect.any(String) });
});

test('to a file, to a folder', async () => {
  const one = await world.run('export', 'spain', '--to', 'out.csv', '--json');
  expect(one).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(one.stdout)).toMatchObject({ path: join(world.folder, 'out.csv'), file: 'out.csv', count: 2 });
  await mkdir(join(world.folder, 'exports'));
  const path = (await world.run('export', 'spain', '--gzip', '--format', 'ndjson', '--to', 'exports')).stdout.trim();
  expect(path).toMatch(/\/exports\/segment-\d+-\d{8}T\d{12}Z-[0-9a-f]{8}\.ndjson\.gz$/);
  expect(JSON.parse(await readFile(`${path}.manifest.json`, 'utf8'))).toMatchObject({ count: 2 });
});

test('a delta, fresh', async () => {
  const all = await world.run('export', 'spain', '--delta', 'crm', '--to', 'exports/', '--json');
  expect(JSON.parse(all.stdout)).toMatchObject({ count: 2, delta: { name: 'crm', number: 1, repeated: false } });
  await world.database.pool.query(`update public.contacts set country = 'ES' where id = 2`);
  const late = await world.run('export', 'spain', '--delta', 'crm', '--fresh', '--timeout', '50ms');
  expect(late).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'segmentd: Not everything is visible after 0.05 s. Is a worker running (segmentd run)?\n',
  });
  await world.run('run', '--once');
  expect(await world.run('export', 'spain', '--delta', 'crm', '--fresh', '--columns', 'contact_id')).toMatchObject({
    code: 0,
    stdout: 'change,contact_id\r\nentered,2\r\n',
  });
});

test('a reader that goes away: no word for a whole export, a failure for a delta, which comes again', async () => {
  const withoutReader = async (...argv: string[]): Promise<{ code: number; text: string }> => {
    const ending = new AbortController();
    // The pipe breaks when something is written.
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' })),
    });
    // as processIo does it for a broken pipe
    stdout.on('error', () => ending.abort('EPIPE'));
    const stderr = new PassThrough();
    const code = await runCli(argv, {
      stdin: new PassThrough(),
      stdout,
      stderr,
      environment: { DATABASE_URL: world.database.url, SEGMENTD_LOG_LEVEL: 'error' },
      cwd: world.folder,
      signal: ending.signal,
    });
    return { code, text: String(stderr.read() ?? '') };
  };
  expect(await withoutReader('export', 'spain')).toEqual({ code: 0, text: '' });
  await world.database.pool.query(`update public.contacts set country = 'PT' where id = 2`);
  await world.run('run', '--once');
  const delta = await withoutReader('export', 'spain', '--delta', 'crm');
  expect(delta).toEqual({
    code: 1,
    text: 'segmentd: The reader of the export went away before its end; the delta "crm" comes again.\n',
  });
  const again = await world.run('export', 'spain', '--delta', 'crm', '--columns', 'contact_id');
  expect(again).toMatchObject({ code: 0, stdout: 'change,contact_id\r\nleft,2\r\n' });
  expect(again.stderr).toMatch(/^This is file 3 of the delta again/);
});

test('Ctrl-C leaves nothing behind', async () => {
  const before = await readdir(world.folder);
  expect(
    await world.runWith({ signal: AbortSignal.abort('SIGINT') }, 'export', 'spain', '--to', 'stopped.csv'),
  ).toMatchObject({ code: 1, stdout: '' });
  expect(await readdir(world.folder)).toEqual(before);
});

test('a pipe stays a pipe, and nothing is read for it', async () => {
  await promisify(execFile)('mkfifo', [join(world.folder, 'pipe')]);
  for (const argv of [
    ['spain', '--to', 'pipe'],
    ['absent', '--to', 'pipe'],
    ['spain', '--to', 'pipe', '--delta', 'piped'],
  ]) {
    expect(await world.run('export', ...argv)).toEqual({
      code: 1,
      stdout: '',
      stderr: `segmentd: ${join(world.folder, 'pipe')} is a pipe and cannot be replaced by a file; for a pipe write to stdout, --to -, and redirect that.\n`,
    });
  }
  expect((await stat(join(world.folder, 'pipe'))).isFIFO()).toBe(true);
  expect(
    (await world.database.pool.query(`select from segmentd_internal.export_delta d where d.name = 'piped'`)).rowCount,
  ).toBe(0);
});

test('through a link into its file', async () => {
  await writeFile(join(world.folder, 'real.csv'), 'old');
  await symlink('real.csv', join(world.folder, 'latest.csv'));
  expect(await world.run('export', 'spain', '--to', 'latest.csv')).toMatchObject({ code: 0, stderr: '' });
  expect(await readlink(join(world.folder, 'latest.csv'))).toBe('real.csv');
  expect(await readFile(join(world.folder, 'real.csv'), 'utf8')).toMatch(/^contact_id,entered_at\r\n/);
});

test.each([
  ['--to', 'missing/'],
  ['--columns', 'emial'],
  ['--format', 'parquet', '--gzip'],
])('a delta that could never be written with %s %s uses up no number', async (...flags) => {
  expect((await world.run('export', 'spain', '--delta', 'careful', ...flags)).code).toBeGreaterThan(0);
  expect(
    (await world.database.pool.query(`select from segmentd_internal.export_delta d where d.name = 'careful'`)).rowCount,
  ).toBe(0);
});

test.each([
  [['export'], 2, /missing required argument 'key'/],
  [['export', 'absent'], 2, /^segmentd: There is no segment "absent"\.\n$/],
  [['export', 'spain', '--format', 'xlsx'], 2, /Allowed choices are csv, ndjson, parquet/],
  [['export', 'spain', '--columns', 'emial'], 2, /^segmentd: There is no column "emial": did you mean `email`\?\n$/],
  [['export', 'spain', '--columns', ''], 2, /^segmentd: There is no column ""\.\n$/],
  [
    ['export', 'spain', '--to', 'no/such/place.csv'],
    1,
    /^segmentd: There is no folder (.*no\/such); make it with `mkdir -p \1`\.\n$/,
  ],
  [['export', 'spain', '--to', 'nofolder/'], 1, /^segmentd: There is no folder /],
  [['export', 'spain', '--to', ''], 2, /^segmentd: /],
  [['export', 'spain', '--restart'], 2, /^segmentd: Only a delta can be restarted/],
  [['export', 'spain', '--delta', ''], 2, /^segmentd: The name of a delta is a text of 1 to 200 characters\.\n$/],
  [['export', 'spain', '--timeout', 'soon'], 2, /must be a duration/],
  [
    ['export', 'spain', '--format', 'parquet', '--gzip'],
    2,
    /^segmentd: Parquet is compressed already; leave gzip out\.\n$/,
  ],
])('%j is refused', async (argv, code, sentence) => {
  const result = await world.run(...argv);
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
  expect(result.stderr).toMatch(sentence);
});

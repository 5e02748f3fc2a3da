/** `feed` as a user types it. */
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { startCli } from '../support/process.ts';
import { until } from '../support/until.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
const ids = (stdout: string): string[] =>
  stdout
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { kind, contact_id } = JSON.parse(line) as { kind: string; contact_id: string };
      return `${kind} ${contact_id}`;
    });
async function countries(changes: Readonly<Record<number, string>>): Promise<void> {
  for (const [id, country] of Object.entries(changes))
    await world.database.pool.query('update public.contacts set country = $2 where id = $1', [id, country]);
  expect(await world.run('run', '--once')).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  world = await createWorld();
  await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  for (const argv of [['migrate'], ['install'], ['create', 'spain', '--condition', 'spain.json'], ['run', '--once']]) {
    expect(await world.run(...argv), argv.join(' ')).toMatchObject({ code: 0 });
  }
});
afterAll(() => world.end());

test('from the start, from now, behind an export', async () => {
  const start = await world.run('feed', '--consumer', 'start', '--from', 'start');
  expect(start).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(start.stdout.split('\n')[0] ?? '')).toEqual({
    id: expect.any(String),
    segment: 'spain',
    segment_id: expect.any(Number),
    contact_id: '1',
    kind: 'entered',
    reason: 'edit',
    version: 1,
    at: expect.stringMatching(/Z$/),
  });
  expect(ids(start.stdout)).toEqual(['entered 1', 'entered 3']);
  expect(await world.run('feed', '--consumer', 'now')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'now is new and begins now; for all that is stored, run it again with --from start --restart.\n',
  });
  expect((await world.run('feed', '--consumer', 'now')).stderr).toBe('There are no new events for now.\n');
  expect((await world.run('export', 'spain', '--to', 'all.csv')).code).toBe(0);
  await countries({ 1: 'PT', 2: 'ES' });
  for (const consumer of ['start', 'now'])
    expect(ids((await world.run('feed', '--consumer', consumer, '--segment', 'spain')).stdout).sort()).toEqual([
      'entered 2',
      'left 1',
    ]);
  expect(
    ids((await world.run('feed', '--consumer', 'behind', '--from', 'all.csv.manifest.json')).stdout).sort(),
  ).toEqual(['entered 2', 'left 1']);
  expect((await world.run('feed', '--consumer', 'behind')).stdout).toBe('');
  expect(ids((await world.run('feed', '--consumer', 'behind', '--from', 'start', '--restart')).stdout)).toHaveLength(4);
});

test('a reader that goes away has it again', async () => {
  await countries({ 1: 'ES' });
  const ending = new AbortController();
  const stdout = new PassThrough();
  stdout.on('error', () => ending.abort('EPIPE'));
  stdout.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
  const code = await runCli(['feed', '--consumer', 'now'], {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    environment: { DATABASE_URL: world.database.url, SEGMENTD_LOG_LEVEL: 'error' },
    cwd: world.folder,
    signal: ending.signal,
  });
  expect(code).toBe(0);
  expect(ids((await world.run('feed', '--consumer', 'now')).stdout)).toEqual(['entered 1']);
});

test('following: a process that is killed and started again misses nothing', async () => {
  const follow = () =>
    startCli(['feed', '--consumer', 'killed', '--follow', '--config', join(world.folder, 'segmentd.yaml')], {
      env: { DATABASE_URL: world.database.url },
    });
  const first = follow();
  await until(
    async () =>
      (await world.database.query(`select from segmentd_internal.feed_consumer where name = 'killed'`)).length === 1,
    { timeout: 30_000 },
  );
  await countries({ 3: 'PT' });
  await first.line(/"left"/);
  await first.kill('SIGKILL');
  await countries({ 3: 'ES' });
  const second = follow();
  await second.line(/"entered"/);
  const ended = await second.kill('SIGTERM');
  expect(ended.code).toBe(0);
}, 90_000);

test.each([
  [['feed'], /required option '--consumer <name>' not specified/],
  [['feed', '--consumer', ''], /^segmentd: The name of a reader of the feed is a text of 1 to 200 characters\.\n$/],
  [['feed', '--consumer', 'x', '--segment', 'absent'], /^segmentd: There is no segment "absent"\.\n$/],
  [['feed', '--consumer', 'x', '--from', 'yesterday'], /^segmentd: yesterday cannot be read as a manifest/],
  [['feed', '--consumer', 'x', '--from', 'spain.json'], /^segmentd: spain\.json is not the manifest of an export\.\n$/],
])('%j is refused', async (argv, sentence) => {
  const result = await world.run(...argv);
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(sentence);
});

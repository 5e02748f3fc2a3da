/** Workers register: others see who lives, as what, and with which queue; a Redis that is away is two log lines. */
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog, type Log } from '../../src/base/log.ts';
import { packageVersion } from '../../src/base/version.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

function collect(): { readonly log: Log; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  return { log: createLog({ stream }), lines };
}
const workerFinding = async () => (await segmentd.admin.doctor()).find(({ sentence }) => /worker/i.test(sentence));

test('doctor says that no worker runs, and exits 1 with --strict', async () => {
  expect(await segmentd.admin.workers()).toEqual([]);
  expect(await workerFinding()).toMatchObject({
    level: 'warn',
    fix: 'segmentd run',
    sentence: 'No worker is running; none has run yet. 0 changes are waiting.',
  });
  expect(await world.run('doctor')).toMatchObject({ code: 0 });
  expect(await world.run('doctor', '--strict')).toMatchObject({ code: 1 });
  expect((await world.run('status')).stdout).toContain('workers: none is running; run segmentd run\n');
});

test('a worker is listed while it runs, each of its log lines names it, and its sessions have names', async () => {
  const { log, lines } = collect();
  await using own = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml`, log });
  await using worker = own.worker();
  await worker.start();
  const { worker: id } = worker.identity;
  expect(await segmentd.admin.workers()).toEqual([
    expect.objectContaining({
      id,
      pid: process.pid,
      version: packageVersion(),
      queue: { backend: 'postgres', place: expect.stringMatching(/^Postgres at .+:\d+\/test_/) },
    }),
  ]);
  await until(async () => (await workerFinding())?.level === 'ok');
  await until(async () => (await segmentd.admin.workers())[0]?.current === true);
  expect((await world.run('status')).stdout).toContain(`process ${process.pid}, version ${packageVersion()}, since `);
  expect(JSON.parse((await world.run('status', '--json')).stdout)).toMatchObject({ workers: [{ id, current: true }] });
  const names = () =>
    world.database.query<{ name: string }>(
      `select distinct application_name as name from pg_stat_activity where datname = current_database() and application_name <> '' order by 1`,
    );
  // Sessions of the verbs above end in a moment.
  await until(async () => !(await names()).some(({ name }) => name.startsWith('segmentd cli')));
  expect((await names()).map(({ name }) => name)).toEqual([
    'segmentd api',
    'segmentd listener',
    'segmentd queue worker',
    'segmentd worker',
  ]);
  // As after a kill -9: the row stays, is silent first, and too old in half a minute.
  await world.database.query(
    `insert into segmentd_internal.worker (id, host, pid, version, seen_at) values (gen_random_uuid(), 'killed', 7, '0', clock_timestamp() - interval '14 seconds')`,
  );
  expect((await world.run('status')).stdout).toMatch(/^worker: killed process 7, .*, last seen 1[4-9] s ago \(/m);
  expect((await segmentd.admin.doctor()).filter(({ fix }) => fix === 'segmentd run')).toEqual([
    {
      level: 'warn',
      sentence: expect.stringMatching(
        /^The worker on killed, process 7, was last seen 1[4-9] s ago: it was killed, or does not reach Postgres\.$/,
      ),
      fix: 'segmentd run',
    },
  ]);
  expect((await segmentd.admin.doctor()).map(({ sentence }) => sentence)).toContainEqual(
    expect.stringMatching(/^One worker runs/),
  );
  await world.database.query(`delete from segmentd_internal.worker where host = 'killed'`);
  await world.database.query(`update segmentd_internal.worker set seen_at = seen_at - interval '31 seconds'`);
  expect(await segmentd.admin.workers()).toEqual([]);
  await until(async () => (await segmentd.admin.workers()).length === 1, { message: 'the next beat' });
  await worker.stop();
  expect(await world.database.query('select from segmentd_internal.worker')).toEqual([]);
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['the worker runs', 'the worker stops']));
  for (const line of lines)
    expect(line).toMatchObject({ worker: id, version: packageVersion(), database: world.database.name });
});

test('rows of killed workers are pruned after an hour', async () => {
  await world.database.query(
    `insert into segmentd_internal.worker (id, host, pid, version, seen_at) values (gen_random_uuid(), 'killed', 1, '0', clock_timestamp() - interval '61 minutes')`,
  );
  await using worker = segmentd.worker();
  await worker.start();
  expect(await world.database.query('select host from segmentd_internal.worker')).toHaveLength(1);
});

describe.runIf(redisAvailable)('the queue on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test('status names the queue on Redis without REDIS_URL, and an outage of Redis is two log lines without a stack', async () => {
    const { log, lines } = collect();
    await using own = createSegmentd({
      databaseUrl: world.database.url,
      redisUrl: redis.url,
      config: `${world.folder}/segmentd.yaml`,
      log,
    });
    await using worker = own.worker();
    await worker.start();
    expect(await segmentd.admin.queueHealth()).toMatchObject({
      backend: 'redis',
      ok: true,
      elsewhere: true,
      message: `The workers queue on Redis at 127.0.0.1:${redis.port}; without REDIS_URL it was not asked.`,
    });
    expect((await world.run('status')).stdout).toContain(
      `queue: redis, The workers queue on Redis at 127.0.0.1:${redis.port}`,
    );
    const ofQueue = () => lines.filter(({ msg, during }) => /queue/.test(`${String(msg)} ${String(during)}`));
    await redis.kill();
    await until(() => ofQueue().length > 0);
    // Built without it: that takes longer than many attempts to reach Redis.
    await segmentd.segments.create({ key: `away`, condition: true });
    await segmentd.segments.untilLive('away');
    const { stderr } = await world.run('status');
    expect(stderr).toBe('');
    await redis.restart();
    await until(() => ofQueue().length > 1);
    await segmentd.segments.create({ key: `back`, condition: true });
    await segmentd.segments.untilLive('back');
    await worker.stop();
    expect(ofQueue().map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'the queue does not answer; rebuilds and exports go on without it'],
      ['info', 'the queue answers again'],
    ]);
    expect(JSON.stringify(lines)).not.toContain('stack');
  });

  test('a verb says in one line that its Redis is away', async () => {
    await redis.kill();
    const { stdout, stderr } = await world.run('status', '--redis-url', redis.url);
    expect(stderr).toBe('');
    expect(stdout.split('\n').filter((line) => line.includes('Redis'))).toEqual([
      expect.stringMatching(/^queue: redis, Redis at 127\.0\.0\.1:\d+ cannot be used: /),
    ]);
  });
});

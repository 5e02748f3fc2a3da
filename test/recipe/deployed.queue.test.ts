/**
 * What Docker, Kubernetes and systemd do with the recipes, done to real processes: the jobs in their order, the worker with its
 * arguments and variables, the probes, the signal. Paths and servers are those of the test.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../cli/cli-world.ts';
import { runCli, startCli, type CliProcess } from '../support/process.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { last, words } from './dockerfile.ts';
import {
  compose,
  kubernetesConfig,
  onThisMachine,
  podOf,
  probesOf,
  programOf,
  unitProgram,
  type Machine,
  type Program,
} from './program.ts';
import { recipeText } from './recipe.ts';

let world: World;
let redis: TestRedis | undefined;
let running: CliProcess | undefined;
beforeAll(async () => {
  redis = redisAvailable ? await startRedis() : undefined;
});
afterAll(() => redis?.stop());
afterEach(async ({ task }) => {
  const ended = await running?.kill();
  if (task.result?.state === 'fail') console.warn(ended?.stderr);
  await world.end();
});

async function machine(): Promise<Machine> {
  world = await createWorld();
  await writeFile(join(world.folder, 'segmentd.yaml'), kubernetesConfig());
  return { folder: world.folder, databaseUrl: world.database.url, ...(redis ? { redisUrl: redis.url } : {}) };
}

const process = ({ args, env }: Program) =>
  [args, { cwd: world.folder, env: { REDIS_URL: '', SEGMENTD_LOG_LEVEL: '', ...env } }] as const;

/** A job runs to its end. */
async function complete(program: Program): Promise<void> {
  expect(await runCli(...process(program)), program.args.join(' ')).toMatchObject({ code: 0, stderr: '' });
}

/** A worker runs; returns where it serves. */
async function start(program: Program): Promise<string> {
  running = startCli(...process(program));
  const line = JSON.parse(await running.line(/serving/)) as { url: string };
  return line.url.replace('0.0.0.0', '127.0.0.1');
}

const answers = async (url: string, path: string): Promise<boolean> => {
  const response = await fetch(url + path).catch(() => undefined);
  return response?.ok === true;
};

/** The HEALTHCHECK of the image, as a process beside the worker. */
function healthcheck(url: string): Promise<number | string | null | undefined> {
  const [, ...args] = words(last('HEALTHCHECK')[0] ?? '');
  const env = { SEGMENTD_HTTP: `0.0.0.0:${new URL(url).port}` };
  return new Promise((settle) => {
    execFile(globalThis.process.execPath, args, { env }, (error) => settle(error ? error.code : 0));
  });
}

/** A segment is built, follows a change, and is exported where the recipe says. */
async function works(): Promise<void> {
  await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  await world.ok('create', 'spain', '--condition', 'spain.json', '--wait');
  await world.database.query(`update public.contacts set country = 'ES' where id = 2`);
  await world.ok('wait');
  expect(await world.ok('members', 'spain')).toBe('1\n2\n3\n');
  await world.ok('schedule', 'add', 'spain', '--cron', '0 6 1 1 *');
  await world.ok('schedule', 'run', '1', '--wait');
  const files = await readdir(join(world.folder, 'export'));
  expect(files.filter((name) => name.endsWith('.csv'))).toHaveLength(1);
  const [csv] = await Promise.all(
    files.filter((name) => name.endsWith('.csv')).map((name) => readFile(join(world.folder, 'export', name), 'utf8')),
  );
  expect(csv?.trim().split('\n')).toHaveLength(4);
}

/** SIGTERM, as `docker stop`, the kubelet and systemd send it: it ends by itself, and no SIGKILL is needed. */
async function stop(url: string): Promise<void> {
  expect(await running?.kill('SIGTERM')).toMatchObject({ code: 0, signal: null, stdout: '' });
  expect(await answers(url, '/healthz')).toBe(false);
  expect(await world.database.query('select from segmentd_internal.worker')).toEqual([]);
}

describe.runIf(redisAvailable)('with Redis', { timeout: 120_000 }, () => {
  test('Kubernetes: the job with the rights of the owner, the worker with its own, probes, SIGTERM', async () => {
    const here = await machine();
    const job = podOf('Job');
    for (const container of [...job.initContainers, ...job.containers])
      await complete(onThisMachine(programOf(container), here));

    // The role of the worker, by the statement in the recipe.
    const [, statement = ''] =
      /^# +(create role segmentd_login login .*;)$/m.exec(recipeText('kubernetes/config.yaml')) ?? [];
    const role = `segmentd_login_${globalThis.process.pid}`;
    await world.database.query(statement.replace('segmentd_login', role).replace('…', 'secret'));
    try {
      const url = new URL(here.databaseUrl);
      url.username = role;
      url.password = 'secret';
      const [container] = podOf('Deployment').containers;
      if (!container) throw new Error('no container');
      const served = await start(onThisMachine(programOf(container), { ...here, databaseUrl: url.href }));
      for (const [name, { httpGet }] of Object.entries(probesOf(container)))
        await until(() => answers(served, httpGet.path), { message: `${name} succeeds` });
      await works();
      const [session] = await world.database.query<{ usename: string }>(
        `select usename from pg_stat_activity where application_name = 'segmentd worker' and datname = current_database() limit 1`,
      );
      expect(session?.usename).toBe(role);
      await stop(served);
    } finally {
      await running?.kill();
      await world.database.query(`drop role ${role}`);
    }
  });

  test('Compose: migrate, install, worker, the check of its health, docker stop', async () => {
    const here = await machine();
    const { services } = compose({ POSTGRES_PASSWORD: 'secret' });
    const program = (name: string): Program => {
      const { command = [], environment = {} } = services[name] ?? {};
      return onThisMachine({ args: command, env: environment }, here);
    };
    for (const name of ['migrate', 'install']) await complete(program(name));
    const served = await start(program('worker'));
    await until(async () => (await healthcheck(served)) === 0, { message: 'the image is healthy' });
    await works();
    expect((await world.ok('status')).includes('Redis')).toBe(true);
    await stop(served);
    expect(await healthcheck(served)).toBe(1);
  });
});

test('systemd: its program and environment, without Redis', async () => {
  const { folder, databaseUrl } = await machine();
  const here = { folder, databaseUrl };
  for (const verb of ['migrate', 'install']) await complete({ args: [verb], env: { DATABASE_URL: databaseUrl } });
  const served = await start(onThisMachine(unitProgram(), here));
  await until(() => answers(served, '/readyz'), { message: 'the worker is ready' });
  await works();
  await stop(served);
});

test('a wrong setting ends with exit code 2, which systemd does not try again; a database that is away with 1', async () => {
  const here = await machine();
  const { args, env } = onThisMachine(unitProgram(), here);
  expect(recipeText('segmentd.service')).toMatch(/^Restart=always$/m);
  expect(recipeText('segmentd.service')).toMatch(/^RestartPreventExitStatus=2$/m);
  expect(await runCli(...process({ args, env: { ...env, SEGMENTD_HTTP: 'nowhere' } }))).toMatchObject({ code: 2 });
  const away = { ...env, DATABASE_URL: 'postgres://postgres@127.0.0.1:1/app' };
  expect(await runCli(...process({ args, env: away }))).toMatchObject({ code: 1 });
});

/** Real processes before servers that do not answer: each ends at a signal, at any moment of connecting, and says one sentence without one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCli } from '../support/process.ts';
import { blackHoleAvailable, startBlackHole, startSilentServer } from '../support/silent-server.ts';
import { until } from '../support/until.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
let home: string;
beforeAll(async () => {
  world = await createWorld();
  home = await mkdtemp(join(tmpdir(), 'segmentd-home-'));
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  await world.file('all.json', 'true');
});
afterAll(async () => {
  await world.end();
  await rm(home, { recursive: true, force: true });
});

const options = (databaseUrl: string, more: Readonly<Record<string, string>> = {}) => ({
  cwd: world.folder,
  env: {
    HOME: home,
    DATABASE_URL: databaseUrl,
    REDIS_URL: '',
    PGPASSWORD: undefined,
    SEGMENTD_LOG_LEVEL: 'error',
    ...more,
  },
});

/** Each kind of verb: reads, writes, waits, ends in order. */
const VERBS = [
  ['list'],
  ['init', '--print'],
  ['doctor'],
  ['migrate'],
  ['create', 'all', '--condition', 'all.json'],
  ['edit', 'all', '--name', 'All'],
  ['wait'],
  ['preview', '--condition', 'all.json'],
  ['export', 'all'],
  ['feed', '--consumer', 'mail', '--follow'],
  ['run', '--once'],
  ['run'],
] as const;

/** A worker that ends at a signal before it serves has failed in nothing. */
const codeOf = (argv: readonly string[]): number => (argv.length === 1 && argv[0] === 'run' ? 0 : 1);

// Without a limit only the signal can end them.
const ENDLESS = 'connect_timeout=0';

describe('a server that accepts and says nothing', () => {
  test.each(VERBS.map((argv) => [argv]))('%j ends at a signal', { timeout: 120_000 }, async (argv) => {
    const server = await startSilentServer();
    try {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        const before = server.accepted;
        const child = startCli(argv, options(`postgres://u:Secret1234@127.0.0.1:${server.port}/db?${ENDLESS}`));
        await until(() => server.accepted > before, { timeout: 60_000 });
        expect(await child.kill(signal), signal).toMatchObject({
          code: codeOf(argv),
          signal: null,
          stdout: '',
          stderr: '',
        });
      }
    } finally {
      await server.close();
    }
  });

  test('the same between the steps of TLS and of the login', { timeout: 120_000 }, async () => {
    for (const reply of ['S', 'N', 'S\u0016\u0003']) {
      const server = await startSilentServer(reply);
      try {
        const child = startCli(['list'], options(`postgres://u@127.0.0.1:${server.port}/db?${ENDLESS}`));
        await until(() => server.accepted > 0, { timeout: 60_000 });
        expect(await child.kill('SIGTERM'), reply).toMatchObject({ code: 1, signal: null, stderr: '' });
      } finally {
        await server.close();
      }
    }
  });

  test(
    'without a signal it is one sentence at the limit, for a verb and for a worker',
    { timeout: 120_000 },
    async () => {
      const server = await startSilentServer();
      try {
        for (const verb of ['list', 'run']) {
          const url = `postgres://u:Secret1234@127.0.0.1:${server.port}/db?connect_timeout=2`;
          const child = startCli([verb], options(url, { SEGMENTD_LOG_LEVEL: 'silent' }));
          expect(await child.ended).toMatchObject({
            code: 1,
            stderr: `segmentd: Something at 127.0.0.1:${server.port} accepts connections but does not answer as Postgres within 2 s: is it the port of Postgres, and is the server busy? connect_timeout in the URL sets another limit.`,
          });
        }
      } finally {
        await server.close();
      }
    },
  );

  test('a Redis that says nothing keeps no worker and no verb from ending', { timeout: 120_000 }, async () => {
    const server = await startSilentServer();
    try {
      const redis = { REDIS_URL: `redis://127.0.0.1:${server.port}`, SEGMENTD_LOG_LEVEL: 'info' };
      const worker = startCli(['run'], options(world.database.url, redis));
      await worker.line(/the worker runs/);
      expect(await worker.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
      const before = server.accepted;
      const doctor = startCli(['doctor'], options(world.database.url, redis));
      await until(() => server.accepted > before, { timeout: 60_000 });
      expect(await doctor.kill('SIGINT')).toMatchObject({ code: 1, signal: null });
    } finally {
      await server.close();
    }
  });
});

describe.runIf(blackHoleAvailable)('an address that takes no packets', () => {
  test('a verb and a worker end at a signal, and at the limit', { timeout: 180_000 }, async () => {
    const hole = await startBlackHole();
    try {
      for (const argv of [['list'], ['run'], ['export', 'all']]) {
        const child = startCli(argv, options(`postgres://u@127.0.0.1:${hole.port}/db?${ENDLESS}`));
        await until(() => hole.asked() > 0, { timeout: 60_000 });
        expect(await child.kill('SIGTERM'), argv.join(' ')).toMatchObject({
          code: codeOf(argv),
          signal: null,
          stderr: '',
        });
        await until(() => hole.asked() === 0);
      }
      const late = startCli(['list'], options(`postgres://u@127.0.0.1:${hole.port}/db?connect_timeout=2`));
      expect(await late.ended).toMatchObject({
        code: 1,
        stderr: `segmentd: Nothing answers at 127.0.0.1:${hole.port} within 2 s: check host and port, and whether a firewall is between. connect_timeout in the URL sets another limit.`,
      });
    } finally {
      await hole.close();
    }
  });
});

describe('no password where one is needed', () => {
  test.each(VERBS.map((argv) => [argv]))('%j says where to write it', { timeout: 120_000 }, async (argv) => {
    const url = new URL(world.database.url);
    url.password = '';
    const child = startCli(argv, options(url.href, { SEGMENTD_LOG_LEVEL: 'silent' }));
    const ended = await child.ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toBe(
      `segmentd: Postgres at ${url.host} asks for the password of the user "${url.username}" of the database "${url.pathname.slice(1)}", and none is given: write it in the URL, in PGPASSWORD, or in the password file ${home}/.pgpass.`,
    );
  });
});

test('sslmode=require before a server without TLS is one sentence, without a warning of the driver', async () => {
  const { host } = new URL(world.database.url);
  const url = `${world.database.url}?sslmode=require`;
  expect(await startCli(['list'], options(url)).ended).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `segmentd: Postgres at ${host} does not offer TLS, and sslmode=require asks for it: turn TLS on there, or use sslmode=prefer on a network that you trust.`,
  });
});

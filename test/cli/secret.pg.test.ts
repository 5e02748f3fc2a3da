/** A password in an address, malformed or not, is never said: not by a verb, its trace, its log, an error of the API, nor the list of processes. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, createWorker } from '../../src/index.ts';
import { MALFORMED } from '../base/malformed.ts';
import { cli } from './in-process.ts';
import { createWorld, type World } from './cli-world.ts';

const MARKER = /S3cr3tMark/;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

/** Well-formed addresses at which no server, or the wrong one, answers. */
const UNREACHABLE = [
  'postgres://w:S3cr3tMark@127.0.0.1:1/db',
  'postgres://w:S3cr3tMark@nowhere.invalid/db',
  'postgres://w:S3cr3tMark@127.0.0.1:1/db?password=S3cr3tMark',
  'postgres://w:S3cr3tMark%21@127.0.0.1:1/db',
];

test('no verb says it, however the address is given', async () => {
  for (const url of [...MALFORMED, ...UNREACHABLE]) {
    for (const [argv, env] of [
      [['status', '--database-url', url], {}],
      [['status', `--database-url=${url}`], {}],
      [['status', `--databse-url=${url}`], {}],
      [['list', url], { DATABASE_URL: 'postgres://127.0.0.1:1/db' }],
      [['show', url], { DATABASE_URL: world.database.url }],
      [[url], {}],
      [['list', '--config', url], {}],
      [['doctor'], { DATABASE_URL: url }],
      [['status', '--json'], { DATABASE_URL: url }],
      [['status', '--redis-url', url.replace('postgres', 'redis')], { DATABASE_URL: world.database.url }],
      [['run', '--once', '--redis-url', url.replace('postgres', 'redis')], { DATABASE_URL: world.database.url }],
    ] as const) {
      const { code, stdout, stderr } = await cli(argv, {
        cwd: world.folder,
        env: { ...env, SEGMENTD_DEBUG: '1', SEGMENTD_LOG_LEVEL: 'debug' },
      });
      expect(`${stdout}${stderr}`, argv.join(' ')).not.toMatch(MARKER);
      expect(code, argv.join(' ')).not.toBe(0);
    }
  }
});

test('nor does it where the config file has it', async () => {
  for (const url of MALFORMED) {
    await world.file(
      'bad.yaml',
      `contacts: { table: public.contacts, key: id }\nsettings: { database_url: ${JSON.stringify(url)} }\n`,
    );
    const { code, stderr } = await cli(['status', '--config', 'bad.yaml'], {
      cwd: world.folder,
      env: { SEGMENTD_DEBUG: '1' },
    });
    expect(stderr).not.toMatch(MARKER);
    expect(code).toBe(2);
  }
  for (const broken of [
    "settings: { database_url: 'postgres://w:S3cr3tMark@h/db }\n",
    'settings:\n  database_url: postgres://w:S3cr3tMark@h/db: x\n',
    'database_url: "postgres://w:S3cr3tMark@h/db"\n',
    'settings: { databse_url: "postgres://w:S3cr3tMark@h/db" }\n',
  ]) {
    await world.file('bad.yaml', `contacts: { table: public.contacts, key: id }\n${broken}`);
    const { code, stderr } = await cli(['status', '--config', 'bad.yaml'], {
      cwd: world.folder,
      env: { SEGMENTD_DEBUG: '1' },
    });
    expect(stderr).not.toMatch(MARKER);
    expect(code).toBe(2);
  }
});

test('an error of the API holds it nowhere: not in its message, its stack, its cause', async () => {
  for (const url of [...MALFORMED, ...UNREACHABLE]) {
    const seen: unknown[] = [];
    const attempt = async (work: () => unknown): Promise<void> => {
      try {
        await work();
      } catch (error) {
        seen.push(error);
      }
    };
    await attempt(async () => {
      await using segmentd = createSegmentd({
        databaseUrl: url,
        config: { contacts: { table: 'public.contacts' }, timezone: 'UTC', timestamps: 'UTC' },
      });
      await segmentd.segments.list();
    });
    await attempt(async () => {
      await using segmentd = createSegmentd({
        databaseUrl: world.database.url,
        redisUrl: url.replace('postgres', 'redis'),
      });
      seen.push(await segmentd.admin.queueHealth());
      seen.push(await segmentd.admin.doctor());
    });
    await attempt(async () => {
      const worker = createWorker({ databaseUrl: url, redisUrl: undefined });
      worker.events.on('error', (error) => seen.push(error));
      await worker.start();
    });
    expect(seen.length, url).toBeGreaterThan(0);
    expect(inspect(seen, { depth: 9, showHidden: true }), url).not.toMatch(MARKER);
  }
});

test('the list of processes does not show the flag', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const connected = once(silent, 'connection');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/cli/main.ts', 'list', '--database-url', `postgres://w:S3cr3tMark@127.0.0.1:${port}/db`],
    { stdio: 'ignore' },
  );
  try {
    await connected;
    const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(child.pid)]);
    expect(stdout).toMatch(/segmentd/);
    expect(stdout).not.toMatch(MARKER);
  } finally {
    child.kill('SIGKILL');
    silent.close();
  }
});

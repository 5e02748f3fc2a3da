/** A server that dies, forgets or was never there: requests get through once it is back, and a close always ends. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { createRebuildQueue, type RebuildQueue } from '../../src/queue/rebuild-queue.ts';
import { migrateQueue } from '../../src/queue/server.ts';
import { startScript } from '../support/process.ts';
import { freePort } from '../support/proxy.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const NO_DATABASE = 'postgres://absent@127.0.0.1:1/none';

async function runsAgain(queue: RebuildQueue, runs: () => number): Promise<boolean> {
  const before = runs();
  queue.request();
  return until(() => runs() > before, { timeout: 15_000, message: 'a run for the request' });
}

describe.runIf(redisAvailable)('Redis', () => {
  let redis: TestRedis;
  let queue: RebuildQueue;
  let runs = 0;

  beforeEach(async () => {
    redis = await startRedis();
    queue = createRebuildQueue({ redisUrl: redis.url, databaseUrl: NO_DATABASE });
    runs = 0;
  });
  afterEach(async () => {
    await queue.close();
    await redis.stop();
  });

  test('Redis is killed and flushed while requests come in: each later request runs', async () => {
    await queue.work(async () => void runs++);
    expect(await runsAgain(queue, () => runs)).toBe(true);
    for (let round = 0; round < 3; round++) {
      queue.request();
      await redis.kill();
      for (let i = 0; i < 5; i++) queue.request();
      await redis.restart();
      expect(await runsAgain(queue, () => runs)).toBe(true);
      queue.request();
      await redis.flush();
      expect(await runsAgain(queue, () => runs)).toBe(true);
    }
  });

  test('Redis is flushed while a job runs: the job ends, the next request runs', async () => {
    let finish = (): void => {};
    await queue.work(async () => {
      if (++runs === 1) await new Promise<void>((settle) => (finish = settle));
    });
    queue.request();
    await until(() => runs === 1);
    await redis.flush();
    finish();
    expect(await runsAgain(queue, () => runs)).toBe(true);
  });

  test('Redis is killed while a job runs: the job goes on without progress, the next request runs', async () => {
    let finish = (): void => {};
    await queue.work(async (job) => {
      if (++runs > 1) return;
      await new Promise<void>((settle) => (finish = settle));
      await job.progress({ a: 1 });
    });
    queue.request();
    await until(() => runs === 1);
    await redis.kill();
    finish();
    await redis.restart();
    expect(await runsAgain(queue, () => runs)).toBe(true);
  });

  test('Redis is away at the start: health names it, the worker waits for it', async () => {
    await redis.kill();
    await queue.work(async () => void runs++);
    queue.request();
    expect(await queue.health()).toMatchObject({
      backend: 'redis',
      ok: false,
      message: `Redis at 127.0.0.1:${redis.port} cannot be used: ECONNREFUSED.`,
    });
    await redis.restart();
    expect(await until(() => runs, { timeout: 15_000 })).toBeGreaterThan(0);
  });

  test('Redis is away at the end: a close ends, also with a job that does not', async () => {
    await queue.work(async () => {
      runs++;
      await new Promise(() => {});
    });
    queue.request();
    await until(() => runs === 1);
    await redis.kill();
    await expect(queue.close()).resolves.toBeUndefined();
  });

  test('Redis never answers: a process that rang and worked ends by itself', async () => {
    const url = `redis://:secret@127.0.0.1:${await freePort()}`;
    const child = startScript(['test/queue/queue-process.ts', NO_DATABASE, url, 'leave']);
    expect(await child.ended).toMatchObject({ code: 0, stdout: 'closed' });
    const lost = createRebuildQueue({ redisUrl: url, databaseUrl: NO_DATABASE });
    const health = await lost.health();
    expect(health.ok).toBe(false);
    expect(JSON.stringify(health)).not.toContain('secret');
    await lost.close();
  });
});

describe('Postgres', () => {
  let server: EmbeddedPostgres;
  let queue: RebuildQueue;
  let runs = 0;

  beforeAll(async () => {
    server = await startEmbeddedPostgres({
      directory: await mkdtemp(join(tmpdir(), 'segmentd-test-')),
      persistent: false,
      settings: { fsync: 'off' },
    });
  });
  beforeEach(() => {
    queue = createRebuildQueue({ databaseUrl: server.url });
    runs = 0;
  });
  afterEach(() => queue.close());
  afterAll(() => server.stop());

  test('Postgres without the tables of the queue: health says what to run; once they are there the queue works', async () => {
    await queue.work(async () => void runs++);
    queue.request();
    expect((await queue.health()).message).toContain('segmentd migrate');
    await Promise.all([1, 2, 3, 4].map(() => migrateQueue({ databaseUrl: server.url })));
    await migrateQueue({ databaseUrl: server.url });
    expect(await until(() => runs, { timeout: 15_000 })).toBeGreaterThan(0);
  });

  test('Postgres crashes while requests come in: each later request runs', async () => {
    await queue.work(async () => void runs++);
    expect(await runsAgain(queue, () => runs)).toBe(true);
    await server.kill();
    for (let i = 0; i < 5; i++) queue.request();
    expect((await queue.health()).ok).toBe(false);
    await server.restart();
    expect(await runsAgain(queue, () => runs)).toBe(true);
  });

  test('Postgres is away at the start: the worker waits for it', async () => {
    await server.kill();
    await queue.work(async () => void runs++);
    queue.request();
    expect((await queue.health()).ok).toBe(false);
    await server.restart();
    expect(await until(() => runs, { timeout: 15_000 })).toBeGreaterThan(0);
  });

  test('Postgres is away at the end: a close ends', async () => {
    await queue.work(async () => void runs++);
    expect(await runsAgain(queue, () => runs)).toBe(true);
    await server.kill();
    queue.request();
    await queue.close();
    await server.restart();
  });
});

test('a malformed queue URL is refused', () => {
  expect(() => createRebuildQueue({ redisUrl: 'http://127.0.0.1', databaseUrl: NO_DATABASE })).toThrow('redis://');
});

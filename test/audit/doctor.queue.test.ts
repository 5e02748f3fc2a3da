/** What doctor finds on a real Redis, and on one that is down. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queueFindings } from '../../src/audit/doctor-queue.ts';
import { createSegmentd, type Finding } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';

describe.runIf(redisAvailable)('the queue on Redis', () => {
  let world: World;
  let redis: TestRedis;
  beforeAll(async () => {
    world = await createWorld();
    redis = await startRedis();
    for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await redis.stop();
    await world.end();
  });
  const about = async (): Promise<readonly Finding[]> => {
    await using segmentd = createSegmentd({
      databaseUrl: world.database.url,
      redisUrl: redis.url,
      config: `${world.folder}/segmentd.yaml`,
    });
    return (await segmentd.admin.doctor()).filter((one) => one.sentence.includes('Redis'));
  };
  const configure = async (...pairs: string[]): Promise<void> => {
    const client = new Redis(redis.url);
    await client.config('SET', ...(pairs as [string, string]));
    client.disconnect();
  };

  test('doctor warns of eviction and mentions missing persistence', async () => {
    expect(await about()).toEqual([
      { level: 'ok', sentence: 'The queue of rebuilds on Redis answers.' },
      {
        level: 'ok',
        sentence: 'Redis keeps nothing over a restart: rebuilds are then queued again, a moment later.',
        fix: 'redis-cli config set appendonly yes',
      },
    ]);
    await configure('maxmemory-policy', 'allkeys-lru', 'appendonly', 'yes');
    expect(await about()).toEqual([
      {
        level: 'warn',
        sentence:
          'Redis evicts keys when its memory is full (maxmemory-policy allkeys-lru), keys of the queue too: rebuilds are then late.',
        fix: 'redis-cli config set maxmemory-policy noeviction',
      },
      { level: 'ok', sentence: 'The queue of rebuilds on Redis answers.' },
    ]);
  });

  test('doctor fails on a replica, and on a Redis that is down', async () => {
    await configure('maxmemory-policy', 'noeviction', 'replica-serve-stale-data', 'yes');
    const client = new Redis(redis.url);
    await client.replicaof('127.0.0.1', 1);
    try {
      expect((await about()).filter((one) => one.level === 'fail').map((one) => one.fix)).toHaveLength(1);
    } finally {
      await client.replicaof('NO', 'ONE');
      client.disconnect();
    }
    await redis.kill();
    expect(await about()).toEqual([
      {
        level: 'fail',
        sentence: expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ cannot be used: /),
        fix: 'start Redis, or fix REDIS_URL; until then rebuilds go without it',
      },
    ]);
    await redis.restart();
  });
});

test.each([
  ['6.0.16', true],
  ['5.9.9', true],
  ['6.2.0', false],
  ['7.0.15', false],
])('doctor fails on Redis %s as too old: %s', (version, old) => {
  const health = { backend: 'redis', ok: true, waiting: 0, active: 0, failed: 0 } as const;
  const said = queueFindings(health, { version, policy: 'noeviction', persistent: true, replica: false });
  expect(said.some((one) => one.level === 'fail')).toBe(old);
});

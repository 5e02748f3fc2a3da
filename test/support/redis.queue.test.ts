import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { redisAvailable, startRedis } from './redis.ts';

describe.runIf(redisAvailable)('a private Redis', () => {
  test('the test Redis loses everything when it is killed, and comes back on the same port', async () => {
    const server = await startRedis();
    const redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    redis.on('error', () => {});
    await redis.set('kept', 'no');
    await server.kill();
    await server.restart();
    expect(await redis.get('kept')).toBeNull();
    redis.disconnect();
    await server.stop();
  });
});

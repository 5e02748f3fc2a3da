/**
 * A private Redis for tests of the queue. Where the program is missing the tests are counted aloud as skipped
 * (`describe.runIf(redisAvailable)`); under CI that is a failure.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './proxy.ts';
import { until } from './until.ts';

const program = process.env['REDIS_SERVER'] ?? 'redis-server';

export const redisAvailable: boolean = (() => {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!found && process.env['CI'] === 'true')
    throw new Error(`${program} is missing: tests of the queue on Redis must run in CI`);
  return found;
})();

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** kill -9: without persistence, as configured here, everything in it is lost. */
  kill(): Promise<void>;
  /** Starts again on the same port, empty. */
  restart(): Promise<void>;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'segmentd-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child = await launch();
  // A test process that ends without `stop` must not leave a server behind.
  const last = (): void => void child.kill('SIGKILL');
  process.once('exit', last);

  async function launch(): Promise<ChildProcess> {
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      directory,
    ];
    const started = spawn(program, args, { stdio: 'ignore' });
    await until(async () => started.exitCode === null && (await command((redis) => redis.ping())), {
      message: 'redis-server',
    });
    return started;
  }

  async function command<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on('error', () => {});
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  return {
    url,
    port,
    kill,
    async restart() {
      await kill();
      child = await launch();
    },
    async flush() {
      await command((redis) => redis.flushall());
    },
    async stop() {
      await kill();
      process.removeListener('exit', last);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

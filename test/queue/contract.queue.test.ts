/** What a rebuild queue promises, the same on Redis and on Postgres. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRebuildQueue, type RebuildJob, type RebuildQueue } from '../../src/queue/rebuild-queue.ts';
import { migrateQueue } from '../../src/queue/server.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startScript } from '../support/process.ts';
import { startProxy } from '../support/proxy.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

describe.each(['redis', 'postgres'] as const)('a rebuild queue on %s', (kind) => {
  describe.runIf(kind === 'postgres' || redisAvailable)('with its server', () => {
    let database: TestDatabase;
    let redis: TestRedis | undefined;
    const open: RebuildQueue[] = [];

    beforeAll(async () => {
      database = await createDatabase();
      redis = kind === 'redis' ? await startRedis() : undefined;
      await migrateQueue(place());
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((queue) => queue.close()));
    });
    afterAll(async () => {
      await redis?.stop();
      await database.drop();
    });

    const place = (): { databaseUrl: string; redisUrl?: string } => ({
      databaseUrl: database.url,
      ...(redis ? { redisUrl: redis.url } : {}),
    });
    const queueOf = (name: string): RebuildQueue => {
      const queue = createRebuildQueue({ ...place(), name });
      open.push(queue);
      return queue;
    };
    const idle = (queue: RebuildQueue) =>
      until(async () => {
        const { waiting, active } = await queue.health();
        return waiting + active === 0;
      });

    test('a queue runs a job for a request that came before it worked', async () => {
      const queue = queueOf(randomUUID());
      queue.request();
      await until(async () => (await queue.health()).waiting === 1);
      let runs = 0;
      await queue.work(async () => void runs++);
      await idle(queue);
      expect(runs).toBe(1);
    });

    test('requests during a job make exactly one more job', async () => {
      const queue = queueOf(randomUUID());
      const gates: (() => void)[] = [];
      await queue.work(() => new Promise<void>((settle) => gates.push(settle)));
      queue.request();
      await until(() => gates.length === 1);
      for (let i = 0; i < 20; i++) queue.request();
      // The twenty make two rings, one after the other; answers come in order on one connection, so all were heard then.
      for (let i = 0; i < 3; i++) expect((await queue.health()).active).toBe(1);
      gates[0]?.();
      await until(() => gates.length === 2);
      gates[1]?.();
      await idle(queue);
      expect(gates.length).toBe(2);
    });

    test('a queue that is closed while it connects leaves no connection', async () => {
      const { databaseUrl, redisUrl } = place();
      const target = new URL(redisUrl ?? databaseUrl);
      const proxy = await startProxy({ host: target.hostname, port: Number(target.port) });
      const through = {
        databaseUrl: redisUrl ? databaseUrl : proxy.url(databaseUrl),
        ...(redisUrl ? { redisUrl: proxy.url(redisUrl) } : {}),
      };
      // Answers are held back from the first connection on, and on Redis from the second; on Postgres there is one.
      for (const connections of redis ? [1, 2] : [1]) {
        const queue = createRebuildQueue({ ...through, name: randomUUID() });
        if (connections === 1) proxy.stall();
        await queue.work(async () => {});
        await until(() => proxy.open >= connections, { interval: 0, message: `connection ${connections}` });
        proxy.stall();
        const closed = queue.close();
        proxy.restore();
        await closed;
        await until(() => proxy.open === 0, { timeout: 5_000, message: 'connections to end' });
      }
      await proxy.close();
    });

    test('two workers on one queue never run a job at the same time', async () => {
      const name = randomUUID();
      const queues = [queueOf(name), queueOf(name), queueOf(name)];
      let running = 0;
      let most = 0;
      let runs = 0;
      for (const queue of queues) {
        await queue.work(async () => {
          most = Math.max(most, ++running);
          await new Promise((settle) => setImmediate(settle));
          running--;
          runs++;
        });
      }
      for (const [i, queue] of queues.entries()) {
        const before = runs;
        queue.request();
        await until(() => runs > before, { message: `run for request ${i}` });
      }
      expect(most).toBe(1);
    });

    test('a job is retried after an error, and health shows the last error once it gave up', async () => {
      const queue = queueOf(randomUUID());
      let runs = 0;
      await queue.work(async () => {
        if (++runs < 3) throw new Error('not yet');
      });
      queue.request();
      await until(() => runs === 3);
      await idle(queue);
      expect(await queue.health()).toMatchObject({ ok: true, failed: 0 });
    });

    test('the queue keeps no error text of Postgres, which may hold values of rows', async () => {
      const queue = queueOf(randomUUID());
      await queue.work(async () => {
        throw Object.assign(new Error('invalid input syntax for type integer: "secret"'), { code: '22P02' });
      });
      queue.request();
      const health = await until(async () => {
        const now = await queue.health();
        return now.failed === 1 && now;
      });
      expect(health.lastFailure).toContain('22P02');
      expect(JSON.stringify(health)).not.toContain('secret');
    });

    test('health shows the progress of the running job', async () => {
      const queue = queueOf(randomUUID());
      let finish = (): void => {};
      await queue.work(async (job) => {
        await job.progress({ lapsed: 0.25, vip: 0 });
        await job.progress({ lapsed: 0.5, vip: 1 });
        await new Promise<void>((settle) => (finish = settle));
      });
      queue.request();
      const wanted = { lapsed: 0.5, vip: 1 };
      const seen = await until(async () => {
        const { progress } = await queue.health();
        return isDeepStrictEqual(progress, wanted) && progress;
      });
      expect(seen).toEqual(wanted);
      finish();
      await idle(queue);
    });

    test('a close aborts the running job and hands it to another worker', async () => {
      const name = randomUUID();
      const [first, second] = [queueOf(name), queueOf(name)];
      let taken: RebuildJob | undefined;
      await first.work(async (job) => {
        taken = job;
        await new Promise((_settle, stop) => job.signal.addEventListener('abort', () => stop(new Error('stopped'))));
      });
      first.request();
      await until(() => taken);
      let runs = 0;
      await second.work(async () => void runs++);
      await first.close();
      expect(taken?.signal.aborted).toBe(true);
      await until(() => runs === 1);
      await idle(second);
      expect((await second.health()).failed).toBe(0);
    });

    test('a job of a worker that was killed is taken up by another', async () => {
      const queue = queueOf('rebuild');
      const victim = startScript(['test/queue/queue-process.ts', database.url, redis?.url ?? '-', 'hang']);
      queue.request();
      await victim.line(/taken/);
      await victim.kill();
      let runs = 0;
      await queue.work(async () => void runs++);
      expect(await until(() => runs, { timeout: 15_000 })).toBe(1);
    });

    test('a process whose queue is closed ends by itself', async () => {
      const child = startScript(['test/queue/queue-process.ts', database.url, redis?.url ?? '-', 'leave']);
      expect(await child.ended).toMatchObject({ code: 0, stdout: 'closed' });
    });

    test('close is idempotent, a request after it does nothing, and work opens the queue again', async () => {
      const queue = queueOf(randomUUID());
      await Promise.all([queue.close(), queue.close()]);
      queue.request();
      await queue.close();
      let runs = 0;
      await queue.work(async () => void runs++);
      await expect(queue.work(async () => {})).rejects.toThrow('the queue works already');
      queue.request();
      await until(() => runs > 0, { message: 'a run after it was opened again' });
    });
  });
});

/** Connections of a worker: few while nothing happens, more while there is work, named all of them. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { migrateQueue } from '../../src/queue/server.ts';
import { createWorker, type Worker } from '../../src/worker/worker.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { payer, spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What the issue asks for. */
const MOST_IDLE = 5;

// Beside each other: each looks at its own database for half a minute, and computes next to nothing.
describe.concurrent.each(['postgres', 'redis'] as const)('with the queue on %s', (kind) => {
  describe.runIf(kind === 'postgres' || redisAvailable)('and its server', () => {
    let world: World;
    let redis: TestRedis | undefined;
    let worker: Worker;
    beforeAll(async () => {
      world = await createWorld();
      await migrateQueue({ databaseUrl: world.url });
      redis = kind === 'redis' ? await startRedis() : undefined;
      await world.begin(
        `insert into contacts (id, country) select n, case when n % 2 = 0 then 'ES' else 'FR' end from generate_series(1, 2000) n`,
        { spanish },
      );
      worker = createWorker({ databaseUrl: world.url, redisUrl: redis?.url, http: { host: '127.0.0.1', port: 0 } });
      await worker.start();
    });
    afterAll(async () => {
      await worker.stop();
      await redis?.stop();
      await world.end();
    });

    const sessions = async (): Promise<string[]> => {
      const { rows } = await world.pool.query<{ name: string }>(
        `select application_name as name from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and application_name <> '' and application_name <> 'finisher' order by 1`,
      );
      return rows.map((row) => row.name);
    };
    const becomesIdle = async (): Promise<void> => {
      await until(async () => (await sessions()).length <= MOST_IDLE, {
        timeout: 20_000,
        interval: 100,
        message: `at most ${MOST_IDLE} sessions`,
      });
      // Over several rounds of everything that a worker does by itself; two of its rounds at once may need one more for a moment.
      const counts: number[] = [];
      await until(async () => counts.push((await sessions()).length) >= 120, { interval: 100, timeout: 60_000 });
      const sorted = counts.toSorted((one, other) => one - other);
      expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThanOrEqual(MOST_IDLE);
      expect(sorted.at(-1)).toBeLessThanOrEqual(MOST_IDLE + 1);
    };

    test('an idle worker has five connections at most; a segment that comes is built, and then it has five again', async () => {
      await becomesIdle();
      expect(new Set(await sessions())).toEqual(
        new Set(['segmentd worker', 'segmentd listener', ...(kind === 'postgres' ? ['segmentd queue worker'] : [])]),
      );
      await world.want({ payer });
      await world.quiet();
      await world.exact();
      await becomesIdle();
    });
  });
});

/** Scheduled exports through BullMQ, the same on Redis and on Postgres: retries, a queue that lost everything, workers that die. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createExportQueue } from '../../src/queue/export-queue.ts';
import type { Outcome, TaskQueue } from '../../src/queue/task-queue.ts';
import { migrateQueue } from '../../src/queue/server.ts';
import { createEvents, type WorkerEmitter } from '../../src/worker/event.ts';
import { createTurns } from '../../src/base/turn.ts';
import { Scheduler, type SchedulerOptions } from '../../src/worker/scheduler.ts';
import { exportWorld, type ExportWorld } from '../export/export-world.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

describe.each(['redis', 'postgres'] as const)('on %s', (kind) => {
  describe.runIf(kind === 'postgres' || redisAvailable)('with its server', () => {
    let world: ExportWorld;
    let redis: TestRedis | undefined;
    let folder: string;
    let segment: number;
    const open: { close(): Promise<void> }[] = [];

    beforeAll(async () => {
      world = await exportWorld();
      redis = kind === 'redis' ? await startRedis() : undefined;
      await migrateQueue(place());
      segment = await world.segment('all');
      await world.move(world.pool, segment, [1, 2, 3]);
    });
    beforeEach(async () => {
      folder = join(world.folder, randomUUID());
      await mkdir(folder);
      await world.pool.query('delete from segmentd_internal.schedule; delete from segmentd_internal.export_run');
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((one) => one.close()));
    });
    afterAll(async () => {
      await redis?.stop();
      await world.end();
    });

    const place = (): { databaseUrl: string; redisUrl?: string } => ({
      databaseUrl: world.database.url,
      ...(redis ? { redisUrl: redis.url } : {}),
    });
    const queueOf = (name: string = randomUUID()): TaskQueue => {
      const queue = createExportQueue({ ...place(), name, backoff: 20 });
      open.push(queue);
      return queue;
    };
    const scheduler = (options: Partial<SchedulerOptions> = {}): { events: WorkerEmitter; scheduler: Scheduler } => {
      const events = options.events ?? createEvents();
      const made = new Scheduler(world.pool, {
        catalogue: () => world.catalogue,
        folder,
        events,
        interval: 20,
        silence: 60_000,
        inTurn: createTurns(),
        ...options,
      });
      open.push({ close: () => made.stop() });
      return { events, scheduler: made };
    };
    const due = async (more = ''): Promise<void> => {
      await world.pool.query(
        `insert into segmentd_internal.schedule (segment_id, cron, timezone, next_at ${more === '' ? '' : ', folder'}) values ($1, '@yearly', 'UTC', clock_timestamp() - interval '1 minute' ${more === '' ? '' : `, '${more}'`})`,
        [segment],
      );
    };
    const runs = () =>
      world.database.query<{ state: string; attempt: number; error: string | null }>(
        'select r.state, r.attempt, r.error from segmentd_internal.export_run r order by r.id',
      );
    const states = async (): Promise<string[]> => (await runs()).map(({ state }) => state);
    const files = async (): Promise<string[]> =>
      (await readdir(folder)).filter((name) => !name.endsWith('.manifest.json'));

    test('two workers make one run at each due time', async () => {
      const name = randomUUID();
      const counts: number[] = [];
      for (let worker = 0; worker < 2; worker += 1) {
        const { events, scheduler: made } = scheduler({ queue: queueOf(name) });
        events.on('exported', ({ count }) => counts.push(count));
        await made.start();
      }
      await due();
      // The event follows the commit that makes the state visible.
      await until(async () => counts.length > 0);
      expect(await states()).toEqual(['done']);
      expect(counts).toEqual([3]);
      await due();
      await due();
      await until(async () => counts.length >= 3);
      expect(await states()).toEqual(['done', 'done', 'done']);
      expect(await files()).toHaveLength(3);
      expect(counts).toEqual([3, 3, 3]);
    });

    test('a run that fails is tried again by the queue, and is done when it can be', async () => {
      const { events, scheduler: made } = scheduler({ queue: queueOf() });
      const failures: boolean[] = [];
      events.on('exportFailed', ({ again }) => failures.push(again));
      // a file in the place of the folder
      await writeFile(join(folder, 'sub'), '');
      await made.start();
      await due('sub');
      await until(async () => failures.length >= 2);
      expect((await runs())[0]).toMatchObject({ error: `${join(folder, 'sub')} is not a folder.` });
      await rm(join(folder, 'sub'));
      await until(async () => (await states())[0] === 'done');
      expect(failures).not.toContain(false);
      expect(await readdir(join(folder, 'sub'))).toHaveLength(2);
    });

    test('a run is given up after five attempts', async () => {
      const { scheduler: made } = scheduler({ queue: queueOf() });
      await writeFile(join(folder, 'sub'), '');
      await made.start();
      await due('sub');
      await until(async () => (await states())[0] === 'failed');
      expect(await runs()).toEqual([{ state: 'failed', attempt: 5, error: `${join(folder, 'sub')} is not a folder.` }]);
    });

    test('runs that the queue lost are added again', async () => {
      const name = randomUUID();
      // A worker took the job and never came back; then the queue lost the job.
      const dead = queueOf(name);
      const handed: string[] = [];
      await dead.work(async (run) => {
        handed.push(run);
        return 'done';
      });
      await due();
      const { scheduler: made } = scheduler({ queue: { ...queueOf(name), work: async () => {} } });
      await made.start();
      await until(() => handed.length >= 2);
      expect(await states()).toEqual(['waiting']);
      await dead.close();
      const { scheduler: other } = scheduler({ queue: queueOf(name) });
      if (redis) await redis.flush();
      await other.start();
      await until(async () => (await states())[0] === 'done');
    });

    test('runs are carried out without the queue while it is silent', async () => {
      const silent: TaskQueue = { add: async () => {}, work: async () => {}, close: async () => {} };
      const { scheduler: made } = scheduler({ queue: silent, silence: 50 });
      await made.start();
      await due();
      await until(async () => (await states())[0] === 'done');
      expect(await files()).toHaveLength(1);
    });

    test('a run whose worker died is taken over when its lease is over', async () => {
      await due();
      const { scheduler: made } = scheduler({ queue: queueOf() });
      await world.pool
        .query(`insert into segmentd_internal.export_run (segment_id, schedule_id, state, attempt, owner, lease_until)
        select segment_id, id, 'running', 1, 'the dead', clock_timestamp() + interval '1 hour' from segmentd_internal.schedule`);
      await made.start();
      await until(async () => (await states()).join() === 'running,done');
      await world.pool.query(
        `update segmentd_internal.export_run set lease_until = clock_timestamp() where owner = 'the dead'`,
      );
      await until(async () => (await states()).join() === 'done,done');
      expect((await runs())[0]).toMatchObject({ attempt: 2 });
    });

    test('a worker that stops gives its run back, and the attempt does not count', async () => {
      const { events, scheduler: made } = scheduler({ queue: queueOf() });
      const segmentOfMany = await world.segment(`many-${kind}`);
      await world.pool.query(
        'insert into segmentd.membership select $1, g, clock_timestamp() from generate_series(1, 200000) g',
        [segmentOfMany],
      );
      await world.pool.query(
        `insert into segmentd_internal.schedule (segment_id, cron, timezone, next_at, format) values ($1, '@yearly', 'UTC', clock_timestamp() - interval '1 minute', 'ndjson')`,
        [segmentOfMany],
      );
      let failed = 0;
      events.on('exportFailed', () => (failed += 1));
      await made.start();
      await until(async () => (await states())[0] === 'running' && (await readdir(folder)).length > 0, { interval: 1 });
      await made.stop();
      const [run] = await runs();
      if (run?.state !== 'done') {
        expect(run).toEqual({ state: 'waiting', attempt: 0, error: null });
        expect(await readdir(folder)).toEqual([]);
      }
      expect(failed).toBe(0);
      const { scheduler: next } = scheduler({ queue: queueOf() });
      await next.start();
      await until(async () => (await states())[0] === 'done');
      expect(await files()).toHaveLength(1);
    }, 60_000);

    test('the export queue retries by outcome, and runs a job once that is added twice', async () => {
      const queue = queueOf();
      const seen = new Map<string, number>();
      const outcomes: Record<string, Outcome[]> = { 1: ['done'], 2: ['again', 'again', 'done'], 3: ['failed'] };
      for (const run of ['1', '2', '3', '1', '1']) await queue.add(run);
      await queue.work(async (run) => {
        const times = (seen.get(run) ?? 0) + 1;
        seen.set(run, times);
        return outcomes[run]?.[times - 1] ?? 'done';
      });
      await until(() => seen.get('2') === 3);
      expect(Object.fromEntries(seen)).toEqual({ 1: 1, 2: 3, 3: 1 });
      await queue.add('1');
      await until(() => seen.get('1') === 2);
    });
  });
});

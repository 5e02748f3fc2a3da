/** All queues of a process on Postgres share one session, which is opened again when it breaks. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExportQueue } from '../../src/queue/export-queue.ts';
import { createRebuildQueue } from '../../src/queue/rebuild-queue.ts';
import { migrateQueue, queueServer, type QueueServer } from '../../src/queue/server.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let proxy: Proxy;
beforeAll(async () => {
  database = await createDatabase();
  await migrateQueue({ databaseUrl: database.url });
  proxy = await startProxy({ port: Number(new URL(database.url).port) });
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

const sessions = () =>
  database.query<{ pid: number; name: string }>(
    `select pid, application_name as name from pg_stat_activity where datname = current_database() and application_name like 'segmentd%'`,
  );

async function working(
  work: (queues: {
    readonly run: () => Promise<void>;
    readonly outages: (string | undefined)[];
    readonly errors: unknown[];
  }) => Promise<void>,
): Promise<void> {
  const outages: (string | undefined)[] = [];
  const errors: unknown[] = [];
  const server: QueueServer = queueServer({
    databaseUrl: proxy.url(database.url),
    onOutage: (reason) => outages.push(reason),
  });
  // BullMQ says so of a job whose lock went with the session; it is taken up again.
  const isLostJob = (error: unknown): boolean =>
    error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code < 0;
  const onError = (error: unknown): void => void (isLostJob(error) || errors.push(error));
  const options = { databaseUrl: database.url, server, onError };
  const rebuild = createRebuildQueue(options);
  const exports = createExportQueue(options);
  const runs = { rebuild: 0, export: 0 };
  await rebuild.work(async () => void runs.rebuild++);
  await exports.work(async () => {
    runs.export += 1;
    return 'done';
  });
  let id = 0;
  const run = async (): Promise<void> => {
    const before = { ...runs };
    rebuild.request();
    // What is added while the server is away is lost, and the scheduler adds it again.
    await until(
      async () => {
        await exports.add(`${(id += 1)}`);
        return runs.rebuild > before.rebuild && runs.export > before.export;
      },
      { timeout: 20_000, interval: 50, message: 'a rebuild and an export' },
    );
  };
  try {
    await work({ run, outages, errors });
  } finally {
    await Promise.all([rebuild.close(), exports.close()]);
    await server.close();
  }
  await until(() => proxy.open === 0, { timeout: 2_000 });
  await until(async () => (await sessions()).length === 0);
}

test('two queues that send and take jobs have one session', async () => {
  await working(async ({ run, outages, errors }) => {
    for (let round = 0; round < 3; round += 1) await run();
    expect(await sessions()).toEqual([{ pid: expect.any(Number), name: 'segmentd queue worker' }]);
    expect([outages, errors]).toEqual([[], []]);
  });
});

test('a terminated queue session is opened again, and both queues hear of new jobs', async () => {
  await working(async ({ run, outages, errors }) => {
    for (let round = 0; round < 3; round += 1) {
      await run();
      const [session] = await sessions();
      await database.query('select pg_terminate_backend($1)', [session?.pid]);
      await run();
    }
    expect(await sessions()).toHaveLength(1);
    expect(errors).toEqual([]);
    expect(outages.filter((reason) => reason === undefined)).toHaveLength(outages.length / 2);
  });
});

test('an outage of the server of the queue is reported once when it begins and once when it ends', async () => {
  await working(async ({ run, outages, errors }) => {
    await run();
    proxy.cut();
    await until(() => outages.length > 0);
    proxy.restore();
    await run();
    expect(outages).toEqual([expect.any(String), undefined]);
    expect(errors).toEqual([]);
  });
});

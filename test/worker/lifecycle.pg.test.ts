/**
 * A worker's life: `start` and `stop` at any moment, in any order, leave nothing open and nothing behind. The worker runs
 * through a proxy, so that what it holds is counted on its own side and on the server's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import { migrateQueue } from '../../src/queue/server.ts';
import type { WorkerHooks } from '../../src/worker/hook.ts';
import type { WorkerOptions } from '../../src/worker/worker-setting.ts';
import { createWorker, type Worker } from '../../src/worker/worker.ts';
import { random as randomOf, seed } from '../support/random.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';
import { spanish, payer } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 300_000 });

const LOCAL = { host: '127.0.0.1', port: 0 } as const;
const ROUNDS = 200;

let world: World;
let proxy: Proxy;
const rejected: unknown[] = [];
const onRejection = (reason: unknown): void => void rejected.push(reason);
beforeAll(async () => {
  world = await createWorld();
  await migrateQueue({ databaseUrl: world.url });
  proxy = await startProxy({ port: Number(new URL(world.url).port) });
  process.on('unhandledRejection', onRejection);
});
afterAll(async () => {
  process.removeListener('unhandledRejection', onRejection);
  await proxy.close();
  await world.end();
});
beforeEach(() =>
  world.begin(`insert into contacts (id, country) values (1, 'ES'), (2, 'FR'), (3, 'ES')`, { spanish, payer }),
);
afterEach(() => expect(rejected.splice(0)).toEqual([]));

function hire(options: Partial<WorkerOptions & WorkerHooks> = {}): Worker {
  return createWorker({ databaseUrl: proxy.url(world.url), pollInterval: 20, http: LOCAL, ...options });
}

/** Listeners of each event, and what keeps a process alive. */
function footprint(worker: Worker): unknown {
  const resources = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap');
  return {
    listeners: Object.fromEntries(worker.events.eventNames().map((name) => [name, worker.events.listenerCount(name)])),
    servers: resources.length,
  };
}

async function nothingOpen(): Promise<void> {
  await until(() => proxy.open === 0, { timeout: 15_000, message: 'no connection of the worker' });
  const { rows } = await world.pool.query<{ name: string }>(
    `select a.application_name as name from pg_stat_activity a where a.datname = current_database() and (a.application_name like 'segmentd%' or a.application_name in ('rebuild', 'export'))`,
  );
  expect(rows).toEqual([]);
}

/** Work for it, done and exact. */
async function keeps(worker: Worker, country: string): Promise<void> {
  await worker.start();
  await world.pool.query('update contacts set country = $1 where id = 2', [country]);
  await world.quiet();
  await world.exact();
}

const failed = (promise: Promise<void>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a worker may be stopped before it was started, twice, and while it starts', async () => {
  const worker = hire();
  const before = footprint(worker);
  await worker.stop();
  const starting = failed(worker.start());
  await Promise.all([worker.stop(), worker.stop()]);
  expect(await starting).toMatchObject({ code: 'failed', message: 'The worker was stopped while it started.' });
  expect(await starting).toBeInstanceOf(Failure);
  await nothingOpen();
  expect(footprint(worker)).toEqual(before);
  await keeps(worker, 'ES');
  await worker.stop();
  await worker.stop();
  await nothingOpen();
  expect(footprint(worker)).toEqual(before);
});

test('a worker that is started while it stops runs again; started twice, it runs once', async () => {
  const worker = hire();
  await worker.start();
  const running = footprint(worker);
  const stopping = worker.stop();
  await Promise.all([worker.start(), worker.start()]);
  await stopping;
  expect(footprint(worker)).toEqual(running);
  await keeps(worker, 'ES');
  await worker.stop();
  await nothingOpen();
});

test('restarts of a worker leave no listener behind', async () => {
  const worker = hire();
  const before = footprint(worker);
  for (let cycle = 0; cycle < 3; cycle += 1) {
    await worker.start();
    await worker.stop();
  }
  expect(footprint(worker)).toEqual(before);
});

test.each([1, 2, 3, 5, 8])(
  'Postgres goes away at connection %i of a start: it fails as one sentence, and starts when Postgres is back',
  async (nth) => {
    const worker = hire();
    const before = footprint(worker);
    const starting = failed(worker.start());
    await until(() => proxy.open >= Math.min(nth, 3) || nth > 3, { interval: 0 });
    for (let step = 0; step < nth; step += 1) await new Promise((next) => setImmediate(next));
    proxy.cut();
    const error = await starting;
    if (error !== undefined) expect(error).toBeInstanceOf(Error);
    proxy.restore();
    await keeps(worker, 'ES');
    await worker.stop();
    await nothingOpen();
    expect(footprint(worker)).toEqual(before);
  },
);

test('another version migrates the schema: a worker used through the API says so and stops by itself', async () => {
  const worker = hire();
  const before = footprint(worker);
  const said: Failure[] = [];
  worker.events.on('outdated', (failure) => said.push(failure));
  await worker.start();
  const last = `(select max(created_at) from segmentd_internal.migration)`;
  await world.pool.query(
    `insert into segmentd_internal.migration (hash, created_at) select 'future', ${last} + 1; update segmentd_internal.installation set generation = generation + 1`,
  );
  try {
    await until(() => said.length > 0);
    await nothingOpen();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject({ code: 'incompatible' });
    expect(await failed(worker.start())).toMatchObject({ code: 'incompatible' });
  } finally {
    await world.pool.query(`delete from segmentd_internal.migration where hash = 'future'`);
  }
  await keeps(worker, 'ES');
  await worker.stop();
  worker.events.removeAllListeners('outdated');
  expect(footprint(worker)).toEqual(before);
});

test(`${ROUNDS} starts and stops at random moments: nothing is left open, and what it kept is exact`, async () => {
  const random = randomOf(seed());
  const run = `FUZZ_SEED=${seed()}`;
  const worker = hire();
  const before = footprint(worker);
  const calls: Promise<unknown>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const away = random.below(20) === 0;
    calls.push(failed(worker.start()));
    if (random.below(8) === 0) calls.push(failed(worker.start()));
    await delay(random.below(random.below(2) === 0 ? 8 : 150));
    if (away) proxy.cut();
    if (random.below(3) === 0)
      await world.pool.query(`update contacts set country = $1 where id = $2`, [
        random.below(2) === 0 ? 'ES' : 'FR',
        1 + random.below(3),
      ]);
    // Now and then the next start comes while it still stops.
    const stopping = worker.stop();
    if (random.below(6) === 0) calls.push(worker.stop());
    if (random.below(4) !== 0) await stopping;
    else calls.push(stopping);
    if (away) proxy.restore();
  }
  await worker.stop();
  for (const outcome of await Promise.all(calls))
    if (outcome !== undefined) expect(outcome, run).toBeInstanceOf(Failure);
  await nothingOpen();
  expect(footprint(worker), run).toEqual(before);
  await keeps(worker, 'PT');
  await worker.stop();
  await nothingOpen();
  expect(footprint(worker)).toEqual(before);
});

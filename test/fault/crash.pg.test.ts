/** Postgres itself goes down under the workers: what was committed is there, the rest never was, and the doorbell rings again. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EmbeddedPostgres } from '../../src/dev/embedded-postgres.ts';
import { createListener } from '../../src/postgres/listen.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { SCALE } from '../race/schedule.ts';
import { until } from '../support/until.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { createTeam, PEOPLE, SEGMENTS } from './random-team.ts';
import { startOwnServer } from './own-server.ts';
import { measureRecoveries } from './recovery.ts';

vi.setConfig({ testTimeout: 900_000 });

const BOUND = 5_000;

let server: EmbeddedPostgres;
let world: World;
let workers: Worker[] = [];

beforeEach(async () => {
  const own = await startOwnServer();
  server = own.server;
  world = await createWorld({
    database: own.database,
    capture: ({ pool }, catalogue) => installedCapture(pool, catalogue),
  });
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await world.end();
});

const crashed = measureRecoveries('immediate crash of Postgres');

test('after immediate crashes of Postgres at random moments all is recovered and exact', async () => {
  await world.begin(PEOPLE, SEGMENTS);
  workers = await Promise.all([1, 2].map(() => startWorker(world, { drains: 2 })));
  const team = createTeam(world, 21);
  for (let crash = 0; crash < 5 * SCALE; crash += 1) {
    for (let turns = 5 + team.pick(20); turns > 0; turns -= 1) {
      await team.write();
      if (team.pick(4) === 0) await team.steer();
    }
    // What is in flight when it crashes may be committed or not: both are right.
    const last = Promise.allSettled(Array.from({ length: 3 }, () => team.write()));
    await server.kill();
    await last;
    await server.restart();
    await crashed.recovered(world, BOUND);
  }
});

test('a listener that cannot connect at first listens later, on one connection', async () => {
  let connected = 0;
  let rings = 0;
  let failures = 0;
  const listener = createListener(world.url, {
    onRing: () => (rings += 1),
    onConnected: () => (connected += 1),
    onError: () => (failures += 1),
    applicationName: 'late listener',
  });
  await server.kill();
  await listener.start();
  await until(() => failures > 1, { message: 'another try' });
  await server.restart();
  await until(() => connected > 0, { timeout: 15_000, message: 'a connection' });
  await until(async () => {
    await world.pool.query('notify segmentd');
    return rings > 0;
  });
  const { rows } = await world.pool.query(`select from pg_stat_activity where application_name = 'late listener'`);
  expect(rows).toHaveLength(1);
  await listener.stop();
});

test('after ten seconds without Postgres the listener is alive, and a notification wakes the worker', async () => {
  await world.begin(PEOPLE, SEGMENTS);
  let failures = 0;
  let asleep = 0;
  const worker = await startWorker(world, { pollInterval: 3_600_000 });
  workers = [worker];
  worker.events.on('error', () => (failures += 1));
  worker.events.on('asleep', () => (asleep += 1));
  await until(() => asleep > 0, { message: 'sleep' });
  await server.kill();
  const down = performance.now();
  await until(() => failures > 5 && performance.now() - down > 10_000, {
    timeout: 30_000,
    message: 'ten seconds of failing',
  });
  const before = asleep;
  await server.restart();
  await until(() => asleep > before, { timeout: 15_000, message: 'sleep after the return' });
  for (const country of ['FR', 'ES', 'PT']) {
    await world.pool.query(`update contacts set country = $1 where id <= 10`, [country]);
    await crashed.recovered(world, BOUND);
  }
  expect(await world.members('one')).not.toContain('1');
});

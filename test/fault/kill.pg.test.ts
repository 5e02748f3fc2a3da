/** Workers that are killed, cut off, or frozen at any moment: the next one goes on, and nothing was lost. */
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Worker } from '../../src/worker/worker.ts';
import { impatient } from '../race/limit-edit.ts';
import { copyWith, removeCopies } from '../support/edited-copy.ts';
import { SCALE } from '../race/schedule.ts';
import { plainFile } from '../support/plain-code.ts';
import { startScript, type CliProcess } from '../support/process.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { createTeam, PEOPLE, SEGMENTS, type Team } from './random-team.ts';
import { measureRecoveries } from './recovery.ts';

vi.setConfig({ testTimeout: 900_000 });

const BOUND = 5_000;

let world: World;

beforeEach(async () => {
  world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
});
afterEach(() => world.end());
afterAll(removeCopies);

const killed = measureRecoveries('kill -9 of a worker');
const cut = measureRecoveries('ended sessions');

test('after kills of workers at random moments all is recovered and exact', async () => {
  const teams = [0, 1, 2, 3].map((lane) => createTeam(world, 11 + lane, lane, 4));
  const [{ pick, steer }] = teams as [Team];
  await world.begin(PEOPLE, SEGMENTS);
  const start = (): CliProcess => startScript([plainFile('test/fault/worker-process.ts'), world.url]);
  let [running, next] = [start(), start()];
  try {
    await running.line(/^ready/);
    for (let kill = 0; kill < 50 * SCALE; kill += 1) {
      await next.line(/^ready/);
      const writes = teams.map(async (team) => {
        for (let turns = 4; turns > 0; turns -= 1) await team.write();
      });
      await steer();
      for (let turns = pick(30); turns > 0; turns -= 1) await world.pool.query('select');
      await Promise.all([...writes, running.kill()]);
      running = next;
      next = start();
      await killed.recovered(world, BOUND);
    }
  } finally {
    await Promise.all([running.kill(), next.kill()]);
  }
});

test('after sessions ended at random moments all is recovered and exact', async () => {
  const team = createTeam(world, 12);
  await world.begin(PEOPLE, SEGMENTS);
  const workers: Worker[] = await Promise.all([1, 2].map(() => startWorker(world, { drains: 2 })));
  try {
    let ended = 0;
    const wanted = 200 * SCALE;
    for (let round = 0; ended < wanted; round += 1) {
      for (let turns = 5; turns > 0; turns -= 1) {
        await team.write();
        if (team.pick(3) === 0) await team.steer();
        const { rows } = await world.pool.query<{ ended: boolean }>(
          `select pg_terminate_backend(a.pid) as ended from pg_stat_activity a where a.datname = current_database() and a.application_name = 'segmentd worker'
           order by a.state = 'active' desc, random() limit ${1 + team.pick(3)}`,
        );
        ended += rows.filter((row) => row.ended).length;
      }
      await cut.recovered(world, BOUND);
    }
    expect(ended).toBeGreaterThanOrEqual(wanted);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
});

test('a frozen worker holds nothing for longer than its session may idle', async () => {
  await world.begin(PEOPLE, SEGMENTS);
  const code = copyWith(impatient);
  const frozen = startScript(['test/fault/worker-process.ts', world.url, code], { env: { HANG: 'timed' } });
  await frozen.line(/^ready/);
  await world.pool.query(`update contacts set country = 'ES' where id <= 30`);
  await frozen.line(/^hangs/);
  process.kill(frozen.pid, 'SIGSTOP');
  const worker = await startWorker(world);
  try {
    await world.quiet(20_000);
    await world.exact();
  } finally {
    process.kill(frozen.pid, 'SIGCONT');
    await frozen.kill();
    await worker.stop();
  }
});

test('a drain says how long it may idle', async () => {
  await world.begin(PEOPLE, SEGMENTS);
  await world.pool.query(`update contacts set country = 'ES' where id = 2`);
  const pool = await world.workerPool('drain');
  const client = await pool.connect();
  const session = new world.code.DrainSession(client, 'bigint');
  await session.prepare();
  const limits: unknown[] = [];
  await world.code.drain(session, new world.code.Registry(world.catalogue), {
    batchSize: 100,
    at: async () => {
      const { rows } = await client.query(
        `select current_setting('idle_in_transaction_session_timeout') as idle, current_setting('lock_timeout') as lock`,
      );
      limits.push(rows[0]);
    },
  });
  client.release(true);
  expect(new Set(limits.map((limit) => JSON.stringify(limit)))).toEqual(
    new Set([JSON.stringify({ idle: '30s', lock: '50ms' })]),
  );
});

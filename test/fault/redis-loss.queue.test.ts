/** Redis is killed and emptied while segments are edited: no edit is lost, each is live soon. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Worker } from '../../src/worker/worker.ts';
import { SCALE } from '../race/schedule.ts';
import { redisAvailable, startRedis, type TestRedis } from '../support/redis.ts';
import { adult, foreign, minor, spanish } from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { createTeam, PEOPLE, SEGMENTS } from './random-team.ts';
import { measureRecoveries } from './recovery.ts';

vi.setConfig({ testTimeout: 900_000 });

const BOUND = 15_000;
const MEANINGS = [adult, spanish, minor, foreign];

describe.runIf(redisAvailable)('Redis', () => {
  let world: World;
  let redis: TestRedis;
  const lost = measureRecoveries('Redis killed or flushed during an edit');

  beforeEach(async () => {
    redis = await startRedis();
    world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
  });
  afterEach(async () => {
    await world.end();
    await redis.stop();
  });

  const blows: readonly {
    readonly what: string;
    readonly strike: () => Promise<void>;
    readonly repair?: () => Promise<void>;
  }[] = [
    { what: 'flushed', strike: () => redis.flush() },
    { what: 'killed and back at once', strike: () => redis.restart() },
    { what: 'killed, and back when the edit is live', strike: () => redis.kill(), repair: () => redis.restart() },
  ];

  test('edits end exact when Redis is killed and flushed', async () => {
    await world.begin(PEOPLE, SEGMENTS);
    const team = createTeam(world, 31);
    const workers: Worker[] = await Promise.all([1, 2].map(() => startWorker(world, { redisUrl: redis.url })));
    try {
      for (let round = 0; round < 12 * SCALE; round += 1) {
        const blow = blows[round % blows.length];
        const meaning = MEANINGS[round % MEANINGS.length];
        if (!blow || !meaning) throw new Error('no blow');
        const struck = round % 2 === 0 ? blow.strike() : Promise.resolve();
        await world.want({ one: meaning });
        await Promise.all([struck, team.write()]);
        if (round % 2 === 1) await blow.strike();
        await lost.recovered(world, BOUND);
        expect(await world.state('one'), blow.what).toMatchObject({
          state: 'live',
          version: 2 + round,
          live_version: 2 + round,
        });
        await blow.repair?.();
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  });
});

/** Ranks by way of the queue: what is due is handed to it, and what it hands back is computed once. A lost queue costs time alone. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTurns } from '../../src/base/turn.ts';
import { resolvePublication, readPublication } from '../../src/catalogue/published-catalogue.ts';
import { createRankQueue } from '../../src/queue/rank-queue.ts';
import { migrateQueue } from '../../src/queue/server.ts';
import type { TaskQueue } from '../../src/queue/task-queue.ts';
import { createEvents } from '../../src/worker/event.ts';
import { Ranker } from '../../src/worker/ranker.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { createRankWorld, RANKS, type RankWorld } from './rank-world.ts';

describe.each(['postgres', 'redis'] as const)('on %s', (kind) => {
  let world: RankWorld;
  let redis: TestRedis | undefined;

  beforeAll(async () => {
    world = await createRankWorld();
    redis = kind === 'redis' ? await startRedis() : undefined;
    await world.publish(RANKS);
    await world.once();
    await migrateQueue(place());
  }, 120_000);

  afterAll(async () => {
    await redis?.stop();
    await world.end();
  });

  const place = (): { databaseUrl: string; redisUrl?: string } => ({
    databaseUrl: world.database.url,
    ...(redis ? { redisUrl: redis.url } : {}),
  });

  const rankerWith = async (queue: TaskQueue, silence: number) => {
    const publication = await readPublication(world.database.pool);
    if (!publication) throw new Error('nothing is published');
    const catalogue = await resolvePublication(world.database.pool, publication);
    const events = createEvents();
    const computed: string[] = [];
    events.on('ranked', ({ name }) => computed.push(name));
    const pool = await world.segmentd.pool();
    const ranker = new Ranker(pool, {
      catalogue: () => catalogue,
      queue,
      events,
      signals: { wakeDrains: () => {} },
      inTurn: createTurns(),
      interval: 20,
      silence,
    });
    return { ranker, computed };
  };

  test('a rank that is asked for goes through the queue, and is computed once', async () => {
    const { ranker, computed } = await rankerWith(createRankQueue({ ...place(), name: randomUUID() }), 3_600_000);
    await ranker.start();
    try {
      await world.segmentd.ranks.untilComputed(await world.segmentd.ranks.compute('monetary'));
      await world.segmentd.ranks.untilComputed(await world.segmentd.ranks.compute('monetary'));
    } finally {
      await ranker.stop();
    }
    expect(computed).toEqual(['monetary', 'monetary']);
  });

  test('a queue that stays silent is not waited for', async () => {
    const silent: TaskQueue = { add: async () => {}, work: async () => {}, close: async () => {} };
    const { ranker, computed } = await rankerWith(silent, 0);
    await ranker.start();
    try {
      await world.segmentd.ranks.untilComputed(await world.segmentd.ranks.compute('born'));
    } finally {
      await ranker.stop();
    }
    expect(computed).toEqual(['born']);
  });
});

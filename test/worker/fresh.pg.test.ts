/** `fresh_as_of` under changes that never pause: it follows, and never says more than what is visible. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Drainer } from '../../src/worker/drainer.ts';
import { createEvents } from '../../src/worker/event.ts';
import type { Clean } from '../../src/sweep/clean.ts';
import { spanish, within } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { until } from '../support/until.ts';
import { silentSignals } from '../support/signals.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());
beforeEach(() => world.begin(`insert into contacts (id, country) values (1, 'ES'), (2, 'FR'), (3, 'ES')`, { spanish }));

const now = async (): Promise<string> =>
  String((await world.pool.query<{ at: string }>('select clock_timestamp()::text as at')).rows[0]?.at);
const freshSince = async (at: string): Promise<boolean> =>
  (
    await world.pool.query<{ fresh: boolean }>(
      `select coalesce(fresh_as_of > $1::timestamptz, false) as fresh from segmentd_internal.installation`,
      [at],
    )
  ).rows[0]?.fresh === true;

const SWEPT: Clean = { prompt: '9999-01-01', late: [] };
let swept = SWEPT;
let contact = 100;

/** Every batch is followed by another change before the next look. */
async function neverIdle(work: (idle: () => number) => Promise<void>): Promise<void> {
  const pool = await world.workerPool('busy');
  const registry = new world.code.Registry(world.catalogue);
  const events = createEvents();
  let idle = 0;
  events.on('idle', () => (idle += 1));
  const drainer = new Drainer(pool, registry, {
    batchSize: 100,
    pollInterval: 10,
    events,
    signals: silentSignals({ sweptUntil: () => swept }),
    at: async (step) => {
      if (step === 'written')
        await world.pool.query(`insert into contacts (id, country) values ($1, 'FR')`, [(contact += 1)]);
    },
  });
  await world.pool.query(`update contacts set country = 'IT' where id = 2`);
  await drainer.start();
  try {
    await work(() => idle);
  } finally {
    await drainer.stop();
  }
}

test('fresh_as_of moves on though no look ever finds the outbox empty', async () => {
  await neverIdle(async (idle) => {
    const before = await now();
    await until(() => freshSince(before));
    const after = await now();
    await until(() => freshSince(after));
    expect(idle()).toBe(0);
  });
});

test('fresh_as_of does not pass work that a busy slot holds back, whether other changes come or not', async () => {
  const holder = await world.pool.connect();
  await holder.query('begin');
  await holder.query(`select pg_advisory_xact_lock(7363, s.id & 255) from segmentd.segment s where s.key = 'spanish'`);
  try {
    for (const busy of [true, false]) {
      await world.pool.query(
        `update contacts set country = case country when 'ES' then 'FR' else 'ES' end where id = 1`,
      );
      const held = await now();
      const calm = async (): Promise<void> => {
        const pool = await world.workerPool('calm');
        const drainer = new Drainer(pool, new world.code.Registry(world.catalogue), {
          batchSize: 100,
          pollInterval: 10,
          events: createEvents(),
          signals: silentSignals({ sweptUntil: () => swept }),
        });
        await drainer.start();
        await lookedAtFor(held);
        await drainer.stop();
      };
      await (busy ? neverIdle(() => lookedAtFor(held)) : calm());
      expect(await freshSince(held)).toBe(false);
    }
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  const freed = await now();
  await neverIdle(async () => {
    await until(() => freshSince(freed));
  });
});

test('fresh_as_of does not pass a recheck of a reader, which came later than the change that caused it', async () => {
  await world.begin(`insert into contacts (id, country) values (1, 'ES'), (2, 'FR'), (3, 'ES')`, {
    spanish,
    inside: within('spanish'),
  });
  const holder = await world.pool.connect();
  await holder.query('begin');
  await holder.query(`select pg_advisory_xact_lock(7363, s.id & 255) from segmentd.segment s where s.key = 'inside'`);
  try {
    await world.pool.query(`update contacts set country = 'FR' where id = 1`);
    const held = await now();
    await neverIdle(() => lookedAtFor(held));
    expect(await world.members('spanish')).not.toContain('1');
    expect(await world.members('inside')).toContain('1');
    expect(await freshSince(held)).toBe(false);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  const freed = await now();
  await neverIdle(async () => {
    await until(() => freshSince(freed));
  });
  await world.settle();
  await world.exact();
});

test('rows_as_of moves on though no sweep has come round', async () => {
  swept = { prompt: undefined, late: [] };
  try {
    await neverIdle(async () => {
      const before = await now();
      await until(
        async () =>
          (
            await world.pool.query<{ fresh: boolean }>(
              'select coalesce(rows_as_of > $1::timestamptz, false) as fresh from segmentd_internal.installation',
              [before],
            )
          ).rows[0]?.fresh === true,
      );
      expect(await freshSince(before)).toBe(false);
    });
  } finally {
    swept = SWEPT;
  }
});

/** The worker has had the time of some heartbeats: by the server's clock, which the assertion goes by too. */
async function lookedAtFor(since: string): Promise<void> {
  await until(
    async () =>
      (
        await world.pool.query<{ over: boolean }>(
          `select clock_timestamp() > $1::timestamptz + interval '3 seconds' as over`,
          [since],
        )
      ).rows[0]?.over === true,
  );
}

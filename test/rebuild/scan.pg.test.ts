/** One scan read by several connections: each contact in exactly one chunk, whatever becomes of a chunk or of a connection. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RebuildOptions } from '../../src/rebuild/rebuild-option.ts';
import { until } from '../support/until.ts';
import { adult, spanish } from '../support/world-meaning.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';

const CONTACTS = 60_000;
/** As many are Spanish as adult, and half of each both. */
const PEOPLE = `insert into contacts (id, country, age) select n, case when n % 2 = 0 then 'ES' else 'FR' end, case when n % 4 < 2 then 30 else 10 end from generate_series(1, ${CONTACTS}) n`;
/** Adults who are not Spanish and the other way round. */
const DIFFERENT = CONTACTS / 2;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

beforeEach(async () => {
  await world.begin(PEOPLE, { one: spanish });
  await world.pool.query('analyze public.contacts');
  await world.want({ one: adult });
  await world.code.acceptVersions(world.pool, world.catalogue);
});

function rebuild(pool: pg.Pool, options: Partial<RebuildOptions>): Promise<number> {
  return world.code.rebuildOwed(pool, new world.code.Registry(world.catalogue), {
    connections: 2,
    wait: async () => {},
    ...options,
  });
}

async function staged(): Promise<{ rows: number; contacts: number }> {
  const { rows } = await world.pool.query<{ rows: number; contacts: number }>(
    `select count(*)::int as rows, count(distinct staged.contact)::int as contacts from (select unnest(st.contacts) as contact from segmentd_internal.stage_chunk st) as staged`,
  );
  return rows[0] ?? { rows: -1, contacts: -1 };
}

async function exactInTheEnd(): Promise<void> {
  await until(async () => {
    await world.settle();
    return (await world.state('one')).state === 'live';
  });
  await world.exact();
}

describe.each([1, 2, 5])('%i connections', (connections) => {
  test('stage every difference once, with changes all the while', async () => {
    const pool = await world.workerPool(`builder-${connections}`, connections);
    const drainer = await (await world.workerPool('drainer')).connect();
    const session = new world.code.DrainSession(drainer, 'bigint');
    await session.prepare();
    const registry = new world.code.Registry(world.catalogue);
    const opened: number[] = [];
    let chunks = 0;
    let drained: Promise<unknown> = Promise.resolve();
    let found = { rows: 0, contacts: 0 };
    const live = await rebuild(pool, {
      connections,
      at: async (step) => {
        if (step === 'chunk') {
          chunks += 1;
          opened.push(pool.totalCount);
          await world.pool.query(`update contacts set age = 40 - age where id % 6000 = $1`, [chunks]);
          // Two connections may report a chunk at the same time, and there is one drain.
          drained = drained.then(() => world.code.drain(session, registry, { batchSize: 1_000 }));
          await drained;
        }
        if (step === 'parked') found = await staged();
      },
    });
    drainer.release();
    expect(live).toBe(1);
    expect(chunks).toBeGreaterThan(1);
    expect(Math.max(...opened)).toBe(connections);
    expect(found.rows).toBe(found.contacts);
    await exactInTheEnd();
  });
});

test('one connection of a scan is held up after its first chunk: the other reads all the rest', async () => {
  const pool = await world.workerPool('builder');
  let held = false;
  const live = await rebuild(pool, {
    at: async (step) => {
      if (step !== 'chunk' || held) return;
      held = true;
      await until(async () => (await staged()).contacts === DIFFERENT);
    },
  });
  expect(live).toBe(1);
  await exactInTheEnd();
});

test('a build whose pool has no other connection goes on with its own', async () => {
  const pool = await world.workerPool('builder', 1);
  expect(await rebuild(pool, { connections: 2 })).toBe(1);
  expect(pool.totalCount).toBe(1);
  await exactInTheEnd();
});

const CUTS = [
  // 6 s is more than a chunk may take.
  { by: 'its time limit', seconds: 6, cancel: 'select', pieces: 'in pieces', fewest: 9, most: 99 },
  { by: 'a person', seconds: 4, cancel: 'select pg_cancel_backend(a.pid)', pieces: 'as they were', fewest: 1, most: 8 },
] as const;

test.each(CUTS)(
  'chunks that were cut off by $by are read again $pieces, every contact once',
  async ({ seconds, cancel, fewest, most }) => {
    const pool = await world.workerPool('builder');
    let found = { rows: 0, contacts: 0 };
    let chunks = 0;
    await world.pool.query(`
    create table public.slow (); insert into public.slow default values;
    create function public.slow() returns trigger language plpgsql as $$ begin if exists (select from public.slow) then perform pg_sleep(${seconds}); end if; return null; end $$;
    create trigger slow before insert on segmentd_internal.stage_chunk for each statement execute function public.slow()`);
    try {
      const live = rebuild(pool, {
        at: async (step) => {
          if (step === 'chunk') chunks += 1;
          if (step === 'parked') found = await staged();
        },
      });
      const cut = until(
        async () =>
          (
            await world.pool.query(
              `${cancel} from pg_stat_activity a where a.datname = current_database() and a.wait_event = 'PgSleep' and a.query like 'insert into segmentd_internal.stage_chunk%'`,
            )
          ).rowCount,
      ).then(() => world.pool.query('delete from public.slow'));
      const [built] = await Promise.all([live, cut]);
      expect(built).toBe(1);
    } finally {
      await world.pool.query(
        'drop trigger slow on segmentd_internal.stage_chunk; drop function public.slow; drop table public.slow',
      );
    }
    expect(found).toEqual({ rows: DIFFERENT, contacts: DIFFERENT });
    // Three or four as they are dealt first.
    expect(chunks).toBeGreaterThanOrEqual(fewest);
    expect(chunks).toBeLessThanOrEqual(most);
    await exactInTheEnd();
  },
);

test('a scan that loses its other connection counts for nothing, and the build is begun again at once', async () => {
  const pool = await world.workerPool('lost');
  // One that reads: before, it only sets its session up, and a pool without it is another test's.
  const terminate = async (): Promise<number | null> => {
    const { rowCount } = await world.pool.query(
      `select pg_terminate_backend(a.pid) from pg_stat_activity a
       where a.datname = current_database() and a.application_name = 'lost' and a.query <> '' and a.query not like '%datestyle%' and not exists (select from segmentd_internal.build b where b.owner = a.pid || ' ' || a.backend_start)`,
    );
    return rowCount;
  };
  // A connection that has staged a chunk goes on when the other session has ended, which so was still at work.
  let ended: Promise<number> | undefined;
  const broken = rebuild(pool, {
    at: async (step) => {
      if (step !== 'chunk') return;
      ended ??= until(terminate);
      await ended;
    },
  });
  await expect(broken).rejects.toThrow();
  expect(await ended).toBe(1);
  await exactInTheEnd();
  const { rows } = await world.pool.query<{ epoch: number }>(
    'select b.epoch from segmentd_internal.build b join segmentd.segment s on s.id = b.segment_id',
  );
  expect(rows).toEqual([{ epoch: 2 }]);
});

test('a worker reads with as many connections as its options say', async () => {
  let reading = 0;
  let most = 0;
  const worker = await startWorker(world, {
    rebuildConnections: 3,
    guard: { percent: 1_000, members: CONTACTS },
    failpoint: {
      rebuild: async (step) => {
        if (step !== 'chunk') return;
        reading += 1;
        most = Math.max(most, reading);
        // No connection goes on before all have staged a chunk.
        await until(() => most === 3);
        reading -= 1;
      },
    },
  });
  try {
    await world.quiet();
  } finally {
    await worker.stop();
  }
  expect(most).toBe(3);
  expect((await world.state('one')).state).toBe('live');
  await world.exact();
});

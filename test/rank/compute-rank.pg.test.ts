/** Ranks from the config to the members: every form of a value, who moved, deleted contacts, edits, failures, two workers, a kill. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRankWorld, RANKS, type RankWorld } from './rank-world.ts';

let world: RankWorld;

beforeAll(async () => {
  world = await createRankWorld();
  await world.publish(RANKS);
  for (const [key, condition] of Object.entries({
    champions: { and: [{ '==': [{ var: 'ranks.monetary' }, 5] }, { '>=': [{ var: 'ranks.recency' }, 4] }] },
    unranked: { '==': [{ var: 'ranks.score' }, null] },
    top_ten: { '<=': [{ var: 'ranks.basket' }, 10] },
    drifting: {
      or: [{ '<': [{ var: 'ranks.recency' }, { var: 'ranks.monetary' }] }, { in: [{ var: 'ranks.born' }, [1]] }],
    },
  }))
    await world.segmentd.segments.create({ key, condition });
  await world.once();
}, 120_000);

afterAll(async () => {
  await world.end();
});

/** Asks for ranks, and lets a worker compute them and drain. Returns the contacts that the table of ranks reported. */
async function compute(...names: readonly string[]): Promise<void> {
  for (const name of names) await world.segmentd.ranks.compute(name);
  await world.once();
}

describe('values', () => {
  test.each(Object.keys(RANKS))('%s is what the rows say', async (name) => {
    const stored = await world.stored(name);
    expect(stored.length).toBeGreaterThan(10);
    expect(stored).toEqual(await world.expected(name));
  });

  test('members are those of the stored ranks', async () => {
    expect(await world.wrong()).toEqual([]);
    const rows = await world.database.query<{ id: string }>(
      `select r.contact_id::text as id from segmentd.contact_rank r where (r.rank ->> 'monetary')::int = 5 and (r.rank ->> 'recency')::int >= 4 order by r.contact_id`,
    );
    expect(rows.length).toBeGreaterThan(0);
    const members = await world.database.query<{ id: string }>(
      `select contact_id::text as id from segmentd.member where segment_key = 'champions' order by contact_id`,
    );
    expect(members).toEqual(rows);
  });
});

describe('moves', () => {
  test('only contacts whose rank moved are reported, and only the segments that read ranks see them', async () => {
    const before = await world.stored('monetary');
    await world.database.query(`update public.orders set total = 9999 where contact_id = 2`);
    await world.once();
    expect(await world.stored('monetary'), 'the rank stands still until it is computed').toEqual(before);
    await world.segmentd.ranks.compute('monetary');
    const worker = world.worker();
    let drained = 0;
    worker.events.on('drained', ({ contacts }) => (drained += contacts));
    await worker.once();
    await worker.stop();
    const after = await world.stored('monetary');
    expect(after).toEqual(await world.expected('monetary'));
    const moved = after.filter((line) => !before.includes(line));
    const [state] = await world.database.query<{ moved: number }>(
      `select moved::int as moved from segmentd.rank_status where name = 'monetary'`,
    );
    expect(moved.length).toBeGreaterThan(0);
    expect(state?.moved).toBe(moved.length);
    expect(drained, 'others are not evaluated').toBe(moved.length);
    expect(await world.wrong()).toEqual([]);
  });

  test('a computation that moves nothing reports nothing', async () => {
    await compute('monetary');
    const [state] = await world.database.query<{ moved: number; ranked: number }>(
      `select moved::int as moved, ranked::int as ranked from segmentd.rank_status where name = 'monetary'`,
    );
    expect(state).toEqual({ moved: 0, ranked: 60 });
  });
});

describe('a computation that is killed', () => {
  test('leaves the ranks before whole, and the next one is right', async () => {
    const before = await world.stored('monetary');
    await world.database.query(`update public.orders set total = 5000 where contact_id = 9`);
    await world.segmentd.ranks.compute('monetary');
    await expect(
      world.once(async (step) => {
        if (step === 'written') await world.killComputation();
      }),
    ).rejects.toThrow();
    expect(await world.stored('monetary')).toEqual(before);
    await world.once();
    expect(await world.stored('monetary')).toEqual(await world.expected('monetary'));
    expect(await world.stored('monetary')).not.toEqual(before);
    expect(await world.wrong()).toEqual([]);
  });
});

test('two workers never compute at once', async () => {
  let second: readonly string[] = ['not run'];
  await world.segmentd.ranks.compute('born');
  await world.once(async (step) => {
    if (step !== 'locked') return;
    const seen: string[] = [];
    await world.once(async (other) => void seen.push(other));
    second = seen;
  });
  expect(second).toEqual([]);
});

test('a deleted contact loses its ranks, also when it is deleted while they are computed', async () => {
  await world.database.query('delete from public.contacts where id = 60');
  await world.once();
  expect((await world.stored('monetary')).some((line) => line.startsWith('60='))).toBe(false);
  await world.database.query(
    `insert into public.orders (contact_id, status, total, placed_at) values (59, 'paid', 7777, now())`,
  );
  await world.segmentd.ranks.compute('monetary');
  await world.once(async (step) => {
    if (step !== 'written') return;
    await world.database.query('delete from public.contacts where id = 59');
    // Another worker drains the deletion before the ranks are committed.
    await world.once();
  });
  expect((await world.stored('monetary')).some((line) => line.startsWith('59='))).toBe(false);
  expect(await world.wrong()).toEqual([]);
});

test('another definition is another catalogue: the rank is computed at once, and its readers are rebuilt', async () => {
  const before = await world.database.query<{ generation: string }>(
    `select generation::text from segmentd_internal.installation`,
  );
  await world.publish({ ...RANKS, monetary: { by: { var: 'age' }, into: 2, every: '1h' } });
  const owed = await world.database.query<{ key: string }>(
    `select s.key from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id order by 1`,
  );
  expect(owed.map(({ key }) => key)).toEqual(['champions', 'drifting']);
  expect(before).toHaveLength(1);
  await world.once();
  const ranks = await world.stored('monetary');
  expect(new Set(ranks.map((line) => line.split('=')[1]))).toEqual(new Set(['1', '2']));
  expect(await world.wrong()).toEqual([]);
  await world.publish(RANKS);
  await world.once();
  expect(await world.stored('monetary')).toEqual(await world.expected('monetary'));
});

test('a rank that cannot be computed says why, keeps its values, and stops no other', async () => {
  const before = await world.stored('frequency');
  await world.publish({
    ...RANKS,
    frequency: { ...RANKS['frequency'], by: { count: [{ var: 'orders' }] }, among: { in_segment: ['byers'] } },
  });
  await world.once();
  const [failed] = await world.segmentd.ranks.list();
  expect(await world.segmentd.ranks.list()).toContainEqual(
    expect.objectContaining({
      name: 'frequency',
      state: 'failed',
      error: '`ranks.frequency` reads the segment "byers", which is not live.',
    }),
  );
  expect(failed?.asOf).not.toBeNull();
  expect(await world.stored('frequency')).toEqual(before);
  await expect(
    world.segmentd.ranks.compute('frequency').then((asked) => compute().then(() => asked)),
  ).resolves.toBeDefined();
  await world.publish(RANKS);
  await compute('frequency');
  expect((await world.segmentd.ranks.list()).every(({ state }) => state === 'current')).toBe(true);
});

test('a rank that leaves the config loses its values', async () => {
  const { born: _, ...others } = RANKS;
  await world.segmentd.segments.edit('drifting', { condition: { '==': [{ var: 'ranks.monetary' }, 1] } });
  await world.once();
  await world.publish(others);
  await world.once();
  expect(await world.stored('born')).toEqual([]);
  expect(await world.stored('monetary')).not.toEqual([]);
  expect(await world.database.query(`select name from segmentd.rank_status where name = 'born'`)).toEqual([]);
  expect(await world.wrong()).toEqual([]);
});

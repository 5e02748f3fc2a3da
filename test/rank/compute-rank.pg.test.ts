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

test('a segment that a rank reads is not deleted', async () => {
  await expect(world.segmentd.segments.delete('buyers')).rejects.toMatchObject({
    code: 'conflict',
    message: 'buyers is read by the rank frequency; change `ranks` in the config first.',
  });
});

test('status, show, describe and explain say as of when a rank is', async () => {
  const asOf = (await world.segmentd.ranks.list()).find(({ name }) => name === 'monetary')?.asOf ?? '';
  expect(asOf).not.toBe('');
  expect(await world.ok('status')).toContain(`rank monetary as of ${asOf}; 5`);
  for (const verb of ['show', 'describe'])
    expect(await world.ok(verb, 'champions'), verb).toContain(`monetary as of ${asOf}`);
  expect(await world.ok('explain', 'champions', '1')).toContain(`rank: monetary as of ${asOf}`);
  expect(await world.segmentd.segments.explain('champions', '1')).toMatchObject({
    ranks: expect.arrayContaining([{ name: 'monetary', asOf }]) as unknown,
  });
  expect(await world.ok('describe', 'champions')).toContain('Monetary rank is 5 and Recency rank is at least 4');
  const rows = (
    await world.ok('export', 'champions', '--format', 'csv', '--columns', 'contact_id,ranks.monetary', '--to', '-')
  ).split('\r\n');
  expect(rows[0]).toBe('contact_id,ranks.monetary');
  expect(rows[1]).toMatch(/^\d+,5$/);
  expect(await world.ok('fields')).toContain('rank ranks.monetary: Monetary rank, 1 to 5, 5 highest');
  expect((await world.segmentd.admin.doctor()).map(({ sentence }) => sentence)).toContain(
    `All ${Object.keys(RANKS).length} ranks are computed.`,
  );
});

test('`segmentd rank` asks a worker, and `--wait` returns what it computed', async () => {
  expect(await world.ok('rank', 'monetary')).toBe('computation requested: monetary\n');
  const worker = world.worker();
  await worker.start();
  try {
    expect(await world.ok('rank', 'monetary', '--wait')).toMatch(
      /^rank monetary as of \S+; \d+ contacts, \d+ moved, in /,
    );
  } finally {
    await worker.stop();
  }
  expect(await world.run('rank', 'monetry')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no rank "monetry"') as unknown,
  });
});

test('a wrong rank is refused with every issue, and so is a wrong name in a condition', async () => {
  const by = { by: { var: 'country' } };
  await world.file('segmentd.yaml', {
    contacts: { table: 'public.contacts', key: 'id' },
    relations: { orders: { table: 'public.orders', contact: 'contact_id' } },
    ranks: { wrong: by, nested: { by: { var: 'ranks.wrong' }, among: { '==': [{ var: 'cuntry' }, 'ES'] } } },
  });
  const { code, stderr } = await world.run('install', '--dry-run');
  expect(code).toBe(2);
  expect(stderr).toContain('A rank is ordered by a number, a date or an instant; `country` is text');
  expect(stderr).toContain('A rank cannot read the rank `ranks.wrong`');
  expect(stderr).toContain('There is no field "cuntry"');
  await world.publish(RANKS);
  const refused = async (condition: unknown): Promise<unknown> =>
    world.segmentd.segments.describe({ condition }).catch((error: { issues?: unknown }) => error.issues);
  expect(await refused({ '==': [{ var: 'ranks.monetry' }, 5] })).toMatchObject([
    { code: 'unknown-field', message: 'There is no rank "monetry".', hint: 'did you mean `ranks.monetary`?' },
  ]);
  expect(await refused({ some: [{ var: 'ranks' }, true] })).toMatchObject([{ code: 'field-as-relation' }]);
  expect(await refused({ '==': [{ var: 'ranks' }, 5] })).toMatchObject([{ code: 'unknown-field' }]);
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

/** The list of segments over HTTP: what each row says, orders, filters, search and cursors. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  const create = async (body: unknown) =>
    expect(await http.ask('POST', '/segments', { body })).toMatchObject({ status: 201 });
  await create({ key: 'spain', name: 'Spain', condition: { '==': [{ var: 'country' }, 'ES'] }, tags: ['iberia'] });
  await create({ key: 'buyers', condition: { some: [{ var: 'orders' }, { '>': [{ var: 'total' }, 5] }] } });
  await create({ key: 'both', condition: { and: [{ in_segment: 'spain' }, { in_segment: 'buyers' }] } });
  await create({ key: 'listed', kind: 'static', name: '<img src=x onerror=alert(1)> שלום 🎉' });
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

interface Row {
  readonly key: string;
  readonly spark: readonly number[];
  readonly needs: { readonly code: string; readonly sentence: string; readonly command: string | null } | null;
}
interface Page {
  readonly items: readonly Row[];
  readonly next: string | null;
  readonly total: number;
  readonly needs_total: number;
}

const list = async (query: string): Promise<Page> => {
  const { status, body } = await http.ask('GET', `/segments${query}`);
  expect(status).toBe(200);
  return body as Page;
};
const keys = async (query: string) => (await list(query)).items.map(({ key }) => key);

test('a row says what the segment is, how it stands and who uses it', async () => {
  const { items, total, needs_total } = await list('');
  expect({ total, needs_total }).toEqual({ total: 4, needs_total: 0 });
  expect(items.find(({ key }) => key === 'spain')).toMatchObject({
    sentence: expect.stringMatching(/country.*ES/i),
    members: 2,
    change_day: 2,
    spark: [2],
    used_by: 1,
    needs: null,
    progress: null,
    fresh_as_of: expect.stringMatching(/Z$/),
    proved_at: null,
    proof: null,
    edited_at: expect.stringMatching(/Z$/),
    applied: false,
  });
  expect(items.find(({ key }) => key === 'listed')).toMatchObject({
    name: '<img src=x onerror=alert(1)> שלום 🎉',
    members: 0,
  });
  expect(await http.ask('GET', '/segments/spain')).toMatchObject({ body: { spark: [2], used_by: 1, change_day: 2 } });
});

test.each([
  ['?search=SPA', ['both', 'spain']],
  ['?search=iber', ['spain']],
  ['?search=onerror', ['listed']],
  ['?search=%F0%9F%8E%89', ['listed']],
  ['?search=orders.tot', ['buyers']],
  ['?field=orders', ['buyers']],
  ['?field=orders.total', ['buyers']],
  ['?field=country', ['spain']],
  ['?field=order', []],
  ['?kind=static', ['listed']],
  ['?tag=iberia&state=live', ['spain']],
  ['?state=paused', []],
  ['?order=members', ['buyers', 'spain', 'both', 'listed']],
  ['?order=edited', ['listed', 'both', 'buyers', 'spain']],
])('%s finds %j', async (query, wanted) => {
  expect(await keys(query)).toEqual(wanted);
});

test.each(['key', 'needs', 'members', 'edited'])('pages in order of %s hold every segment once', async (order) => {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = await list(`?order=${order}&limit=1${cursor === null ? '' : `&cursor=${cursor}`}`);
    expect(page.total).toBe(4);
    seen.push(...page.items.map(({ key }) => key));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual(await keys(`?order=${order}`));
});

test('the cursor of another order is refused', async () => {
  const { next } = await list('?order=members&limit=1');
  expect(await http.ask('GET', `/segments?order=key&cursor=${next ?? ''}`)).toMatchObject({
    status: 400,
    body: { code: 'wrong-cursor' },
  });
});

test('segments that need a person come first, each with a sentence and a command', async () => {
  const { pool } = http.world.database;
  await pool.query(`begin; set local segmentd.worker = 'on';
    update segmentd.segment set state = 'held', error = '{"code":"held","entering":0,"leaving":41020,"members":86896}' where key = 'buyers'; commit`);
  await pool.query(`update segmentd.segment set condition = '{"==":[{"var":"contry"},"ES"]}' where key = 'both'`);
  await http.ask('PUT', '/segments/spain/state', { body: { state: 'paused' } });
  await http.world.run('run', '--once');
  const { items, needs_total } = await list('?order=needs');
  expect(items.map(({ key, needs }) => [key, needs?.code])).toEqual([
    ['buyers', 'held'],
    ['both', 'invalid'],
    ['listed', undefined],
    ['spain', undefined],
  ]);
  expect(needs_total).toBe(2);
  expect(items[0]?.needs).toEqual({
    code: 'held',
    sentence: expect.stringContaining('41,020 leave, of 86,896 members now'),
    command: 'segmentd edit buyers --yes',
  });
  expect(items[1]?.needs?.sentence).toMatch(/country.*The members of version 1 are kept\.$/);
  // Once its own edit is right, the segment still reads one that stands still.
  await pool.query(`update segmentd.segment set condition = '{"in_segment":"spain"}' where key = 'both'`);
  await http.world.run('run', '--once');
  expect((await list('?order=needs')).items[1]).toMatchObject({
    key: 'both',
    needs: { code: 'stale', sentence: expect.stringContaining('spain'), command: 'segmentd resume spain' },
  });
});

test('the line of 30 days is the record of sizes, also where a day has a row for each shard', async () => {
  const { query } = http.world.database;
  await query(`begin; set local segmentd.worker = 'on';
    update segmentd.segment set created_at = created_at - interval '12 days' where key = 'spain'; commit`);
  await query('update segmentd_internal.installation set sizes_since = sizes_since - 20');
  await query(`insert into segmentd_internal.size_day (segment_id, day, shard, entries, exits)
    select s.id, (now() at time zone 'UTC')::date - d, shard, d + shard + 1, d
    from segmentd.segment s, generate_series(1, 9, 2) d, generate_series(-1, 2) shard where s.key = 'spain'`);
  const days = await query<{ members: number }>(
    `select d.members::int as members from segmentd.size_series('spain', (now() at time zone 'UTC')::date - 12, (now() at time zone 'UTC')::date) d order by d.day`,
  );
  const { items } = await list('?search=spain');
  const spark = items.find(({ key }) => key === 'spain')?.spark;
  expect(spark).toEqual(days.map(({ members }) => members));
  expect(new Set(spark).size).toBe(7);
});

/** The order by members: a process reads all counts once, then those of segments that moved, and the order is exact all the same. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { KnownSizes } from '../../src/overview/known-size.ts';
import { statement } from '../../src/postgres/sql-file.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { random } from '../support/random.ts';

let world: World;
let segmentd: Segmentd;
let now = 0;
let sizes: KnownSizes;
beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  for (const country of ['ES', 'PT', 'FR', 'DE'])
    await segmentd.segments.create({ key: country.toLowerCase(), condition: { '==': [{ var: 'country' }, country] } });
  await segmentd.segments.create({ key: 'empty', kind: 'static' });
  await world.database.query(`insert into public.contacts (country) select 'DE' from generate_series(1, 7)`);
  await world.ok('run', '--once');
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});
beforeEach(() => {
  sizes = new KnownSizes(() => now);
});

const known = async (): Promise<Record<string, string>> => {
  const found = await sizes.read(world.database.pool);
  const rows = await world.database.query<{ id: number; key: string }>(
    'select id, key from segmentd.segment order by key',
  );
  return Object.fromEntries(rows.map(({ id, key }) => [key, found.get(id) ?? '0']));
};
/** Adds to a count without an event, which segmentd never does: only who reads that count sees it. */
const falsify = (key: string, by: number) =>
  world.database.query(
    `update segmentd_internal.member_count set members = members + ${by} where (segment_id, shard) in (
       select s.id, min(c.shard) from segmentd.segment s join segmentd_internal.member_count c on c.segment_id = s.id where s.key = '${key}' group by 1)`,
  );

test('a second read has the segments that moved, and reads no other count', async () => {
  expect(await known()).toEqual({ de: '7', empty: '0', es: '2', fr: '0', pt: '1' });
  await falsify('de', 100);
  await world.database.query(`update public.contacts set country = 'FR' where id = 1`);
  await world.ok('run', '--once');
  expect(await known()).toEqual({ de: '7', empty: '0', es: '1', fr: '1', pt: '1' });
  expect(await known()).toEqual({ de: '7', empty: '0', es: '1', fr: '1', pt: '1' });
  // All counts are read after a minute.
  now += 60_000;
  expect(await known()).toMatchObject({ de: '107' });
  await falsify('de', -100);
});

test('a transaction that was under way in one read is in the next', async () => {
  const before = await known();
  const client = await world.database.pool.connect();
  try {
    await client.query('begin');
    await client.query(
      `insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
       select id, '2', 'entered', 'contact', 1, now() from segmentd.segment where key = 'es'`,
    );
    await client.query(
      `update segmentd_internal.member_count set members = members + 1 where (segment_id, shard) in (
         select s.id, min(c.shard) from segmentd.segment s join segmentd_internal.member_count c on c.segment_id = s.id where s.key = 'es' group by 1)`,
    );
    // Later transactions end first.
    await world.database.query(`update public.contacts set country = 'PT' where id = 4`);
    await world.ok('run', '--once');
    expect(await known()).toEqual({ ...before, pt: '2' });
    await client.query('commit');
    expect(await known()).toEqual({ ...before, pt: '2', es: String(Number(before['es']) + 1) });
  } finally {
    client.release();
  }
  await world.database.query(`delete from segmentd.membership_event where contact_id = '2' and reason = 'contact'
    and segment_id = (select id from segmentd.segment where key = 'es')`);
  await falsify('es', -1);
});

test('more events than a read counts: all counts are read', async () => {
  await known();
  await world.database.query(`insert into public.contacts (country) select 'PT' from generate_series(1, 5001)`);
  await world.ok('run', '--once');
  await falsify('de', 50);
  expect(await known()).toMatchObject({ pt: '5003', de: '57' });
  await falsify('de', -50);
});

test('after any changes the list of one process is in the order of the sizes that it shows', async () => {
  const chance = random(7);
  const countries = ['ES', 'PT', 'FR', 'DE', 'IT'];
  await world.database.query('delete from public.contacts where id > 40');
  const orders = new Set<string>();
  for (let round = 0; round < 12; round++) {
    await world.database.query(
      `update public.contacts set country = '${chance.pick(countries)}' where id % 4 = ${chance.below(4)}`,
    );
    await world.ok('run', '--once');
    const { segments } = await segmentd.segments.outlines({ order: 'members' });
    const shown = segments.map(({ key, members }) => ({ key, members }));
    expect(shown).toEqual(shown.toSorted((a, b) => b.members - a.members || (a.key < b.key ? -1 : 1)));
    orders.add(shown.map(({ key }) => key).join());
    // One at a time, by the place of the page before.
    const first = await segmentd.segments.outlines({ order: 'members', limit: 2 });
    const rest = await segmentd.segments.outlines({ order: 'members', ...(first.next ? { after: first.next } : {}) });
    expect([...first.segments, ...rest.segments].map(({ key }) => key)).toEqual(shown.map(({ key }) => key));
  }
  expect(orders.size).toBeGreaterThan(2);
});

test('many sizes are joined at once, and not one by one', async () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => n + 1);
  const rows = await world.database.query<{ 'QUERY PLAN': string }>(
    `explain ${statement('segment-choice')
      .text.replaceAll('$11', `'{${ids.join()}}'`)
      .replaceAll('$12', `'{${ids.join()}}'`)
      .replaceAll('$10', '51')
      .replaceAll('$7', `'members'`)
      .replaceAll(/\$\d/g, 'null')}`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/(Hash|Merge) Full Join/);
});

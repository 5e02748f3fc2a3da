/**
 * Facts of Postgres' catalogue that compiled SQL relies on change where no trigger sees it: labels of an enum, collations,
 * domains, the expression of a virtual column. Segments that read them are rebuilt; the others are not.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { createSegmentd, type Segmentd, type Worker } from '../../src/index.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { asAdmin } from '../support/database.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 120_000 });

const TABLES = `
  create type public.mood as enum ('Sad', 'So-so', 'Happy');
  create domain public.feeling as public.mood;
  create collation public.own (provider = icu, locale = 'und');
  create table public.contacts (id bigint primary key, country text, mood public.mood, feeling public.feeling, moods public.mood[], name text collate public.own, liked text, age int,
    stored text generated always as (country) stored);
  insert into public.contacts (id, country, mood, feeling, moods, name, liked, age)
    select n, 'ES', (enum_range(null::public.mood))[n % 3 + 1], (enum_range(null::public.mood))[n % 3 + 1]::public.feeling, array[(enum_range(null::public.mood))[n % 3 + 1]], 'name' || n % 3, 'Happy', n
    from generate_series(1, 12) n`;
const CONFIG = 'contacts: { table: public.contacts, key: id }';
const mood = { var: 'mood' };

let world: World | undefined;
let segmentd: Segmentd | undefined;
let workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  workers = [];
  await segmentd?.close();
  await world?.end();
});

async function begin(
  segments: Readonly<Record<string, unknown>>,
  tables = TABLES,
): Promise<{ readonly world: World; readonly segmentd: Segmentd }> {
  world = await createWorld({ tables, config: CONFIG });
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  segmentd = createSegmentd({ databaseUrl: world.database.url });
  for (const [key, condition] of Object.entries(segments)) await segmentd.segments.create({ key, condition });
  for (let n = 0; n < 2; n += 1) {
    const worker = createWorker({
      databaseUrl: world.database.url,
      pollInterval: 20,
      queue: null,
      exportFolder: world.folder,
    });
    workers.push(worker);
    await worker.start();
  }
  await segmentd.admin.wait();
  return { world, segmentd };
}

/** Epoch of the last build by segment. */
async function epochs(of: World): Promise<Readonly<Record<string, number>>> {
  const rows = await of.database.query<{ key: string; epoch: number }>(
    'select s.key, b.epoch from segmentd_internal.build b join segmentd.segment s on s.id = b.segment_id',
  );
  return Object.fromEntries(rows.map(({ key, epoch }) => [key, epoch]));
}

async function expectExact(of: Segmentd): Promise<void> {
  expect((await of.admin.verify()).filter(({ missing, extra }) => missing.length + extra.length > 0)).toEqual([]);
}

/** Operators that read the text of a label, whatever labels there are. */
const TEXTS: Readonly<Record<string, unknown>> = {
  ieq: { ieq: [mood, 'happy'] },
  iin: { iin: [mood, ['happy', 'sad']] },
  starts: { starts_with: [mood, 'Hap'] },
  istarts: { istarts_with: [mood, 'hap'] },
  ends: { ends_with: [mood, 'py'] },
  contains: { in: ['app', mood] },
  icontains: { icontains: [mood, 'APP'] },
  domain: { ieq: [{ var: 'feeling' }, 'happy'] },
  against_text: { '==': [mood, { var: 'liked' }] },
  chained: { in_segment: ['ieq'] },
};
/** Operators that name a label, which must exist. */
const NAMED: Readonly<Record<string, unknown>> = {
  equal: { '==': [mood, 'Happy'] },
  unequal: { '!=': [mood, 'Happy'] },
  in_list: { in: [mood, ['Happy', 'Sad']] },
  listed: { has_any: [{ var: 'moods' }, ['Happy']] },
};

test('a renamed enum label rebuilds the segments that read it, and no others', async () => {
  const { world: own, segmentd: api } = await begin({ ...TEXTS, ...NAMED, other: { '>': [{ var: 'age' }, 3] } });
  const members = async (key: string): Promise<number> => (await api.admin.status(key))[0]?.members ?? -1;
  const stateOf = async (key: string): Promise<string | undefined> => (await api.admin.status(key))[0]?.state;
  expect([await members('ieq'), await members('iin'), await members('against_text')]).toEqual([4, 8, 4]);
  const before = await epochs(own);
  await own.database.query(`alter type public.mood rename value 'Happy' to 'Merry'`);
  await api.admin.wait({ timeout: 60_000 });
  await until(async () => (await Promise.all(Object.keys(NAMED).map(stateOf))).every((state) => state === 'invalid'));
  await expectExact(api);
  const now = Object.fromEntries(await Promise.all(Object.keys(TEXTS).map(async (key) => [key, await members(key)])));
  expect(now).toEqual({ ...Object.fromEntries(Object.keys(TEXTS).map((key) => [key, 0])), iin: 4 });
  expect((await epochs(own))['other']).toBe(before['other']);
  // Two labels change places.
  await own.database.query(
    `begin; alter type public.mood rename value 'Merry' to 'x'; alter type public.mood rename value 'Sad' to 'Happy'; alter type public.mood rename value 'x' to 'Sad'; commit`,
  );
  await api.admin.wait({ timeout: 60_000 });
  await until(async () => (await Promise.all(Object.keys(NAMED).map(stateOf))).every((state) => state === 'live'));
  await expectExact(api);
  expect([await members('equal'), await members('iin')]).toEqual([4, 8]);
  expect((await epochs(own))['other']).toBe(before['other']);
});

test.each([
  ['a collation is refreshed', `alter collation public.own refresh version`, 'named'],
  ["a column's collation is another", `alter table public.contacts alter column name type text collate "C"`, 'named'],
  [
    'a column gets a nondeterministic collation',
    `create collation public.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false); alter table public.contacts alter column name type text collate public.loose`,
    'named',
  ],
  ['an enum has a new label', `alter type public.mood add value 'Glad' before 'Happy'`, 'ieq'],
  ['a column leaves its domain', `alter table public.contacts alter column feeling type public.mood`, 'domain'],
])('%s: its readers are rebuilt and exact, and no other segment is built', async (_, change, reader) => {
  const { world: own, segmentd: api } = await begin({
    named: { '==': [{ var: 'name' }, 'name1'] },
    ieq: TEXTS['ieq'],
    domain: TEXTS['domain'],
    other: { '>': [{ var: 'age' }, 3] },
  });
  if (change.includes('refresh'))
    await own.database.query(`update pg_catalog.pg_collation set collversion = '1' where collname = 'own'`);
  await api.admin.wait({ timeout: 60_000 });
  const before = await epochs(own);
  await own.database.query(change);
  await own.database.query(
    `insert into public.contacts (id, country, mood, feeling, name, age) values (100, 'ES', 'Happy', 'Happy', 'name1', 1)`,
  );
  await api.admin.wait({ timeout: 60_000 });
  await expectExact(api);
  const after = await epochs(own);
  if (!change.includes('refresh')) expect(after[reader]).toBeGreaterThanOrEqual(before[reader] ?? 0);
  // A source that is rewritten is read anew by all; an enum or a collation is not.
  if (change.startsWith('alter type') || change.includes('refresh'))
    expect(Object.keys(after).filter((key) => after[key] !== before[key])).toContain(reader);
  if (change.startsWith('alter type') || change.includes('refresh')) expect(after['other']).toBe(before['other']);
});

test('another expression of a virtual column rebuilds the segments that read it', async ({ skip }) => {
  const major = await asAdmin(
    async (client) =>
      Number((await client.query<{ n: string }>(`select current_setting('server_version_num') as n`)).rows[0]?.n) /
      10_000,
  );
  skip(major < 18, 'virtual columns came with Postgres 18');
  const tables = `create table public.contacts (id bigint primary key, score int, points int generated always as (score * 2) virtual); insert into public.contacts select n, n from generate_series(1, 20) n`;
  const { world: own, segmentd: api } = await begin(
    { rich: { '>': [{ var: 'points' }, 20] }, plain: { '>': [{ var: 'score' }, 5] } },
    tables,
  );
  expect((await api.admin.status('rich'))[0]?.members).toBe(10);
  await own.database.query('alter table public.contacts alter column points set expression as (score * 4)');
  await api.admin.wait({ timeout: 60_000 });
  await expectExact(api);
  expect((await api.admin.status('rich'))[0]?.members).toBe(15);
});

/** Sizes by day, under the statements that write membership: they equal the log whatever the order of days and writers. */
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { param, render, sql } from '../../src/compile/fragment.ts';
import { writeDifference, writeEntered } from '../../src/membership/diff.ts';
import { WRONG_DAY } from '../support/count-log.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { random } from '../support/random.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.query(`begin; set local segmentd.worker = 'on';
    delete from segmentd.membership; delete from segmentd.membership_event; delete from segmentd_internal.member_count; delete from segmentd_internal.size_day;
    delete from segmentd.segment; delete from segmentd.segment_version;
    insert into segmentd.segment (id, key, condition, state, live_version, created_at) overriding system value
      values (1, 'one', 'true', 'live', 1, '2026-01-01'), (2, 'two', 'true', 'live', 1, '2026-01-01'); commit`);
});

const MOVE = render(
  writeDifference({
    rows: sql`select r.segment_id, r.contact_id::segmentd.contact_key, r.wanted, 'contact' as reason, 1 as version
      from unnest(${param('segments', 'int[]')}, ${param('contacts', 'bigint[]')}, ${param('wanted', 'boolean[]')}) as r(segment_id, contact_id, wanted)`,
  }),
);
const ENTER = render(
  writeEntered(
    sql`select 1 as segment_id, r.contact_id::segmentd.contact_key as contact_id from unnest(${param('contacts', 'bigint[]')}) as r(contact_id)`,
    { reason: sql`'edit'`, version: sql`1` },
  ),
);

interface Pair {
  readonly segment: number;
  readonly contact: number;
  readonly wanted: boolean;
}

async function move(client: pg.Pool | pg.PoolClient, at: string, pairs: readonly Pair[]): Promise<void> {
  await client.query(
    MOVE.text,
    MOVE.bind({
      at,
      segments: pairs.map((pair) => pair.segment),
      contacts: pairs.map((pair) => pair.contact),
      wanted: pairs.map((pair) => pair.wanted),
      dependent_of: [],
      dependent_reader: [],
    }),
  );
}

const wrongDays = (): Promise<unknown[]> => database.query(WRONG_DAY);

test.each([1, 2, 3])('random moves over weeks: each day and each instant has its size (seed %i)', async (seed) => {
  const choices = random(seed);
  const inside = new Set<string>();
  const pairs = Array.from({ length: 80 }, (_, n) => ({ segment: 1 + (n % 2), contact: n >> 1 }));
  const instants: string[] = ['2026-01-02T00:00:00Z'];
  let now = Date.UTC(2026, 0, 2, 12);
  for (let step = 0; step < 40; step += 1) {
    now += choices.below(20 * 3_600_000);
    // Some moves at the first instant of a day.
    if (choices.chance(0.2)) now = Math.ceil(now / 86_400_000) * 86_400_000;
    const at = new Date(now).toISOString();
    instants.push(at, new Date(now - 1).toISOString());
    await move(
      database.pool,
      at,
      choices.some(pairs, 1 + choices.below(30)).map(({ segment, contact }) => {
        const key = `${segment} ${contact}`;
        const wanted = !inside.delete(key);
        if (wanted) inside.add(key);
        return { segment, contact, wanted };
      }),
    );
    if (choices.chance(0.3)) await database.query('select segmentd_internal.fold_size_days(20)');
  }
  expect(await wrongDays()).toEqual([]);
  const wrong = await database.query(
    `select s.key, i.at, segmentd.size_at(s.key, i.at) as size, m.members
     from segmentd.segment s cross join unnest($1::timestamptz[]) as i(at)
     cross join lateral (select count(*) as members from segmentd.members_as_of(s.key, i.at)) m
     where segmentd.size_at(s.key, i.at) is distinct from m.members`,
    [instants],
  );
  expect(wrong).toEqual([]);
  const wrongSeries = await database.query(
    `select s.key, d.day::text, d.members, segmentd.size_at(s.key, (d.day + 1)::timestamp at time zone 'UTC' - interval '1 microsecond') as at_its_end
     from segmentd.segment s cross join lateral segmentd.size_series(s.key, null, '2026-03-01') d
     where d.members <> segmentd.size_at(s.key, (d.day + 1)::timestamp at time zone 'UTC' - interval '1 microsecond')
       or exists (select from segmentd.segment_size z where z.segment_key = s.key and z.day = d.day and (z.members, z.entries, z.exits) is distinct from (d.members, d.entries, d.exits))`,
  );
  expect(wrongSeries).toEqual([]);
  for (let folded = -1; folded !== 0;)
    folded = (await database.query<{ n: number }>('select segmentd_internal.fold_size_days(7) as n'))[0]?.n ?? 0;
  expect(await wrongDays()).toEqual([]);
  expect(
    await database.query(
      'select count(*)::int as rows, count(distinct (segment_id, day))::int as days, max(shard) as shard from segmentd_internal.size_day',
    ),
  ).toEqual([expect.objectContaining({ shard: -1 })]);
});

test('moves under a clock that was set back, and a first build, count on their own days', async () => {
  const pair = (contact: number, wanted: boolean): Pair => ({ segment: 1, contact, wanted });
  await move(database.pool, '2026-01-05T10:00:00Z', [pair(1, true), pair(2, true), pair(3, true)]);
  // The same contact, so the same row: its day begins and ends several times.
  await move(database.pool, '2026-01-03T10:00:00Z', [pair(1, false)]);
  await move(database.pool, '2026-01-05T11:00:00Z', [pair(1, true), pair(8, true)]);
  await move(database.pool, '2026-01-03T11:00:00Z', [pair(1, false)]);
  await database.pool.query(
    ENTER.text,
    ENTER.bind({ at: '2026-01-06T00:00:00Z', contacts: Array.from({ length: 300 }, (_, n) => 1000 + n) }),
  );
  await move(database.pool, '2026-01-05T12:00:00Z', [pair(1000, false)]);
  expect(await wrongDays()).toEqual([]);
  expect(
    await database.query(
      `select day::text, members::int, entries::int, exits::int from segmentd.segment_size where segment_key = 'one' order by day`,
    ),
  ).toEqual([
    { day: '2026-01-03', members: -2, entries: 0, exits: 2 },
    { day: '2026-01-05', members: 2, entries: 5, exits: 1 },
    { day: '2026-01-06', members: 302, entries: 300, exits: 0 },
  ]);
});

test('two drains that begin a day at once, in opposite orders of their segments, do not wait for each other', async () => {
  const [a = 0, b = 0] = (
    await database.query<{ c: number }>(
      'select min(c)::int as c from generate_series(1, 200) c group by segmentd_internal.shard(c::text) order by 1 limit 2',
    )
  ).map(({ c }) => c);
  for (const segment of [1, 2])
    for (const contact of [a, b])
      await move(database.pool, '2026-01-02T10:00:00Z', [{ segment, contact, wanted: true }]);
  const [first, second] = [await database.pool.connect(), await database.pool.connect()];
  try {
    for (const client of [first, second]) await client.query(`begin; set local lock_timeout = '2s'`);
    const leave = (segment: number, contact: number): Pair => ({ segment, contact, wanted: false });
    await move(first, '2026-01-03T00:00:00Z', [leave(1, a)]);
    await move(second, '2026-01-03T00:00:00Z', [leave(2, b)]);
    await move(first, '2026-01-03T00:00:01Z', [leave(2, a)]);
    await move(second, '2026-01-03T00:00:01Z', [leave(1, b)]);
    // Folding takes only rows that no session holds, and waits for none.
    expect(await database.query('select segmentd_internal.fold_size_days() as n')).toEqual([{ n: 0 }]);
    for (const client of [first, second]) await client.query('commit');
  } finally {
    first.release();
    second.release();
  }
  expect(await wrongDays()).toEqual([]);
  expect(await database.query('select segmentd_internal.fold_size_days() as n')).toEqual([{ n: 4 }]);
  expect(await wrongDays()).toEqual([]);
});

test('a day on which tens of thousands moved at one instant, twice', async () => {
  const many = Array.from({ length: 50_000 }, (_, n) => n);
  await database.pool.query(ENTER.text, ENTER.bind({ at: '2026-01-02T08:00:00Z', contacts: many }));
  await move(
    database.pool,
    '2026-01-02T16:00:00Z',
    many.map((contact) => ({ segment: 1, contact, wanted: contact < 10_000 })).filter(({ wanted }) => !wanted),
  );
  const { rows } = await database.pool.query<{ at: string; size: string }>(
    `select to_char(h.at at time zone 'UTC', 'HH24:MI') as at, segmentd.size_at('one', h.at) as size
     from unnest($1::timestamptz[]) with ordinality as h(at, n) order by n`,
    [['07:59', '08:00', '12:00', '15:59', '16:00', '23:59'].map((time) => `2026-01-02T${time}:00Z`)],
  );
  expect(rows.map(({ at, size }) => `${at} ${size}`)).toEqual([
    '07:59 0',
    '08:00 50000',
    '12:00 50000',
    '15:59 50000',
    '16:00 10000',
    '23:59 10000',
  ]);
});

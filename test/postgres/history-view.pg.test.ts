/** The views over membership and its log, on a history written by hand. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const at = (day: number): string => `2026-03-0${day} 12:00:00+00`;

/** Contact, kind, day. Contact 1 comes, goes and comes again; 2 stays; 3 left; 4 was there before the log begins. */
const EVENTS: readonly (readonly [number, 'entered' | 'left', number])[] = [
  [1, 'entered', 1], [2, 'entered', 1], [3, 'entered', 2], [1, 'left', 3], [3, 'left', 3], [4, 'left', 4], [1, 'entered', 5],
];

beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
  await database.query(`alter database ${database.name} set timezone = 'America/Havana'`); // days are in UTC all the same
  await database.query(`begin; set local segmentd.worker = 'on';
    insert into segmentd.segment (key, condition, state, live_version) values ('s', 'true', 'live', 1), ('new', 'true', 'building', null); commit`);
  for (const [contact, kind, day] of EVENTS) {
    await database.query(
      `insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
       select id, $1, $2, 'contact', 1, $3 from segmentd.segment where key = 's'`,
      [contact, kind, at(day)],
    );
  }
  await database.query(`insert into segmentd.membership (segment_id, contact_id, entered_at)
    select id, c, t::timestamptz from segmentd.segment cross join (values (1, '${at(5)}'), (2, '${at(1)}')) as v(c, t) where key = 's'`);
  await database.query(`insert into segmentd.member_count (segment_id, shard, members) select id, shard, 1 from segmentd.segment cross join (values (3), (9)) as v(shard) where key = 's'`);
  await database.query(`update segmentd.installation set fresh_as_of = '${at(6)}'`);
});
afterAll(() => database.drop());

test('periods: one row each time somebody was in', async () => {
  const rows = await database.query<{ contact_id: string; entered: string | null; gone: string | null }>(
    `select contact_id, extract(day from entered_at at time zone 'UTC')::int as entered, extract(day from left_at at time zone 'UTC')::int as gone
     from segmentd.membership_period where segment_key = 's' order by contact_id, entered_at nulls first`,
  );
  expect(rows.map((row) => [Number(row.contact_id), row.entered, row.gone])).toEqual([[1, 1, 3], [1, 5, null], [2, 1, null], [3, 2, 3], [4, null, 4]]);
});

test.each([
  ['2026-02-01 00:00:00+00', [4]],
  [at(1), [1, 2, 4]],
  ['2026-03-01 11:59:59.999999+00', [4]],
  [at(2), [1, 2, 3, 4]],
  [at(3), [2, 4]],
  [at(4), [2]],
  [at(5), [1, 2]],
  ['infinity', [1, 2]],
])('members as of %s', async (instant, members) => {
  const rows = await database.query<{ c: string }>(`select m.contact_id as c from segmentd.members_as_of('s', $1) as m order by c`, [instant]);
  expect(rows.map((row) => Number(row.c))).toEqual(members);
});

test('a key of no segment is an error, not an empty segment; nothing of nothing is nobody', async () => {
  const asOf = (key: string | null, instant: string | null) => database.query('select contact_id from segmentd.members_as_of($1, $2)', [key, instant]);
  for (const instant of [at(2), 'infinity', '-infinity']) {
    await expect(asOf('S', instant), instant).rejects.toMatchObject({ code: 'P0002', message: 'there is no segment "S"', hint: 'Keys are in segmentd.segment; capitals count.' });
  }
  await expect(database.query(`select count(*) from segmentd.members_as_of('it''s', now())`)).rejects.toMatchObject({ code: 'P0002' });
  expect(await asOf(null, at(2))).toEqual([]);
  expect(await asOf('s', null)).toEqual([]);
  expect(await asOf('new', at(2))).toEqual([]);
});

test('size by day counts back from what is true now', async () => {
  const rows = await database.query(`select day::text, members::int, entries::int, exits::int from segmentd.segment_size where segment_key = 's' order by day`);
  expect(rows).toEqual([
    { day: '2026-03-01', members: 3, entries: 2, exits: 0 },
    { day: '2026-03-02', members: 4, entries: 1, exits: 0 },
    { day: '2026-03-03', members: 2, entries: 0, exits: 2 },
    { day: '2026-03-04', members: 1, entries: 0, exits: 1 },
    { day: '2026-03-05', members: 2, entries: 1, exits: 0 },
  ]);
});

test('status: the count, the freshness, a build on its way', async () => {
  await database.query(`insert into segmentd.build (segment_id, phase, done, total) select id, 'staging', 1, 3 from segmentd.segment where key = 'new'`);
  const rows = await database.query(`select key, state, members::int, fresh_as_of = '${at(6)}' as fresh, version, live_version, progress from segmentd.segment_status order by key`);
  expect(rows).toEqual([
    { key: 'new', state: 'building', members: 0, fresh: null, version: 1, live_version: null, progress: '0.3333' },
    { key: 's', state: 'live', members: 2, fresh: true, version: 1, live_version: 1, progress: null },
  ]);
  await database.query(`begin; set local segmentd.worker = 'on'; update segmentd.segment set state = 'invalid', frozen_at = '${at(2)}' where key = 's'; commit`);
  expect(await database.query(`select fresh_as_of = '${at(2)}' as fresh from segmentd.segment_status where key = 's'`)).toEqual([{ fresh: true }]);
});

test('member: who is in now', async () => {
  const rows = await database.query(`select segment_key, segment_name, contact_id::int from segmentd.member order by contact_id`);
  expect(rows).toEqual([
    { segment_key: 's', segment_name: 's', contact_id: 1 },
    { segment_key: 's', segment_name: 's', contact_id: 2 },
  ]);
});

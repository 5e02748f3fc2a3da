/** The views over membership and its log, on a history that the test writes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COUNT_LOG } from '../support/count-log.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const at = (day: number): string => `2026-03-0${day} 12:00:00+00`;

/** Contact, kind, day. Contact 1 comes, goes and comes again; 2 stays; 3 left; 4 was there before the log begins. */
const EVENTS: readonly (readonly [number, 'entered' | 'left', number])[] = [
  [1, 'entered', 1],
  [2, 'entered', 1],
  [3, 'entered', 2],
  [1, 'left', 3],
  [3, 'left', 3],
  [4, 'left', 4],
  [1, 'entered', 5],
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
  await database.query(COUNT_LOG);
  await database.query(`update segmentd_internal.installation set rows_as_of = '${at(6)}', time_as_of = '${at(6)}'`);
});
afterAll(() => database.drop());

test('membership_period has one row each time a contact was a member', async () => {
  const rows = await database.query<{ contact_id: string; entered: string | null; exited: string | null }>(
    `select contact_id, extract(day from entered_at at time zone 'UTC')::int as entered, extract(day from left_at at time zone 'UTC')::int as exited
     from segmentd.membership_period where segment_key = 's' order by contact_id, entered_at nulls first`,
  );
  expect(rows.map((row) => [Number(row.contact_id), row.entered, row.exited])).toEqual([
    [1, 1, 3],
    [1, 5, null],
    [2, 1, null],
    [3, 2, 3],
    [4, null, 4],
  ]);
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
  const rows = await database.query<{ c: string }>(
    `select m.contact_id as c from segmentd.members_as_of('s', $1) as m order by c`,
    [instant],
  );
  expect(rows.map((row) => Number(row.c))).toEqual(members);
  expect(await database.query(`select segmentd.size_at('s', $1)::int as size`, [instant])).toEqual([
    { size: members.length },
  ]);
});

test('members_as_of raises an error for a key of no segment, and returns no rows for null', async () => {
  const asOf = (key: string | null, instant: string | null) =>
    database.query('select contact_id from segmentd.members_as_of($1, $2)', [key, instant]);
  const sizeAt = (key: string | null, instant: string | null) =>
    database.query('select segmentd.size_at($1, $2) as size', [key, instant]);
  const absent = {
    code: 'P0002',
    message: 'there is no segment "S"',
    hint: 'The keys are in segmentd.segment; upper and lower case differ.',
  };
  for (const instant of [at(2), 'infinity', '-infinity']) {
    await expect(asOf('S', instant), instant).rejects.toMatchObject(absent);
    await expect(sizeAt('S', instant), instant).rejects.toMatchObject(absent);
  }
  await expect(database.query(`select from segmentd.size_series('S')`)).rejects.toMatchObject(absent);
  expect(await sizeAt(null, at(2))).toEqual([{ size: null }]);
  expect(await sizeAt('s', null)).toEqual([{ size: null }]);
  expect(await database.query(`select from segmentd.size_series(null)`)).toEqual([]);
  await expect(database.query(`select count(*) from segmentd.members_as_of('it''s', now())`)).rejects.toMatchObject({
    code: 'P0002',
  });
  expect(await asOf(null, at(2))).toEqual([]);
  expect(await asOf('s', null)).toEqual([]);
  expect(await asOf('new', at(2))).toEqual([]);
});

test('size by day counts back from what is true now', async () => {
  const rows = await database.query(
    `select day::text, members::int, entries::int, exits::int from segmentd.segment_size where segment_key = 's' order by day`,
  );
  expect(rows).toEqual([
    { day: '2026-03-01', members: 3, entries: 2, exits: 0 },
    { day: '2026-03-02', members: 4, entries: 1, exits: 0 },
    { day: '2026-03-03', members: 2, entries: 0, exits: 2 },
    { day: '2026-03-04', members: 1, entries: 0, exits: 1 },
    { day: '2026-03-05', members: 2, entries: 1, exits: 0 },
  ]);
});

test('a series has each day, also those without a change and those before the first', async () => {
  await database.query(
    `begin; set local segmentd.worker = 'on'; update segmentd.segment set created_at = '2026-02-27 10:00+00' where key = 's'; commit`,
  );
  const series = async (...days: (string | null)[]) =>
    (
      await database.query<{ day: string; members: number; entries: number; exits: number }>(
        `select day::text, members::int, entries::int, exits::int from segmentd.size_series('s', $1, $2)`,
        [days[0] ?? null, days[1] ?? null],
      )
    ).map(({ day, members, entries, exits }) => `${day} ${members} ${entries} ${exits}`);
  expect(await series('2026-02-20', '2026-03-02')).toEqual([
    '2026-02-27 1 0 0',
    '2026-02-28 1 0 0',
    '2026-03-01 3 2 0',
    '2026-03-02 4 1 0',
  ]);
  expect(await series('2026-03-04', '2026-03-07')).toEqual([
    '2026-03-04 1 0 1',
    '2026-03-05 2 1 0',
    '2026-03-06 2 0 0',
    '2026-03-07 2 0 0',
  ]);
  expect(await series('2026-03-02', '2026-03-01')).toEqual([]);
  const all = await series();
  const [{ today } = { today: '' }] = await database.query<{ today: string }>(
    `select (clock_timestamp() at time zone 'UTC')::date::text as today`,
  );
  expect(all.at(0)).toBe('2026-02-27 1 0 0');
  expect(all.at(-1)).toBe(`${today} 2 0 0`);
  expect(new Set(all).size, 'no day twice').toBe(all.length);
  expect(await series('2999-01-01')).toEqual([]);
});

test('status: the count, the freshness, a build on its way', async () => {
  await database.query(
    `insert into segmentd_internal.build (segment_id, phase, done, total) select id, 'staging', 1, 3 from segmentd.segment where key = 'new'`,
  );
  const rows = await database.query(
    `select key, state, members::int, fresh_as_of = '${at(6)}' as fresh, version, live_version, progress from segmentd.segment_status order by key`,
  );
  expect(rows).toEqual([
    { key: 'new', state: 'building', members: 0, fresh: null, version: 1, live_version: null, progress: '0.3333' },
    { key: 's', state: 'live', members: 2, fresh: true, version: 1, live_version: 1, progress: null },
  ]);
  await database.query(
    `begin; set local segmentd.worker = 'on'; update segmentd.segment set state = 'invalid', frozen_at = '${at(2)}' where key = 's'; commit`,
  );
  expect(
    await database.query(`select fresh_as_of = '${at(2)}' as fresh from segmentd.segment_status where key = 's'`),
  ).toEqual([{ fresh: true }]);
  await database.query(
    `begin; set local segmentd.worker = 'on'; update segmentd.segment set state = 'live', frozen_at = null where key = 's'; commit`,
  );
});

test('status: windows that are late make their own segment and its readers late, and no other segment', async () => {
  await database.query(`begin; set local segmentd.worker = 'on';
    insert into segmentd.segment (key, condition, state, live_version) values
      ('window', 'true', 'live', 1), ('reader', '{"!": [{"in_segment": ["window"]}]}', 'live', 1), ('above', '{"in_segment": ["reader"]}', 'live', 1), ('prompt', 'true', 'live', 1);
    insert into segmentd_internal.source (key, schema_name, table_name, link_column, link_type, kind) values ('k', 'public', 'contacts', 'id', 'bigint', 'contact');
    insert into segmentd_internal.edge (key, source, definition, watermark, as_of)
      select e.key, so.id, '{}', '${at(1)}', e.as_of::timestamptz from segmentd_internal.source so, (values ('late', '${at(4)}'), ('soon', null)) as e(key, as_of);
    insert into segmentd_internal.segment_edge (segment_id, version, edge_id)
      select s.id, 1, e.id from segmentd.segment s join segmentd_internal.edge e on (s.key, e.key) in (('window', 'late'), ('prompt', 'soon')); commit`);
  const days = () =>
    database.query<{ key: string; days: (number | null)[] }>(`
      select key, array(select extract(day from x at time zone 'UTC')::int from unnest(array[rows_as_of, time_as_of, fresh_as_of]) with ordinality as u(x, n) order by n) as days
      from segmentd.segment_status where key <> 'new' order by key`);
  const late = [6, 4, 4];
  expect(await days()).toEqual([
    { key: 'above', days: late },
    { key: 'prompt', days: [6, 6, 6] },
    { key: 'reader', days: late },
    { key: 's', days: [6, 6, 6] },
    { key: 'window', days: late },
  ]);
  // Sweeps fail for all: a segment without windows, which reads no segment that may have some, is not delayed.
  await database.query(`update segmentd_internal.installation set time_as_of = '${at(3)}'`);
  const failing = [6, 3, 3];
  expect(await days()).toEqual([
    { key: 'above', days: failing },
    { key: 'prompt', days: failing },
    { key: 'reader', days: failing },
    { key: 's', days: [6, 6, 6] },
    { key: 'window', days: failing },
  ]);
  await database.query(`update segmentd_internal.installation set time_as_of = null`);
  expect((await days()).map((row) => row.days[2])).toEqual([null, null, null, 6, null]);
  await database.query(
    `begin; set local segmentd.worker = 'on'; delete from segmentd_internal.segment_edge; delete from segmentd.segment where key not in ('s', 'new'); delete from segmentd.segment_version v where not exists (select from segmentd.segment s where s.id = v.segment_id); commit`,
  );
});

test('status: a rebuild that is owed for what has happened holds its segment and its readers back, a rebuild that a caller asked for does not', async () => {
  await database.query(`update segmentd_internal.installation set rows_as_of = '${at(4)}', time_as_of = '${at(6)}'`);
  await database.query(`begin; set local segmentd.worker = 'on';
    insert into segmentd.segment (key, condition, state, live_version) values ('reader', '{"in_segment": ["s"]}', 'live', 1), ('asked', 'true', 'live', 1);
    insert into segmentd_internal.rebuild_request (segment_id, reason) select s.id, case s.key when 's' then 'contact' else 'repair' end from segmentd.segment s where s.key in ('s', 'asked'); commit`);
  await database.query(`update segmentd_internal.installation set rows_as_of = '${at(6)}'`);
  const days = () =>
    database.query(
      `select key, extract(day from fresh_as_of at time zone 'UTC')::int as day, stale from segmentd.segment_status where key <> 'new' order by key`,
    );
  const held = [
    { key: 'asked', day: 6, stale: [] },
    { key: 'reader', day: 4, stale: [] },
    { key: 's', day: 4, stale: [] },
  ];
  expect(await days()).toEqual(held);
  // Taken over by a build, until that is done.
  await database.query(`with taken as (delete from segmentd_internal.rebuild_request returning *)
    insert into segmentd_internal.build (segment_id, phase, as_of) select t.segment_id, 'staging', t.as_of from taken t where t.reason = 'contact'`);
  expect(await days()).toEqual(held);
  await database.query(`update segmentd_internal.build set phase = 'done' where as_of is not null`);
  expect(await days()).toEqual(held.map((row) => ({ ...row, day: 6 })));
  await database.query(
    `begin; set local segmentd.worker = 'on'; delete from segmentd.segment where key in ('reader', 'asked'); delete from segmentd.segment_version v where not exists (select from segmentd.segment s where s.id = v.segment_id); commit`,
  );
});

test('member_event has the key of the segment', async () => {
  const rows = await database.query(
    `select segment_key, segment_name, contact_id::int as contact, kind, reason, version, extract(day from at at time zone 'UTC')::int as day
     from segmentd.member_event where contact_id = 1 order by id`,
  );
  expect(rows).toEqual(
    [
      ['entered', 1],
      ['left', 3],
      ['entered', 5],
    ].map(([kind, day]) => ({
      segment_key: 's',
      segment_name: 's',
      contact: 1,
      kind,
      reason: 'contact',
      version: 1,
      day,
    })),
  );
});

test('member: who is in now', async () => {
  const rows = await database.query(
    `select segment_key, segment_name, contact_id::int from segmentd.member order by contact_id`,
  );
  expect(rows).toEqual([
    { segment_key: 's', segment_name: 's', contact_id: 1 },
    { segment_key: 's', segment_name: 's', contact_id: 2 },
  ]);
});

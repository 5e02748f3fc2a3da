/** The event log by months: partitions appear by themselves, and what is too old goes without as-of ever being wrong. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
  await database.query(
    `begin; set local segmentd.worker = 'on'; insert into segmentd.segment (key, condition, state, live_version) values ('s', 'true', 'live', 1); commit`,
  );
  // those of the day on which the test runs
  await database.query(`do $$ declare p regclass; begin
    for p in select inhrelid::regclass from pg_inherits where inhparent = 'segmentd.membership_event'::regclass and inhrelid <> 'segmentd_internal.membership_event_rest'::regclass
    loop execute format('drop table %s', p); end loop; end $$`);
});
afterAll(() => database.drop());

const clock = (at: string) =>
  database.query(
    `create or replace function segmentd_internal.clock() returns timestamptz language sql volatile return '${at}'::timestamptz`,
  );
const event = (contact: number, kind: string, at: string) =>
  database.query(
    `insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at) select id, $1, $2, 'contact', 1, $3 from segmentd.segment`,
    [contact, kind, at],
  );
const open = async (at: string) =>
  (
    await database.query<{ name: string }>('select name from segmentd_internal.open_event_months($1) as name', [at])
  ).map(({ name }) => name);
const prune = async (months: number) =>
  (await database.query('select dropped, deleted from segmentd_internal.prune_events($1)', [months]))[0];
const asOf = async (at: string) =>
  (
    await database.query<{ c: string }>(
      `select m.contact_id as c from segmentd.members_as_of('s', $1) as m order by c`,
      [at],
    )
  ).map(({ c }) => Number(c));
const kept = async () =>
  (await database.query<{ n: number }>('select count(*)::int as n from segmentd.membership_event'))[0]?.n;

test('the month of an instant and the next get partitions, once', async () => {
  expect(await open('2030-01-31 23:30:00+00')).toEqual(['membership_event_203001', 'membership_event_203002']);
  expect(await open('2030-02-01 00:30:00+00')).toEqual(['membership_event_203003']);
  expect(await open('2030-02-01 00:30:00+00')).toEqual([]);
});

test('events land in their month, by UTC, and elsewhere in the rest; a month that began in the rest stays there', async () => {
  await event(1, 'entered', '2030-01-31 23:59:59.999999+00');
  await event(2, 'entered', '2030-02-01 00:00:00+00');
  await event(3, 'entered', '2029-11-05 00:00:00+00');
  const rows = await database.query(
    `select contact_id::int as contact, c.relname as part from segmentd.membership_event e join pg_class c on c.oid = e.tableoid order by 1`,
  );
  expect(rows).toEqual([
    { contact: 1, part: 'membership_event_203001' },
    { contact: 2, part: 'membership_event_203002' },
    { contact: 3, part: 'membership_event_rest' },
  ]);
  expect(await open('2029-11-01 00:00:00+00')).toEqual(['membership_event_202912']);
});

test('pruning is announced first and keeps as-of right within the retention', async () => {
  await database.query('delete from segmentd.membership_event');
  for (const [contact, kind, at] of [
    [1, 'entered', '2029-11-05'],
    [2, 'entered', '2029-11-06'],
    [3, 'entered', '2030-01-10'],
    [2, 'left', '2030-02-10'],
    [1, 'left', '2030-03-02'],
    [1, 'entered', '2030-03-03'],
  ] as const)
    await event(contact, kind, `${at} 12:00:00+00`);
  await database.query(`insert into segmentd.membership (segment_id, contact_id, entered_at)
    select id, c, t::timestamptz from segmentd.segment cross join (values (1, '2030-03-03 12:00:00+00'), (3, '2030-01-10 12:00:00+00')) as v(c, t)`);
  await clock('2030-03-20 00:00:00+00');

  expect(await asOf('2029-12-01')).toEqual([1, 2]);
  expect(await prune(2)).toEqual({ dropped: 0, deleted: 0 });
  expect(await kept(), 'announced, nothing pruned').toBe(6);
  await expect(asOf('2029-12-31 23:59:59+00')).rejects.toMatchObject({
    code: '55000',
    message: 'the history is kept since 2030-01-01',
  });
  const within = [
    '2030-01-01 00:00:00+00',
    '2030-01-31 00:00:00+00',
    '2030-02-20 00:00:00+00',
    '2030-03-02 18:00:00+00',
    '2030-03-19 00:00:00+00',
  ];
  const before = await Promise.all(within.map(asOf));
  expect(before).toEqual([[1, 2], [1, 2, 3], [1, 3], [3], [1, 3]]);

  expect(await prune(2)).toEqual({ dropped: 1, deleted: 2 });
  expect(await kept()).toBe(4);
  expect(await Promise.all(within.map(asOf))).toEqual(before);
  expect(await prune(2)).toEqual({ dropped: 0, deleted: 0 });

  await clock('2030-04-02 00:00:00+00');
  await prune(2);
  expect(await prune(2)).toEqual({ dropped: 1, deleted: 0 });
  expect(await Promise.all(within.slice(2).map(asOf))).toEqual(before.slice(2));
  expect(
    await database.query(`select to_regclass('segmentd_internal.membership_event_203001') is null as dropped`),
  ).toEqual([{ dropped: true }]);
});

test('a month is not made or dropped at the cost of those who write: a lock that is busy is left for later', async () => {
  const reader = await database.pool.connect();
  await reader.query('begin; select count(*) from segmentd.membership_event');
  const other = await database.pool.connect();
  try {
    await other.query(`begin; set local lock_timeout = '50ms'`);
    expect((await other.query(`select segmentd_internal.open_event_months('2031-05-01 00:00:00+00')`)).rows).toEqual(
      [],
    );
    await other.query('commit');
  } finally {
    await reader.query('rollback');
    reader.release();
    other.release();
  }
  expect(await open('2031-05-01 00:00:00+00')).toEqual(['membership_event_203105', 'membership_event_203106']);
});

/** Retention of the event log and of the record of exports: months exist before they begin, old ones are pruned, no session waits for it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pruneRuns } from '../../src/export/prune-runs.ts';
import { pruneEvents } from '../../src/feed/event-retention.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
});
afterAll(() => database.drop());

const clock = (at: string) =>
  database.query(
    `create or replace function segmentd_internal.clock() returns timestamptz language sql volatile return '${at}'::timestamptz`,
  );
const months = async () =>
  (
    await database.query<{
      month: string;
    }>(`select right(c.relname, 6) as month from pg_inherits h join pg_class c on c.oid = h.inhrelid
  where h.inhparent = 'segmentd.membership_event'::regclass and c.relname ~ '_2[0-9]{5}$' and c.relname < 'membership_event_2026' order by 1`)
  ).map(({ month }) => month);
const event = (at: string) =>
  database.query(
    `insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at) values (1, 1, 'entered', 'contact', 1, $1)`,
    [at],
  );

test('months of events are created and dropped one at a time; 0 keeps all', async () => {
  await clock('2020-01-15 00:00:00+00');
  await pruneEvents(database.pool, 0);
  expect(await months()).toEqual(['202001', '202002']);
  await event('2020-01-15 00:00:00+00');
  await clock('2020-04-01 00:00:00+00');
  await pruneEvents(database.pool, 0);
  await pruneEvents(database.pool, 0);
  expect(await months()).toEqual(['202001', '202002', '202004', '202005']);
  await pruneEvents(database.pool, 1);
  expect(await months(), 'the first look says from when on the log is whole').toEqual([
    '202001',
    '202002',
    '202004',
    '202005',
  ]);
  await pruneEvents(database.pool, 1);
  expect(await months()).toEqual(['202004', '202005']);
});

test('old events outside of the months are deleted in batches', async () => {
  await database.query(
    `insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at) select 1, i, 'entered', 'contact', 1, '2019-06-01' from generate_series(1, 25000) i`,
  );
  await pruneEvents(database.pool, 1);
  expect(await database.query('select count(*)::int as n from segmentd.membership_event')).toEqual([{ n: 0 }]);
});

test('sizes by day are folded, and kept when their events are pruned', async () => {
  await database.query(`insert into segmentd_internal.size_day (segment_id, day, shard, entries, exits) values
    (9, '2019-06-01', 3, 5, 0), (9, '2019-06-01', 4, 2, 1), (9, '2019-06-02', 3, 0, 1), (9, '2019-06-01', -1, 1, 0)`);
  for (const months of [0, 1]) {
    await pruneEvents(database.pool, months);
    expect(
      await database.query(
        `select day::text, shard, entries::int, exits::int from segmentd_internal.size_day where segment_id = 9 order by day`,
      ),
    ).toEqual([
      { day: '2019-06-01', shard: -1, entries: 8, exits: 1 },
      { day: '2019-06-02', shard: -1, entries: 0, exits: 1 },
    ]);
  }
});

test('a session that reads the event log keeps a month until the next prune', async () => {
  await clock('2020-08-01 00:00:00+00');
  await pruneEvents(database.pool, 1);
  const reader = await database.pool.connect();
  await reader.query('begin; select count(*) from segmentd.membership_event');
  await pruneEvents(database.pool, 1);
  await reader.query('rollback');
  reader.release();
  expect(await months()).toContain('202004');
  await pruneEvents(database.pool, 1);
  expect(await months()).not.toContain('202004');
});

test('pruneRuns removes exports that ended long ago, except for the last run of each schedule', async () => {
  await database.query(
    `insert into segmentd_internal.schedule (id, segment_id, cron, timezone) overriding system value values (7, 1, '@daily', 'UTC')`,
  );
  const old = `clock_timestamp() - interval '91 days'`;
  await database.query(`insert into segmentd_internal.export_run (segment_id, schedule_id, state, error, finished_at) values
    (1, null, 'done', 'old', ${old}), (1, null, 'failed', 'young', clock_timestamp() - interval '89 days'), (1, null, 'running', 'under way', null),
    (1, 7, 'done', 'old of the schedule', ${old}), (1, 7, 'failed', 'last of the schedule', ${old}), (1, 8, 'done', 'of a schedule that was removed', ${old})`);
  await database.query(
    `insert into segmentd_internal.export_run (segment_id, state, error, finished_at) select 1, 'done', 'many', ${old} from generate_series(1, 20001)`,
  );
  await pruneRuns(database.pool);
  expect(await database.query('select r.error from segmentd_internal.export_run r order by r.id')).toEqual([
    { error: 'young' },
    { error: 'under way' },
    { error: 'last of the schedule' },
  ]);
});

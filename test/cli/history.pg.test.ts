/** The past of a segment and what two share, as a new user asks for them. The test writes the log, on days of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { sparkline } from '../../src/cli/sparkline.ts';
import { COUNT_LOG } from '../support/count-log.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  const { pool } = world.database;
  await pool.query(
    `create or replace function segmentd_internal.clock() returns timestamptz language sql volatile return '2026-03-06 09:00:00+00'::timestamptz`,
  );
  await pool.query(`begin; set local segmentd.worker = 'on';
    insert into segmentd.segment (key, condition, state, live_version, created_at) values
      ('s', 'true', 'live', 1, '2026-03-01 08:00:00+00'), ('t', 'true', 'live', 1, '2026-03-01 08:00:00+00'), ('empty', 'true', 'live', 1, '2026-03-05 08:00:00+00'); commit`);
  for (const [contact, kind, at] of [
    [1, 'entered', '2026-03-01 12:00'],
    [2, 'entered', '2026-03-01 12:00'],
    [3, 'entered', '2026-03-02 23:59:59.999999'],
    [1, 'left', '2026-03-03 12:00'],
    [10, 'entered', '2026-03-03 00:00'],
    [3, 'left', '2026-03-05 01:00'],
  ] as const) {
    await pool.query(
      `insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at) select id, $1, $2, 'contact', 1, $3 from segmentd.segment where key = 's'`,
      [contact, kind, `${at}+00`],
    );
  }
  await pool.query(`insert into segmentd.membership (segment_id, contact_id, entered_at)
    select s.id, v.c, v.at::timestamptz from segmentd.segment s join (values ('s', 2, '2026-03-01 12:00+00'), ('s', 10, '2026-03-03 00:00+00'), ('t', 10, '2026-03-03 00:00+00'), ('t', 11, '2026-03-03 00:00+00'), ('t', 12, '2026-03-03 00:00+00')) as v(key, c, at) on v.key = s.key`);
  await pool.query(COUNT_LOG);
});
afterAll(() => world.end());

describe('history', () => {
  const day = (date: string, members: number, entered: number, left: number) => ({
    day: `2026-03-0${date}`,
    members,
    entered,
    left,
  });

  test('every day since the segment began, also the quiet ones', async () => {
    expect(await world.json('history', 's')).toEqual([
      day('1', 2, 2, 0),
      day('2', 3, 1, 0),
      day('3', 3, 1, 1),
      day('4', 3, 0, 0),
      day('5', 2, 0, 1),
      day('6', 2, 0, 0),
    ]);
    expect(await world.json('history', 's', '--days', '2')).toEqual([day('5', 2, 0, 1), day('6', 2, 0, 0)]);
    expect(await world.json('history', 'empty')).toEqual([day('5', 0, 0, 0), day('6', 0, 0, 0)]);
    expect(await world.ok('history', 's', '--days', '1')).toBe(
      'DAY         MEMBERS  ENTERED  LEFT\n2026-03-06        2        0     0\n',
    );
  });

  test('days of which the events were pruned keep their sizes, and days before sizes were kept are left out', async () => {
    const all = await world.json('history', 's');
    await world.database.query(`update segmentd_internal.installation set events_since = '2026-03-04 00:00:00+00'`);
    expect(await world.json('history', 's')).toEqual(all);
    await world.database.query(`update segmentd_internal.installation set sizes_since = '2026-03-04'`);
    expect(await world.json('history', 's')).toEqual([day('4', 3, 0, 0), day('5', 2, 0, 1), day('6', 2, 0, 0)]);
    await world.database.query('update segmentd_internal.installation set events_since = null, sizes_since = null');
  });

  test('a line of bars', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 80)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([100, 100, 100], 80)).toBe('▁▁▁');
    expect(sparkline([9, 0, 7], 2)).toBe('▁█');
    expect(sparkline([], 80)).toBe('');
  });
});

describe('as-of', () => {
  test.each([
    ['2026-03-01', []],
    ['2026-03-01T12:00:00Z', ['1', '2']],
    ['2026-03-02 23:59:59.999998+00', ['1', '2']],
    ['2026-03-03', ['1', '2', '3', '10']],
    ['2026-03-03T13:00:00+01:00', ['2', '3', '10']],
    ['2026-03-06T09:00:00Z', ['2', '10']],
  ])('%s', async (time, members) => {
    const stderr = members.length === 0 ? `s had no members at ${time}.\n` : '';
    expect(await world.run('as-of', 's', time)).toEqual({
      code: 0,
      stdout: members.map((one) => `${one}\n`).join(''),
      stderr,
    });
    expect(await world.json('as-of', 's', time)).toEqual(members.map((contact_id) => ({ contact_id })));
    expect(await world.json('as-of', 's', time, '--count')).toEqual({ key: 's', time, members: members.length });
  });

  test('a reader that stops early leaves nothing open', async () => {
    await world.database.query(
      `insert into segmentd.membership (segment_id, contact_id, entered_at) select id, i, '2026-03-05' from segmentd.segment cross join generate_series(100, 25000) i where key = 'empty'`,
    );
    await world.database.query(
      `insert into segmentd_internal.member_count (segment_id, shard, members, day) select id, 0, 24901, '2026-03-05' from segmentd.segment where key = 'empty'`,
    );
    await using segmentd = createSegmentd({ databaseUrl: world.database.url, poolSize: 2 });
    let seen = 0;
    for await (const page of segmentd.members.asOf('empty', '2026-03-06')) {
      seen += page.length;
      break;
    }
    expect(seen).toBe(10_000);
    for (let again = 0; again < 3; again += 1)
      for await (const page of segmentd.members.asOf('s', '2026-03-06')) seen += page.length;
    expect(seen).toBe(10_006);
    expect(await world.ok('as-of', 'empty', '2026-03-06', '--count')).toBe('24901\n');
  });

  test('of a deleted segment too', async () => {
    await world.database.query(
      `begin; set local segmentd.worker = 'on'; update segmentd.segment set state = 'deleted', wanted_state = 'deleted' where key = 't'; commit`,
    );
    expect(await world.ok('as-of', 't', '2026-03-04')).toBe('10\n11\n12\n');
    expect(await world.json('history', 't', '--days', '1')).toMatchObject([{ members: 3 }]);
    await world.database.query(
      `begin; set local segmentd.worker = 'on'; update segmentd.segment set state = 'live', wanted_state = 'live' where key = 't'; commit`,
    );
  });
});

describe('overlap', () => {
  test('counts', async () => {
    expect(await world.json('overlap', 's', 't')).toEqual({
      first: 's',
      second: 't',
      first_members: 2,
      second_members: 3,
      both: 1,
      only_first: 1,
      only_second: 2,
      similarity: 0.25,
    });
    expect(await world.json('overlap', 's', 's')).toMatchObject({ both: 2, only_first: 0, similarity: 1 });
    expect(await world.ok('overlap', 's', 't')).toBe(
      'SEGMENT  MEMBERS\ns              2  50 % are in t\nt              3  33 % are in s\nboth           1\nonly s         1\nonly t         2\n',
    );
  });
});

test.each([
  [['history', 'absent'], /^segmentd: There is no segment "absent"\.\n$/],
  [['history', 's', '--days', '0'], /^segmentd: The days must be a whole number from 1 to 36500\.\n$/],
  [['history', 's', '--days', 'x'], /It must be a whole number/],
  [['as-of', 'absent', '2026-03-01'], /^segmentd: There is no segment "absent"\.\n$/],
  [
    ['as-of', 's', 'whenever'],
    /^segmentd: "whenever" is not a time; write 2026-01-31, or 2026-01-31T12:00:00Z \(UTC where no zone is given\)\.\n$/,
  ],
  [['as-of', 's', '2026-02-30'], /is not a time/],
  [['as-of', 's', '2026-03-01 12:00 Madrid'], /is not a time/],
  [['as-of', 's', ''], /is not a time/],
  [
    ['as-of', 's', '2026-03-07', '--count'],
    /^segmentd: 2026-03-07 is in the future: its members are not known yet\.\n$/,
  ],
  [['as-of', 's'], /missing required argument/],
  [['overlap', 's', 'absent'], /^segmentd: There is no segment "absent"\.\n$/],
])('%j is refused', async (argv, said) => {
  const result = await world.run(...argv);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(said);
});

test('before the log begins the answer is an error', async () => {
  await world.database.query(`update segmentd_internal.installation set events_since = '2026-03-04 00:00:00+00'`);
  const said =
    'segmentd: The history is kept since 2026-03-04: the members before that are not known (see --event-months).\n';
  expect(await world.run('as-of', 's', '2026-03-02')).toMatchObject({ code: 2, stdout: '', stderr: said });
  expect(await world.run('as-of', 's', '2026-03-02', '--count')).toMatchObject({ code: 2, stderr: said });
});

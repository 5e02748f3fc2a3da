/** Schedules as a user types them; the worker runs as `run --once`. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from './cli-world.ts';

let world: World;
let folder: string;
const once = () => world.ok('run', '--once', '--export-folder', folder);
/** Lets time pass for the schedules: what was to come is due. */
const due = (id: number) =>
  world.database.pool.query(
    `update segmentd_internal.schedule set next_at = clock_timestamp() - interval '3 days' where id = $1`,
    [id],
  );

beforeAll(async () => {
  world = await createWorld();
  folder = await mkdtemp(join(tmpdir(), 'segmentd-schedule-'));
  await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  for (const argv of [['migrate'], ['install'], ['create', 'spain', '--condition', 'spain.json']])
    await world.ok(...argv);
  await once();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await world.end();
});

test('add, list', async () => {
  expect(
    await world.json(
      'schedule',
      'add',
      'spain',
      '--cron',
      '30 2 * * *',
      '--columns',
      'contact_id, email',
      '--gzip',
      '--folder',
      'crm/daily',
    ),
  ).toMatchObject({
    id: 1,
    key: 'spain',
    cron: '30 2 * * *',
    timezone: 'Europe/Madrid',
    format: 'csv',
    columns: ['contact_id', 'email'],
    gzip: true,
    folder: 'crm/daily',
    delta: null,
    next_at: expect.stringMatching(/T0[01]:30:00\.000000Z$/),
    last_run: null,
  });
  expect(
    await world.ok(
      'schedule',
      'add',
      'spain',
      '--cron',
      '@hourly',
      '--timezone',
      'UTC',
      '--delta',
      'crm',
      '--format',
      'ndjson',
      '--fresh',
    ),
  ).toMatch(
    /^schedule 2: next at \d{4}-.*:00:00\.000000Z; files in EXPORT_FOLDER, where EXPORT_FOLDER is --export-folder of the worker/,
  );
  const list = await world.ok('schedule', 'list');
  expect(list).toMatch(/^ID +SEGMENT +CRON +ZONE +WHAT +FILES IN /);
  expect(list).toMatch(/ EXPORT_FOLDER\/crm\/daily /);
  expect(await world.json('schedule', 'list', 'spain')).toHaveLength(2);
  await world.ok('create', 'other', '--kind', 'static');
  expect(await world.json('schedule', 'list', 'other')).toEqual([]);
  expect(await world.run('schedule', 'list', 'othr')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'segmentd: There is no segment "othr": did you mean `other`?\n',
  });
  expect(await world.run('schedule', 'runs')).toEqual({ code: 0, stdout: '', stderr: 'No schedule has run yet.\n' });
});

test('what is due is exported once, whatever was missed, and moves on', async () => {
  await once();
  expect(await readdir(folder)).toEqual([]);
  await due(1);
  await due(2);
  await once();
  await once();
  const runs = (await world.json('schedule', 'runs')) as Record<string, unknown>[];
  expect(runs).toMatchObject([
    { schedule: 2, state: 'done', attempt: 1, count: 2, error: null },
    { schedule: 1, state: 'done', count: 2 },
  ]);
  expect(runs[1]?.['file']).toMatch(new RegExp(`^${folder}/crm/daily/segment-1-.*\\.csv\\.gz$`));
  expect((await readdir(join(folder, 'crm/daily'))).length).toBe(2);
  const [first = ''] = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'));
  expect(first).toMatch(/^segment-1-delta-\d+-000001-/);
  expect((await readFile(join(folder, first), 'utf8')).split('\n')).toHaveLength(3);
  const listed = (await world.json('schedule', 'list')) as { next_at: string; last_run: unknown }[];
  for (const { next_at, last_run } of listed) {
    expect(Date.parse(next_at)).toBeGreaterThan(Date.now());
    expect(last_run).toMatchObject({ state: 'done' });
  }
});

test('a run on demand', async () => {
  expect(await world.ok('schedule', 'run', '2')).toMatch(/^run \d+ requested\n$/);
  const asked = (await world.json('schedule', 'run', '1')) as { run: string };
  const late = await world.run('schedule', 'run', '1', '--wait', '--timeout', '100ms');
  expect(late.code).toBe(1);
  expect(late.stderr).toMatch(/^segmentd: Run \d+ is waiting after 0\.1 s\. Is a worker running/);
  await once();
  expect(await world.json('schedule', 'runs', '1')).toContainEqual(
    expect.objectContaining({ id: asked.run, state: 'done', due_at: null }),
  );
});

test('edit changes what is given, pause and resume move the next run', async () => {
  const [before] = (await world.json('schedule', 'list', 'spain')) as Record<string, unknown>[];
  expect(await world.json('schedule', 'edit', '1', '--format', 'ndjson', '--no-gzip', '--fresh')).toEqual({
    ...before,
    format: 'ndjson',
    gzip: false,
    fresh: true,
  });
  expect(
    await world.ok('schedule', 'edit', '1', '--cron', '0 5 * * *', '--timezone', 'UTC', '--default-columns'),
  ).toMatch(/^schedule 1: next at \d{4}-\d\d-\d\dT05:00:00\.000000Z\n$/);
  expect(await world.json('schedule', 'edit', '2', '--no-delta', '--folder', 'all')).toMatchObject({
    delta: null,
    folder: 'all',
    cron: '@hourly',
    fresh: true,
  });
  expect(await world.json('schedule', 'edit', '2', '--delta', 'crm', '--folder', '')).toMatchObject({
    delta: 'crm',
    folder: '',
  });

  expect(await world.ok('schedule', 'pause', '1')).toBe('schedule 1: paused\n');
  expect(await world.json('schedule', 'list', 'spain')).toMatchObject([{ id: 1, paused: true, next_at: null }, {}]);
  expect(await world.ok('schedule', 'list')).toMatch(/^ +1 +spain .* paused /m);
  const runs = (await world.json('schedule', 'runs', '1')) as unknown[];
  await once();
  expect(await world.json('schedule', 'runs', '1')).toHaveLength(runs.length);
  expect(await world.ok('schedule', 'resume', '1')).toMatch(/^schedule 1: next at .*T05:00:00\.000000Z\n$/);
  expect(await world.json('schedule', 'list', 'spain')).toMatchObject([
    { id: 1, paused: false, next_at: expect.stringMatching(/T05:00:00/), columns: null },
    {},
  ]);
});

test.each<readonly [readonly string[], RegExp]>([
  [['edit', '1'], /^segmentd: Nothing to change: give --cron, /],
  [['edit', '99', '--gzip'], /There is no schedule 99/],
  [['pause', '99'], /There is no schedule 99/],
  [['resume', 'x'], /"x" is not a whole number above 0/],
  [['edit', '1', '--cron', 'soon'], /"soon" is not a cron expression/],
  [['edit', '1', '--columns', 'nope'], /There is no column "nope"/],
  [['edit', '1', '--columns', 'email', '--default-columns'], /cannot be used with/],
])('schedule %j is refused and changes nothing', async (argv, sentence) => {
  const before = await world.json('schedule', 'list');
  expect(await world.run('schedule', ...argv)).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(sentence),
  });
  expect(await world.json('schedule', 'list')).toEqual(before);
});

test('a failure is kept with its reason; what can never work is not tried again', async () => {
  await world.database.pool.query(
    `insert into segmentd_internal.schedule (segment_id, cron, timezone, columns, folder) select id, '@daily', 'UTC', '{nope}', '' from segmentd.segment where key = 'spain'`,
  );
  await world.database.pool.query(
    `insert into segmentd_internal.schedule (segment_id, cron, timezone, folder) select id, '@daily', 'UTC', '../../outside' from segmentd.segment where key = 'spain'`,
  );
  await world.database.pool.query(
    `insert into segmentd_internal.schedule (segment_id, cron, timezone) select id, 'soon', 'UTC' from segmentd.segment where key = 'spain'`,
  );
  await once();
  expect(await world.json('schedule', 'list')).toMatchObject([
    {},
    {},
    { id: 3, next_at: expect.any(String) },
    { id: 4 },
    { id: 5, next_at: null, error: expect.stringMatching(/^"soon" is not a cron expression/) },
  ]);
  await due(3);
  await due(4);
  await once();
  expect(await world.json('schedule', 'runs', '3')).toMatchObject([
    { state: 'failed', attempt: 1, error: 'There is no column "nope".' },
  ]);
  expect(await world.json('schedule', 'runs', '4')).toMatchObject([
    { state: 'failed', error: expect.stringContaining('cannot be the folder of a schedule') },
  ]);
  expect(await world.ok('schedule', 'list')).toContain('There is no column "nope".');
  const result = await world.run('schedule', 'run', '3');
  const id = /run (\d+) requested/.exec(result.stdout)?.[1] ?? '';
  await once();
  expect(await world.json('schedule', 'runs', '3', '--limit', '1')).toMatchObject([{ id, state: 'failed' }]);
});

test('fresh members of a segment that will not follow by itself: as they stand, and the manifest says so', async () => {
  const worker = (text: string) =>
    world.database.pool.query(`begin; set local segmentd.worker = 'on'; ${text}; commit`);
  const cases: readonly (readonly [state: string, standing: string, back: string])[] = [
    [
      'paused',
      `update segmentd.segment set wanted_state = 'paused' where key = 'still'`,
      `update segmentd.segment set wanted_state = 'live' where key = 'still'`,
    ],
    [
      'live',
      `update segmentd.segment set condition = '{"==":[{"var":"contry"},"ES"]}' where key = 'still'`,
      `update segmentd.segment set condition = '{"==":[{"var":"country"},"ES"]}' where key = 'still'`,
    ],
    [
      'held',
      `update segmentd.segment set condition = '{"==":[{"var":"country"},"PT"]}' where key = 'still'; update segmentd.segment_version v set state = 'held' from segmentd.segment s where s.id = v.segment_id and s.version = v.version and s.key = 'still'; update segmentd.segment set state = 'held' where key = 'still'`,
      `update segmentd.segment set confirmed_version = version where key = 'still'`,
    ],
  ];
  await world.ok('create', 'still', '--condition', 'spain.json');
  await once();
  await world.ok('schedule', 'add', 'still', '--cron', '@hourly', '--timezone', 'UTC', '--fresh');
  const [{ id = 0 } = {}] = (await world.json('schedule', 'list', 'still')) as { id?: number }[];
  for (const [state, standing, back] of cases) {
    await worker(standing);
    await once();
    await due(id);
    await once();
    expect(await world.json('schedule', 'runs', String(id), '--limit', '1'), state).toMatchObject([
      { state: 'done', attempt: 1, count: 2 },
    ]);
    const [run] = await world.database.query(
      `select r.manifest ->> 'state' as state, r.manifest ->> 'version' = s.live_version::text as live from segmentd_internal.export_run r join segmentd.segment s on s.id = r.segment_id order by r.id desc limit 1`,
    );
    expect(run).toEqual({ state, live: true });
    const manual = await world.run('export', 'still', '--fresh', '--to', 'still.csv');
    expect({ code: manual.code, stderr: manual.stderr }).toEqual({
      code: 0,
      stderr:
        state === 'live'
          ? ''
          : expect.stringMatching(
              new RegExp(
                `^still is ${state}: these are the members of version \\d as they stand; segmentd show still says why\\.\n`,
              ),
            ),
    });
    await worker(back);
    await once();
  }
  await world.ok('schedule', 'remove', String(id));
});

test('a schedule whose segment waits for another holds up no other schedule', async () => {
  await world.file('wrong.json', { '!': [{ in_segment: ['wrong'] }] });
  await world.database.pool.query(
    `insert into segmentd.segment (key, condition) values ('wrong', '{"==":[{"var":"contry"},"ES"]}')`,
  );
  await world.ok('create', 'waits', '--condition', 'wrong.json');
  await once();
  expect(await world.ok('show', 'waits')).toContain('waits waits for wrong, which was never built: it is invalid.');
  await world.ok('wait', '--timeout', '2s');
  await world.ok('wait', 'spain', '--timeout', '2s');
  expect(await world.run('wait', 'waits', '--timeout', '100ms')).toMatchObject({ code: 1 });
  await world.ok('delete', 'waits');
  await world.ok('delete', 'wrong');
  await once();
});

test('a segment that is exported is not deleted', async () => {
  expect(await world.run('delete', 'spain')).toMatchObject({
    code: 2,
    stderr: 'segmentd: spain is exported by schedule 1, 2, 3, 4, 5; remove those first.\n',
  });
  for (const id of ['1', '3', '4', '5'])
    expect(await world.ok('schedule', 'remove', id)).toBe(`schedule ${id} removed\n`);
  expect(await world.run('delete', 'spain')).toMatchObject({
    code: 2,
    stderr: 'segmentd: spain is exported by schedule 2; remove that first.\n',
  });
});

const add = ['schedule', 'add', 'spain', '--cron', '@daily'];
test.each([
  [['schedule', 'add', 'spain'], /required option '--cron <expression>' not specified/],
  [['schedule', 'add', 'absent', '--cron', '@daily'], /^segmentd: There is no segment "absent"\.\n$/],
  [
    ['schedule', 'add', 'spain', '--cron', '* * *'],
    /^segmentd: "\* \* \*" is not a cron expression: it has five fields/,
  ],
  [['schedule', 'add', 'spain', '--cron', '* * * * * *'], /is not a cron expression/],
  [
    ['schedule', 'add', 'spain', '--cron', '61 * * * *'],
    /^segmentd: "61 \* \* \* \*" is not a cron expression: Invalid value for minute: 61\.\n$/,
  ],
  [['schedule', 'add', 'spain', '--cron', '0 0 30 2 *'], /^segmentd: "0 0 30 2 \*" never comes\.\n$/],
  [['schedule', 'add', 'spain', '--cron', '2024-01-01T00:00:00'], /is not a cron expression/],
  [['schedule', 'add', 'spain', '--cron', '@never'], /is not a cron expression/],
  [[...add, '--timezone', 'Mars/Base'], /^segmentd: "Mars\/Base" is not a time zone/],
  [[...add, '--timezone', '+02'], /is not a time zone/],
  [[...add, '--columns', 'emial'], /did you mean `email`/],
  [[...add, '--columns', 'change'], /There is no column "change"/],
  [[...add, '--delta', 'x', '--columns', 'entered_at'], /There is no column "entered_at"/],
  [[...add, '--folder', '../x'], /^segmentd: "\.\.\/x" cannot be the folder of a schedule/],
  [[...add, '--folder', '/etc'], /cannot be the folder/],
  [[...add, '--format', 'parquet', '--gzip'], /Parquet is compressed already/],
  [[...add, '--passing'], /Only a delta/],
  [[...add, '--delta', ''], /The name of a delta/],
  [['schedule', 'run', '99'], /^segmentd: There is no schedule 99; segmentd schedule list shows all\.\n$/],
  [['schedule', 'run', 'x'], /^segmentd: "x" is not a whole number above 0\.\n$/],
  [['schedule', 'remove', '99'], /^segmentd: There is no schedule 99/],
  [['schedule', 'remove', '99999999999'], /is not a whole number/],
  [['schedule', 'runs', '--limit', '0'], /is not a whole number/],
])('%j is refused', async (argv, sentence) => {
  const result = await world.run(...argv);
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(sentence);
});

/** Versions, what changed between them, the ways back, and which segment reads which; tried as a new user would. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  await world.file('iberia.json', { in: [{ var: 'country' }, ['ES', 'PT']] });
  await world.file('grown.json', { and: [{ in: [{ var: 'country' }, ['ES', 'PT']] }, { '>=': [{ var: 'age' }, 30] }] });
  await world.file('inside.json', { in_segment: ['spain'] });
  await world.file('deeper.json', { in_segment: ['inside'] });
  await world.ok('migrate');
  await world.ok('install');
  await world.ok('create', 'spain', '--condition', 'spain.json');
  await world.ok('run', '--once');
});
afterAll(() => world.end());

async function refused(...argv: string[]): Promise<string> {
  const result = await world.run(...argv);
  expect({ code: result.code, stdout: result.stdout }, argv.join(' ')).toEqual({ code: 2, stdout: '' });
  expect(result.stderr.trim().split('\n').length, 'one sentence').toBe(1);
  return result.stderr;
}

test('versions with who and when, and what each changed', async () => {
  await world.ok('edit', 'spain', '--condition', 'iberia.json');
  await world.ok('run', '--once');
  await world.ok('edit', 'spain', '--condition', 'grown.json', '--timezone', 'Asia/Kolkata');
  expect(await world.json('versions', 'spain')).toMatchObject([
    {
      version: 3,
      state: 'proposed',
      live: false,
      wanted: true,
      changes: ['+ Age is at least 30', 'timezone: Europe/Madrid → Asia/Kolkata'],
      created_by: expect.stringMatching(/./),
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    },
    {
      version: 2,
      state: 'accepted',
      live: true,
      wanted: false,
      changes: ['- Country is ES', '+ Country is ES or PT'],
    },
    { version: 1, state: 'accepted', live: false, wanted: false, changes: [] },
  ]);
  await world.ok('run', '--once');
  const text = await world.ok('versions', 'spain');
  expect(text).toMatch(
    /^3 {2}\S+Z by \w+ {2}\(live\)\n {5}\(Country is ES or PT\) and Age is at least 30\n {5}\+ Age is at least 30\n/,
  );
  expect(await world.ok('versions', 'spain', '1', '3')).toBe(
    '- Country is ES\n+ Country is ES or PT\n+ Age is at least 30\ntimezone: Europe/Madrid → Asia/Kolkata\n',
  );
  expect(await world.ok('versions', 'spain', '3', '3')).toBe('no difference\n');
  expect(await world.json('versions', 'spain', '1', '2')).toMatchObject({
    key: 'spain',
    from: 1,
    to: 2,
    removed: ['Country is ES'],
    timezone: null,
  });
});

test('an old version comes back as a new one', async () => {
  expect(await world.json('restore', 'spain', '--to', '1')).toMatchObject({
    version: 4,
    timezone: null,
    condition: { '==': [{ var: 'country' }, 'ES'] },
  });
  await world.ok('run', '--once');
  expect(await world.ok('members', 'spain')).toBe('1\n3\n');
  expect(await refused('restore', 'spain', '--to', '9')).toBe('segmentd: spain has no version 9; it has 1 to 4.\n');
  expect(await refused('restore', 'spain')).toBe(
    'segmentd: spain is not deleted; an old condition comes back with --to VERSION.\n',
  );
  expect(await refused('restore', 'absent')).toBe('segmentd: There is no segment "absent", and none was deleted.\n');
  expect(await refused('restore', 'absent', '--to', '1')).toBe('segmentd: There is no segment "absent".\n');
  expect(await refused('versions', 'absent')).toMatch(/There is no segment/);
  expect(await refused('versions', 'spain', '1')).toMatch(/Give two versions/);
  expect(await refused('versions', 'spain', 'one', '2')).toMatch(/number of a version/);
});

test('where-used names readers, direct and indirect; a segment that is read is not deleted or archived', async () => {
  await world.ok('create', 'inside', '--condition', 'inside.json');
  await world.ok('create', 'deeper', '--condition', 'deeper.json');
  await world.ok('run', '--once');
  expect(await world.json('where-used', 'spain')).toEqual({
    segments: [
      { key: 'inside', state: 'live', path: ['inside', 'spain'], wanted: true },
      { key: 'deeper', state: 'live', path: ['deeper', 'inside', 'spain'], wanted: true },
    ],
    schedules: [],
  });
  expect(await world.run('where-used', 'deeper')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Nothing uses deeper: no segment reads it, no schedule exports it.\n',
  });
  expect(await world.ok('where-used', 'spain')).toMatch(
    /^KEY +STATE +READS\ninside +live +spain\ndeeper +live +inside → spain\n$/,
  );
  expect(await refused('where-used', 'absent')).toBe('segmentd: There is no segment "absent".\n');
  for (const verb of ['delete', 'archive'])
    expect(await refused(verb, 'spain')).toBe('segmentd: spain is used by inside; edit or delete that first.\n');

  // the live version still reads it while the edit waits
  await world.ok('edit', 'inside', '--condition', 'spain.json');
  expect(await world.json('where-used', 'spain')).toMatchObject({
    segments: [{ key: 'inside', wanted: false }, { key: 'deeper' }],
  });
  expect(await refused('delete', 'spain')).toMatch(/is used by inside/);
  await world.ok('run', '--once');
  expect(await world.run('where-used', 'spain')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Nothing uses spain: no segment reads it, no schedule exports it.\n',
  });

  await world.ok('schedule', 'add', 'spain', '--cron', '0 3 * * *');
  expect(await world.json('where-used', 'spain')).toMatchObject({ segments: [], schedules: [1] });
  expect(await world.ok('where-used', 'spain')).toBe('exported by 1 schedule: 1\n');
  expect(await refused('delete', 'spain')).toMatch(/schedule 1/);
  await world.ok('schedule', 'remove', '1');
});

test('a deleted segment is empty, keeps its past, and comes back as it was', async () => {
  await world.ok('delete', 'spain');
  expect(await refused('create', 'spain', '--condition', 'iberia.json', '--reuse')).toMatch(/is being deleted/);
  await world.ok('run', '--once');
  const rows = await world.database
    .query(`select e.kind, e.reason, e.contact_id::int as contact from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id
    where s.key = 'spain' and e.reason = 'delete' order by 3`);
  expect(rows).toEqual([
    { kind: 'left', reason: 'delete', contact: 1 },
    { kind: 'left', reason: 'delete', contact: 3 },
  ]);
  expect(await refused('create', 'spain', '--condition', 'iberia.json')).toMatch(
    /segmentd restore spain brings it back/,
  );
  expect(await refused('duplicate', 'inside', 'spain')).toMatch(/--reuse gives its key/);
  expect(await world.json('versions', 'spain')).toMatchObject([{ version: 4, live: false }, {}, {}, {}]);

  expect(await world.json('restore', 'spain')).toMatchObject({
    version: 4,
    wanted_state: 'live',
    live_version: null,
    members: 0,
  });
  await world.ok('run', '--once');
  expect(await world.json('show', 'spain')).toMatchObject({ state: 'live', live_version: 4, members: 2 });
  expect(await world.ok('members', 'spain')).toBe('1\n3\n');
  expect(await world.database.query(`select deleted_at from segmentd.segment where key = 'spain'`)).toEqual([
    { deleted_at: null },
  ]);
});

test('a restore before the worker has deleted anything changes nothing', async () => {
  const before = await world.json('show', 'spain');
  await world.ok('delete', 'spain');
  await world.ok('restore', 'spain');
  await world.ok('run', '--once');
  expect(await world.json('show', 'spain')).toMatchObject({
    state: 'live',
    members: 2,
    version: (before as { version: number }).version,
  });
});

test('a restore is refused when a segment that it reads was deleted; by SQL it becomes invalid', async () => {
  await world.ok('delete', 'deeper');
  await world.ok('run', '--once');
  await world.ok('delete', 'inside');
  await world.ok('run', '--once');
  const result = await world.run('restore', 'deeper');
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(/The condition is refused\.\n {2}unknown-segment at \/in_segment/);
  await world.database.query(`update segmentd.segment set wanted_state = 'live' where key = 'deeper'`);
  await world.ok('run', '--once');
  expect(await world.json('show', 'deeper')).toMatchObject({
    state: 'invalid',
    error: { issues: [{ code: 'unknown-segment' }] },
  });
});

test('after 30 days a deleted segment stays deleted; its key is taken only by a caller that says so', async () => {
  await world.database.query(
    `begin; set local segmentd.worker = 'on'; update segmentd.segment set deleted_at = deleted_at - interval '31 days' where key = 'inside'; commit`,
  );
  expect(await refused('restore', 'inside')).toBe(
    'segmentd: inside was deleted 31 days ago; segments can be restored for 30 days. Its last condition is in segmentd versions inside.\n',
  );
  await world.database.query(
    `begin; set local segmentd.worker = 'on'; update segmentd.segment set deleted_at = deleted_at + interval '2 days' where key = 'inside'; commit`,
  );
  expect(await world.json('duplicate', 'spain', 'inside', '--reuse')).toMatchObject({ key: 'inside', members: 0 });
  await world.ok('run', '--once');
  expect(await world.ok('members', 'inside')).toBe('1\n3\n');
  await expect(
    world.database.query(`insert into segmentd.segment (key, condition) values ('inside', 'true')`),
  ).rejects.toMatchObject({ code: '23505' });
});

test('a key that is taken over brings nothing of the segment that had it before', async () => {
  const past = (key: string) =>
    world.database.query(
      `select contact_id::int as contact, left_at is null as open from segmentd.membership_period where segment_key = '${key}' order by 1, 2`,
    );
  await world.ok('create', 'chosen', '--kind', 'static');
  await world.ok('run', '--once');
  await world.ok('add', 'chosen', '1', '2');
  await world.ok('run', '--once');
  const [between] = await world.database.query<{ at: string }>('select clock_timestamp()::text as at');
  await world.ok('export', 'chosen', '--delta', 'crm', '--to', './');
  await world.ok('delete', 'chosen');
  await world.ok('run', '--once');
  const before = await past('chosen');
  expect(before).toEqual([
    { contact: 1, open: false },
    { contact: 2, open: false },
  ]);
  const [old] = await world.database.query<{ id: number }>(`select id from segmentd.segment where key = 'chosen'`);

  await world.ok('create', 'chosen', '--kind', 'static', '--reuse');
  expect(await world.json('history', 'chosen')).toEqual([expect.objectContaining({ members: 0, entered: 0, left: 0 })]);
  await world.ok('add', 'chosen', '3');
  await world.ok('run', '--once');
  expect(await world.ok('members', 'chosen')).toBe('3\n');
  expect(await past('chosen')).toEqual([{ contact: 3, open: true }]);
  expect(await world.run('as-of', 'chosen', between?.at ?? '')).toEqual({
    code: 0,
    stdout: '',
    stderr: `chosen had no members at ${between?.at ?? ''}.\n`,
  });
  expect(await world.json('history', 'chosen')).toEqual([expect.objectContaining({ members: 1, entered: 1, left: 0 })]);
  expect(await world.json('versions', 'chosen')).toMatchObject([{ version: 1, live: true }]);
  expect(await world.json('export', 'chosen', '--delta', 'crm', '--to', './')).toMatchObject({ count: 1 });
  expect(await past(`chosen.deleted.${old?.id}`), 'what was is still to be found').toEqual(before);
  expect(await world.ok('as-of', `chosen.deleted.${old?.id}`, between?.at ?? '')).toBe('1\n2\n');
});

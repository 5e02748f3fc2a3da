/** Trying before saving, as a new user would: preview, edit --dry-run, the guard, the confirmation. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  await world.file('portugal.json', { '==': [{ var: 'country' }, 'PT'] });
  await world.file('grown.json', {
    and: [
      { in: [{ var: 'country' }, ['ES', 'PT']] },
      { or: [{ '>=': [{ var: 'age' }, 40] }, { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] }] },
    ],
  });
  await world.file('wrong.json', { and: [{ '==': [{ var: 'contry' }, 'ES'] }, { in_segment: ['absent'] }] });
  await world.ok('migrate');
  await world.ok('install');
});
afterAll(() => world.end());

describe('preview', () => {
  test('counts, a sample, every leaf alone and as a funnel, cost', async () => {
    expect(await world.json('preview', '--condition', 'grown.json')).toMatchObject({
      contacts: 4,
      in: 2,
      out: 2,
      sample: expect.arrayContaining([
        { contact_id: '1', values: expect.any(Object) },
        { contact_id: '3', values: expect.any(Object) },
      ]),
      condition: {
        kind: 'all',
        alone: 2,
        left: null,
        children: [
          { kind: 'leaf', text: 'Country is ES or PT', alone: 3, left: 3 },
          {
            kind: 'any',
            alone: 2,
            left: 2,
            children: [{ text: 'Age is at least 40', alone: 1, left: null }, { alone: 1 }],
          },
        ],
      },
      cost: { class: 'low' },
      advice: [],
    });
    const text = await world.ok('preview', '--condition', 'grown.json', '--sample', '1');
    expect(text).toMatch(
      /^2 contacts in, 2 out, of 4\nsuch as [13]\n\n +ALONE +LEFT\n +2 +all of\n +3 +3 {4}Country is ES or PT\n +2 +2 {4}any of\n +1 {19}Age is at least 40\n/,
    );
    expect(text).toMatch(/\ncost: low \(about that of reading the contacts\)\n$/);
  });

  test.each(['estimate', 'exact', 'rows'])('--mode %s', async (mode) => {
    expect(await world.json('preview', '--condition', 'grown.json', '--mode', mode)).toMatchObject({
      in: 2,
      basis: 'exact',
      condition: { pointer: '', children: [{ pointer: '/and/0' }, { pointer: '/and/1' }] },
    });
  });

  test('from stdin, with a zone; of a segment; nothing saved', async () => {
    const piped = await world.runWith(
      { stdin: '{"in_period":[{"var":"created_at"},"day",0]}' },
      'preview',
      '--condition',
      '-',
      '--timezone',
      'Asia/Kolkata',
      '--json',
    );
    expect(piped).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(piped.stdout)).toMatchObject({ in: 4, out: 0 });
    expect(await world.json('list')).toEqual([]);
  });

  test.each([
    [
      ['preview', '--condition', 'wrong.json'],
      /The condition is refused for 2 reasons\.\n {2}unknown-field at \/and\/0.*\n {2}unknown-segment/,
    ],
    [['preview'], /^segmentd: Give either the key of a segment or --condition FILE\.\n$/],
    [['preview', 'absent'], /^segmentd: There is no segment "absent"\.\n$/],
    [['preview', '--condition', 'spain.json', '--timezone', 'Madrid'], /"Madrid" is not a time zone/],
    [['preview', '--condition', 'spain.json', '--mode', 'guess'], /Allowed choices are estimate, exact, rows/],
    [['preview', '--condition', 'spain.json', '--sample', 'x'], /It must be a whole number/],
    [['preview', '--condition', '{"==":[1,1]}'], /A file belongs here, and JSON was given\. .* pipe it in/],
    [['preview', '--condition', 'absent.json'], /absent\.json cannot be read: there is no such file/],
    [['preview', '--condition', 'spain.json', '--preview-timeout', 'soon'], /must be a duration/],
  ])('%j is refused', async (argv, said) => {
    const result = await world.run(...argv);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(said);
  });

  test('Ctrl-C cancels the query in the server', async () => {
    const { pool } = world.database;
    const holder = await pool.connect();
    const controller = new AbortController();
    try {
      // Planning waits for the lock of the table; the query is in the server then.
      await holder.query('begin; lock table public.orders in access exclusive mode');
      const running = world.runWith({ signal: controller.signal }, 'preview', '--condition', 'grown.json');
      const waiting = async () =>
        (
          await world.database.query(
            `select pid from pg_stat_activity where datname = current_database() and application_name like 'segmentd %' and wait_event_type = 'Lock'`,
          )
        ).length;
      await until(waiting, { interval: 1 });
      controller.abort();
      expect(await running).toMatchObject({ code: 1, stdout: '', stderr: '' });
      await until(async () => (await waiting()) === 0, { message: 'no query of the preview in the server' });
    } finally {
      await holder.query('rollback');
      holder.release();
    }
  });
});

describe('an edit', () => {
  beforeAll(async () => {
    await world.database.pool.query(
      `insert into public.contacts (country, age) select case when i % 4 = 0 then 'PT' else 'ES' end, i from generate_series(1, 20) i`,
    );
    await world.ok('create', 'spain', '--condition', 'spain.json');
    await world.ok('run', '--once');
  });

  test('--dry-run says who would enter and leave, and changes nothing', async () => {
    const seen = await world.json('edit', 'spain', '--condition', 'portugal.json', '--dry-run');
    expect(seen).toMatchObject({
      key: 'spain',
      entering: 6,
      leaving: 17,
      members: 17,
      basis: 'exact',
      bounds: null,
      live: true,
      changes: ['- Country is ES', '+ Country is PT'],
    });
    const { sample } = seen as { sample: { entering: string[]; leaving: string[] } };
    expect([sample.entering.length, sample.leaving.length]).toEqual([6, 10]);
    expect(await world.ok('edit', 'spain', '--condition', 'portugal.json', '--dry-run')).toMatch(
      /^- Country is ES\n\+ Country is PT\nspain has 17 members now\n6 contacts would enter, such as (\d+, ){5}\d+\n17 contacts would leave, such as (\d+, ){9}\d+\n$/,
    );
    expect(await world.json('edit', 'spain', '--name', 'Spain', '--dry-run')).toMatchObject({
      entering: 0,
      leaving: 0,
      changes: [],
    });
    expect(await world.json('show', 'spain')).toMatchObject({ version: 1, name: 'spain' });
    const wrong = await world.run('edit', 'spain', '--condition', 'wrong.json', '--dry-run');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/refused for 2 reasons/);
  });

  test('that moves too many is refused with its numbers, unless --yes', async () => {
    const guarded = (...argv: string[]) => world.run(...argv, '--guard-members', '10');
    const refused = await guarded('edit', 'spain', '--condition', 'portugal.json');
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'segmentd: 6 would enter and 17 leave, of 17 members now: more than 30 % and more than 10. --dry-run names them, --yes makes the edit.\n',
    });
    expect(JSON.parse((await guarded('edit', 'spain', '--condition', 'portugal.json', '--json')).stderr)).toMatchObject(
      { error: { code: 'conflict' } },
    );
    expect(await world.json('show', 'spain')).toMatchObject({ version: 1 });

    expect((await guarded('edit', 'spain', '--condition', 'portugal.json', '--yes')).code).toBe(0);
    expect((await guarded('run', '--once')).code).toBe(0);
    expect(await world.json('show', 'spain')).toMatchObject({ state: 'live', version: 2, live_version: 2, members: 6 });

    expect(await guarded('restore', 'spain', '--to', '1')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^segmentd: 17 would enter and 6 leave/),
    });
    expect((await guarded('restore', 'spain', '--to', '1', '--yes')).code).toBe(0);
    await guarded('run', '--once');
    expect(await world.json('show', 'spain')).toMatchObject({ live_version: 3, members: 17 });
  });

  test('by SQL is held, seen everywhere, and let through by edit --yes', async () => {
    await world.database.pool.query(
      `update segmentd.segment set condition = '{"==":[{"var":"country"},"PT"]}' where key = 'spain'`,
    );
    await world.run('run', '--once', '--guard-members', '10');
    expect(await world.json('status', 'spain')).toMatchObject({
      segments: [{ state: 'held', version: 4, live_version: 3, members: 17, error: { code: 'held', entering: 6 } }],
    });
    expect(await world.json('versions', 'spain')).toMatchObject([
      { version: 4, state: 'held', live: false },
      { version: 3, live: true },
      {},
      {},
    ]);
    expect(await world.json('verify', 'spain')).toMatchObject([{ missing: [], extra: [] }]);
    expect(await world.json('doctor')).toContainEqual({
      level: 'warn',
      sentence: 'An edit of spain moves many members and waits to be confirmed; the version before it stays live.',
      fix: 'segmentd edit KEY --yes',
    });
    expect(await world.run('wait', 'spain')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^segmentd: spain version 4 is held: 6 would enter and 17 leave.*segmentd edit spain --yes lets it through\.\n$/,
      ),
    });
    expect((await world.run('wait')).code).toBe(0);

    expect(await world.json('edit', 'spain', '--yes')).toMatchObject({ version: 4 });
    await world.run('run', '--once', '--guard-members', '10');
    expect(await world.json('show', 'spain')).toMatchObject({
      state: 'live',
      live_version: 4,
      error: null,
      members: 6,
    });
    expect(await world.run('edit', 'spain', '--yes')).toMatchObject({
      code: 2,
      stderr: 'segmentd: Nothing of spain waits to be confirmed: version 4 is live.\n',
    });
    expect(await world.run('edit', 'spain')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Nothing to change/),
    });
    expect(await world.run('edit', 'absent', '--yes')).toMatchObject({
      code: 2,
      stderr: 'segmentd: There is no segment "absent".\n',
    });
  });
});

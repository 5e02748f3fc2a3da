/** Static segments, snapshots and overrides, as a new user would try them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setClock, TEST_CLOCK } from '../sweep/clock.ts';
import { until } from '../support/until.ts';
import { createWorld, type World } from './cli-world.ts';

const SPAIN = '{"==": [{"var": "country"}, "ES"]}';
const NOW = '2026-05-01T12:00:00Z';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
  await world.database.query(TEST_CLOCK);
});
afterAll(() => world.end());

/** Contacts 1 ES, 2 PT, 3 ES, 4 nowhere; `hand` is static, `spain` dynamic. */
beforeEach(async () => {
  await world.database
    .query(`begin; set local segmentd.worker = 'on'; delete from segmentd.segment; delete from segmentd.segment_version; delete from segmentd.membership;
    delete from segmentd_internal.member_count; delete from segmentd_internal.build; delete from segmentd_internal.rebuild_request; delete from segmentd.override; delete from segmentd_internal.recheck;
    delete from segmentd.membership_event; update segmentd_internal.clock set high = '-infinity'; update segmentd_internal.installation set generation = generation + 1; commit`);
  await setClock(world.database.pool, NOW);
  await world.ok('create', 'hand', '--kind', 'static');
  await world.ok('create', 'spain', '--condition', await world.file('spain.json', SPAIN));
  await world.ok('run', '--once');
});

async function members(key: string): Promise<string> {
  await world.ok('run', '--once');
  await world.ok('verify');
  const { code, stdout, stderr } = await world.run('members', key);
  expect({ code, stderr }).toEqual({ code: 0, stderr: stdout === '' ? `${key} has no members.\n` : '' });
  return stdout.replaceAll('\n', ' ').trim();
}

describe('a static segment', () => {
  test('contacts are added, listed, explained and removed', async () => {
    expect(await world.ok('add', 'hand', '1', '2', '--note', 'seen at the fair')).toBe('2 contacts added: hand\n');
    expect(await members('hand')).toBe('1 2');
    expect(await world.ok('overrides', 'hand')).toMatch(/^1 {2}member {2}by \S+ {2}\S+Z {2}seen at the fair\n2 /);
    const explained = await world.ok('explain', 'hand', '1');
    expect(explained).toMatch(/because an override was written or removed \(manual/);
    expect(explained).toMatch(/It was added: by \S+ at \S+: seen at the fair/);
    expect(await world.ok('remove', 'hand', '1')).toBe('1 contact removed: hand\n');
    expect(await members('hand')).toBe('2');
    expect(await world.ok('explain', 'hand', '1')).toMatch(/does not match/);
    expect(await world.ok('describe', 'hand')).toBe(
      'Condition   contacts that were added\nZone        Europe/Madrid\n',
    );
  });

  test('keys come from a file or from stdin; keys without a contact are counted', async () => {
    expect(await world.ok('add', 'hand', '--file', await world.file('keys.txt', '1\r\n99\r\n\r\n3\r\n1\r\n'))).toBe(
      '2 contacts added: hand\n1 key of no contact, left out: 99\n',
    );
    expect(await members('hand')).toBe('1 3');
    const again = await world.runWith({ stdin: '1\n3\n4\n' }, 'add', 'hand', '--file', '-', '--json');
    expect(JSON.parse(again.stdout)).toEqual({ key: 'hand', asked: 3, changed: 1, unknown: 0, unknown_keys: [] });
    expect(await world.ok('remove', 'hand', '--file', await world.file('keys.txt', '1\n4'))).toBe(
      '2 contacts removed: hand\n',
    );
    // Lines of three kinds in one file, the last without an end.
    expect(
      await world.ok(
        'add',
        'hand',
        '--file',
        await world.file('keys.txt', '1\r2\r\n\n101\r\r\n4\n107\r106\r\n105\n104\r103\r102'),
      ),
    ).toBe('3 contacts added: hand\n7 keys of no contact, left out: 101, 102, 103, 104, 105, …\n');
    expect(await world.ok('remove', 'hand', '1', '2', '4')).toBe('3 contacts removed: hand\n');
    expect(await members('hand')).toBe('3');
  });

  test('a file is added while another session adds one of its contacts', async () => {
    const other = await world.database.pool.connect();
    try {
      await other.query(
        `begin; insert into segmentd.override (segment_id, contact_id, kind) select s.id, 1, 'member' from segmentd.segment s where s.key = 'hand'`,
      );
      const adding = world.runWith({ stdin: '1\n2\n' }, 'add', 'hand', '--file', '-', '--json');
      await until(
        async () =>
          (
            await world.database.query(
              `select from pg_stat_activity a where a.datname = current_database() and a.wait_event_type = 'Lock'`,
            )
          ).length > 0,
        { message: 'the import to wait' },
      );
      await other.query('commit');
      expect(JSON.parse((await adding).stdout)).toEqual({
        key: 'hand',
        asked: 2,
        changed: 1,
        unknown: 0,
        unknown_keys: [],
      });
    } finally {
      other.release();
    }
    expect(await members('hand')).toBe('1 2');
  });

  test('duplicated with its members, made a snapshot of, made dynamic', async () => {
    await world.ok('add', 'hand', '1', '2');
    await world.ok('run', '--once');
    await world.ok('duplicate', 'hand', 'copy');
    await world.ok('create', 'then', '--kind', 'snapshot', '--of', 'hand');
    expect(await members('copy')).toBe('1 2');
    await world.ok('remove', 'hand', '1');
    expect(await members('then')).toBe('1 2');
    await world.ok('delete', 'hand');
    await world.ok('edit', 'copy', '--kind', 'dynamic', '--condition', 'spain.json', '--yes');
    expect(await members('copy')).toBe('1 3');
    expect(await world.run('overrides', 'copy')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'copy has no overrides.\n',
    });
  });
});

describe('overrides', () => {
  test('include and exclude stand above the condition until reset', async () => {
    expect(await world.ok('include', 'spain', '2', '--note', 'asked to')).toBe('1 contact included: spain\n');
    await world.ok('exclude', 'spain', '1');
    expect(await members('spain')).toBe('2 3');
    expect(await world.ok('show', 'spain')).toMatch(/\nOverrides {3}1 included, 1 excluded\n/);
    const explained = await world.ok('explain', 'spain', '2');
    expect(explained).toMatch(/An override includes it: by \S+ at \S+: asked to/);
    expect(explained).toMatch(/yes {3,}is included by an override\n +value: by \S+ at \S+: asked to/);
    expect(await world.ok('explain', 'spain', '3')).not.toMatch(/override/);
    await world.ok('reset', 'spain', '1', '2');
    expect(await members('spain')).toBe('1 3');
  });

  test('until an instant: foretold by explain, taken back by the worker, in as-of', async () => {
    await world.ok('include', 'spain', '2', '--until', '2026-05-02');
    expect(await members('spain')).toBe('1 2 3');
    expect(await world.ok('explain', 'spain', '2')).toMatch(
      /next: at 2026-05-02T00:00:00.000000Z it leaves spain by time alone:\n {2}is included by an override/,
    );
    await setClock(world.database.pool, '2026-05-01T23:59:59.999999Z');
    expect(await members('spain')).toBe('1 2 3');
    await setClock(world.database.pool, '2026-05-02T00:00:00Z');
    expect(await members('spain')).toBe('1 3');
    expect(await world.ok('explain', 'spain', '2')).toMatch(
      /it left at 2026-05-02T00:00:00\S*, because time passed a boundary/,
    );
    expect((await world.ok('as-of', 'spain', '2026-05-01T13:00:00Z')).trim().split('\n')).toEqual(['1', '2', '3']);
  });

  test('an edit tried before it is made knows of them', async () => {
    await world.ok('include', 'spain', '2');
    await world.ok('run', '--once');
    const preview = await world.json(
      'edit',
      'spain',
      '--condition',
      await world.file('none.json', 'false'),
      '--dry-run',
    );
    expect(preview).toMatchObject({
      entering: 0,
      leaving: 2,
      sample: {
        leaving: expect.arrayContaining(
          ['1', '3'].map((contact_id) => expect.objectContaining({ contact_id })),
        ) as unknown[],
      },
    });
    expect(await world.json('edit', 'spain', '--kind', 'static', '--dry-run')).toMatchObject({
      entering: 0,
      leaving: 0,
      changes: ['kind: dynamic → static', '- Country is ES'],
    });
    await world.ok('edit', 'spain', '--kind', 'static');
    expect(await members('spain')).toBe('1 2 3');
    expect(await world.json('show', 'spain')).toMatchObject({
      kind: 'static',
      condition: null,
      version: 2,
      live_version: 2,
    });
    await world.ok('restore', 'spain', '--to', '1');
    expect(await members('spain')).toBe('1 3');
    expect(await world.ok('versions', 'spain')).toMatch(/kind: static → dynamic[^]*kind: dynamic → static/);
  });
});

describe('refused in one sentence', () => {
  test.each([
    ['a contact that does not exist', ['add', 'hand', '1', '99'], /no contact 99; nothing was changed/],
    ['what is no key', ['add', 'hand', 'ana'], /"ana" cannot be the key/],
    [
      'what is no key, in a file',
      ['add', 'hand', '--file', 'spain.json'],
      /Line 1 of the keys cannot be the key of a contact here/,
    ],
    ['a file that is not there', ['add', 'hand', '--file', 'none.txt'], /no such file/],
    ['a folder', ['add', 'hand', '--file', '.'], /^segmentd: \. cannot be read: it is a folder\.\n$/],
    ['a file below a file', ['add', 'hand', '--file', 'spain.json/x'], /cannot be read: there is no such file/],
    ['absent', ['add', 'hand'], /Name the contacts, or give --file/],
    ['both ways at once', ['add', 'hand', '1', '--file', '-'], /Name the contacts, or give --file/],
    ['adding to a dynamic segment', ['add', 'spain', '1'], /spain is dynamic: include or exclude contacts/],
    ['including in a static segment', ['include', 'hand', '1'], /hand is static/],
    ['a time that has passed', ['include', 'spain', '1', '--until', '2020-01-01'], /has passed/],
    ['what is no time', ['include', 'spain', '1', '--until', 'soon'], /is not an instant/],
    ['no such segment', ['add', 'none', '1'], /There is no segment "none"/],
    ['a static segment with a condition', ['edit', 'hand', '--condition', 'spain.json'], /static segment/],
    ['dynamic without a condition', ['edit', 'hand', '--kind', 'dynamic'], /needs a condition/],
    [
      'a preview of what has no condition',
      ['edit', 'hand', '--kind', 'snapshot', '--condition', 'spain.json'],
      /would be a snapshot/,
    ],
  ])('%s', async (_, argv, sentence) => {
    const result = await world.run(...argv);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(sentence);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect((await world.database.query('select from segmentd.override')).length).toBe(0);
  });
});

test('forget: refused while the contact is there, then nothing is left of it', async () => {
  const [row] = await world.database.query<{ id: string }>(
    `insert into public.contacts (country) values ('ES') returning id::text`,
  );
  const contact = row?.id ?? '';
  await world.ok('add', 'hand', contact);
  await world.ok('run', '--once');
  await world.ok('export', 'hand', '--to', 'hand.csv');
  const refused = await world.run('forget', contact);
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 2,
    stderr: `segmentd: Contact ${contact} is in public.contacts: delete it there first, or its memberships would only come back.\n`,
  });
  await world.database.query('delete from public.contacts where id = $1', [contact]);
  const text = await world.ok('forget', contact);
  expect(text).toMatch(
    new RegExp(
      `^${contact} is forgotten: 2 memberships, 4 events, 1 override\nThese exports may still hold it:\n {2}\\S+Z {2}hand {2}\\S+/hand\\.csv\n$`,
    ),
  );
  expect(await world.json('forget', contact)).toEqual({
    contact,
    memberships: 0,
    events: 0,
    overrides: 0,
    exports: [],
  });
  expect(await members('hand')).toBe('');
});

test('segments in git say their kind', async () => {
  await world.ok('create', 'then', '--kind', 'snapshot', '--of', 'spain');
  await world.ok('run', '--once');
  await world.ok('pull', 'git');
  expect(await world.ok('apply', 'git')).toMatch(/nothing to do; 3 unchanged/);
  await world.file('git/spain.yaml', 'kind: static\n');
  expect(await world.ok('apply', 'git')).toMatch(/kind: dynamic → static/);
  expect(await members('spain')).toBe('1 3');
  await world.ok('pull', 'git');
  expect(await world.ok('apply', 'git')).toMatch(/nothing to do/);
  await world.file('git/then.yaml', `kind: snapshot\ncondition: ${SPAIN}\n`);
  const refused = await world.run('apply', 'git');
  expect({ code: refused.code, said: /then is a snapshot, and is not made again/.test(refused.stderr) }).toEqual({
    code: 2,
    said: true,
  });
});

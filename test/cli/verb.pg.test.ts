/** Every verb, in the order in which a new user needs them. The worker runs as `run --once`, so that nothing is timed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from './cli-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const BUYERS = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

test('help, and what is done when nothing is asked', async () => {
  const nothing = await world.run();
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toContain('Usage: segmentd VERB');
  expect(await world.ok('--help')).toContain('segmentd');
  const help = await world.ok('create', '--help');
  for (const part of ['--condition <file>', '--database-url', 'segmentd create spain']) expect(help).toContain(part);
});

describe('set-up', () => {
  test('init writes a config, once; again it does nothing, and leaves alone what was edited', async () => {
    await world.ok('init', '--contacts', 'public.contacts', '--config', 'new.yaml');
    expect(await readFile(join(world.folder, 'new.yaml'), 'utf8')).toContain('orders');
    const written = await readFile(join(world.folder, 'new.yaml'), 'utf8');
    const path = join(world.folder, 'new.yaml');
    expect(await world.ok('init', '--contacts', 'public.contacts', '--config', 'new.yaml')).toBe(
      'new.yaml says so already: nothing to do\n',
    );
    expect(await world.json('init', '--contacts', 'public.contacts', '--config', 'new.yaml')).toEqual({ path });
    await world.database.query('analyze public.contacts, public.orders');
    expect((await world.run('init', '--print', '--contacts', 'public.contacts')).stdout).not.toBe(written);
    expect(await world.json('init', '--contacts', 'public.contacts', '--config', 'new.yaml')).toEqual({ path });
    await writeFile(path, `${written}# looked over\n`);
    const again = await world.run('init', '--contacts', 'public.contacts', '--config', 'new.yaml');
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(await readFile(path, 'utf8')).toBe(`${written}# looked over\n`);
    expect(again.stderr).toMatch(/exists already; --force overwrites it/);
    expect(await world.ok('init', '--print')).toContain('contacts');
  });

  test('migrate and install, twice', async () => {
    expect(await world.ok('migrate')).toMatch(/^applied \d+ migration/);
    expect(await world.ok('migrate')).toBe('up to date\n');
    expect(await world.ok('install', '--print')).toMatch(/create (or replace )?trigger/);
    await world.ok('install');
    expect(await world.ok('install')).toBe('up to date\n');
  });

  test('fields prints the fields with their types', async () => {
    const text = await world.ok('fields');
    expect(text).toMatch(/^contacts: public\.contacts, key id\nFIELD +LABEL +TYPE +COLUMN/);
    expect(text).toMatch(/\ntags +Tags +text\[\] +tags/);
    expect(text).toMatch(/\nrelation orders: public\.orders, in order of placed_at\n/);
    expect(await world.json('fields')).toMatchObject({
      contacts: {
        table: 'public.contacts',
        key: 'id',
        created: 'created_at',
        fields: expect.arrayContaining([{ name: 'age', label: 'Age', type: 'integer', column: 'age' }]),
      },
      relations: [
        {
          name: 'orders',
          through: null,
          fields: expect.arrayContaining([{ name: 'total', label: 'Total', type: 'number', column: 'total' }]),
        },
      ],
      withheld: [],
    });
  });

  test('doctor finds nothing wrong', async () => {
    const findings = await world.json('doctor');
    expect(findings).not.toEqual([]);
    expect(findings).not.toContainEqual(expect.objectContaining({ level: 'fail' }));
  });
});

describe('segments', () => {
  test('create, build, read', async () => {
    await world.file('spain.json', SPAIN);
    expect(
      await world.json('create', 'spain', '--name', 'Spain', '--tag', 'country', 'eu', '--condition', 'spain.json'),
    ).toMatchObject({
      key: 'spain',
      name: 'Spain',
      tags: ['country', 'eu'],
      state: 'building',
      live_version: null,
      condition: SPAIN,
    });
    const piped = await world.runWith(
      { stdin: JSON.stringify(BUYERS) },
      'create',
      'buyers',
      '--condition',
      '-',
      '--json',
    );
    expect(piped).toMatchObject({ code: 0, stderr: '' });

    await world.ok('run', '--once');
    expect(await world.ok('members', 'spain')).toBe('1\n3\n');
    expect(await world.json('members', 'spain', '--limit', '1', '--after', '1')).toMatchObject([{ contact_id: '3' }]);
    expect(await world.json('members', 'spain', '--after', '3')).toEqual([]);
    expect(await world.json('segments-of', '1')).toMatchObject([{ key: 'buyers' }, { key: 'spain', name: 'Spain' }]);
    expect(await world.json('show', 'spain')).toMatchObject({ state: 'live', version: 1, live_version: 1, members: 2 });
    expect(await world.json('list', '--search', 'SPAI')).toMatchObject([{ key: 'spain' }]);
    expect(await world.json('list', '--search', 'eu')).toMatchObject([{ key: 'spain' }]);
    expect(await world.ok('list')).toMatch(/^KEY +STATE +MEMBERS/);
    expect(await world.json('status')).toMatchObject({
      changes: 0,
      rechecks: 0,
      queue: { ok: true, backend: 'postgres' },
      segments: [
        { key: 'buyers', members: 1 },
        { key: 'spain', members: 2 },
      ],
    });
  });

  test('describe a segment, or a file', async () => {
    const text = await world.ok('describe', 'spain');
    expect(text).toBe('Condition   Country is ES\nZone        Europe/Madrid\n');
    expect(await world.ok('describe', '--condition', 'spain.json')).toBe(text);
    expect(await world.json('describe', 'spain')).toEqual({
      key: 'spain',
      description: 'Country is ES',
      timezone: 'Europe/Madrid',
    });
  });

  test('a change is followed', async () => {
    await world.database.pool.query(`update public.contacts set country = 'ES' where id = 2`);
    await world.ok('run', '--once');
    expect(await world.ok('members', 'spain')).toBe('1\n2\n3\n');
    expect(await world.ok('wait', 'spain', '--timeout', '5s')).toBe('');
  });

  test('an edit is a new version, built by the worker', async () => {
    await world.file('iberia.json', { in: [{ var: 'country' }, ['ES', 'PT']] });
    await world.database.pool.query(`update public.contacts set country = 'PT' where id = 2`);
    expect(await world.json('edit', 'spain', '--condition', 'iberia.json', '--name', 'Iberia')).toMatchObject({
      version: 2,
      live_version: 1,
      name: 'Iberia',
      tags: ['country', 'eu'],
    });
    await world.ok('run', '--once');
    expect(await world.ok('members', 'spain')).toBe('1\n2\n3\n');
    expect(await world.json('show', 'spain')).toMatchObject({ state: 'live', live_version: 2 });
  });

  test('rebuild and verify', async () => {
    expect(await world.json('rebuild', '--all')).toEqual([{ key: 'buyers' }, { key: 'spain' }]);
    await world.ok('run', '--once');
    expect(await world.json('verify')).toMatchObject([
      { key: 'spain', checked: 4, missing: [], extra: [] },
      { key: 'buyers', missing: [], extra: [] },
    ]);
  });

  test('tags are replaced; an empty one alone takes all away, and is none among others', async () => {
    expect(await world.json('edit', 'spain', '--tag', '')).toMatchObject({ tags: [] });
    expect(await world.run('edit', 'spain', '--tag', 'eu', '')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'segmentd: The tag is empty.\n',
    });
    expect(await world.json('edit', 'spain', '--tag', 'country', 'eu')).toMatchObject({ tags: ['country', 'eu'] });
    expect(await world.json('create', 'untagged', '--kind', 'static', '--tag', '')).toMatchObject({ tags: [] });
    await world.ok('delete', 'untagged');
    expect(await world.ok('edit', '--help')).toMatch(/--tag "" alone/);
  });

  test('drift is found, printed, repaired', async () => {
    const id = `(select id from segmentd.segment where key = 'spain')`;
    await world.database.pool.query(`delete from segmentd.membership where segment_id = ${id} and contact_id = 1`);
    await world.database.pool.query(
      `insert into segmentd.membership (segment_id, contact_id, entered_at) values (${id}, 4, now())`,
    );
    const found = await world.run('verify', 'spain', '--repair');
    expect(found.code).toBe(1);
    expect(found.stdout).toContain('spain missing 1\nspain extra 4\n');
    expect(found.stderr).toMatch(/drift in 1 segment/);
    await world.ok('run', '--once');
    await world.ok('verify', 'spain');
    expect(await world.ok('members', 'spain')).toBe('1\n2\n3\n');
  });

  test('pause, resume, delete', async () => {
    await world.ok('pause', 'spain');
    await world.ok('run', '--once');
    await world.database.pool.query(`update public.contacts set country = 'FR' where id = 1`);
    await world.ok('run', '--once');
    expect(await world.json('show', 'spain')).toMatchObject({ state: 'paused', members: 3 });
    const refused = await world.run('rebuild', 'spain');
    expect(refused).toMatchObject({ code: 2, stderr: 'segmentd: spain is paused; it rebuilds when it is resumed.\n' });
    await world.ok('resume', 'spain');
    await world.ok('run', '--once');
    expect(await world.ok('members', 'spain')).toBe('2\n3\n');

    await world.file('rest.json', { '!': [{ in_segment: ['spain'] }] });
    await world.ok('create', 'rest', '--condition', 'rest.json');
    const used = await world.run('delete', 'spain');
    expect(used).toMatchObject({ code: 2, stderr: 'segmentd: spain is used by rest; edit or delete that first.\n' });
    await world.ok('delete', 'rest');
    await world.ok('delete', 'spain');
    await world.ok('run', '--once');
    expect(await world.json('list')).toMatchObject([{ key: 'buyers' }]);
    expect((await world.run('show', 'spain')).stderr).toBe('segmentd: There is no segment "spain".\n');

    // the key is free again for a caller that says so, and nothing of the old segment is left
    expect((await world.run('create', 'spain', '--condition', 'spain.json')).stderr).toMatch(
      /^segmentd: A segment spain was deleted on \d{4}-\d\d-\d\d: segmentd restore spain brings it back, --reuse gives its key to a new one\.\n$/,
    );
    expect(await world.json('create', 'spain', '--condition', 'spain.json', '--reuse')).toMatchObject({
      name: 'spain',
      tags: [],
      members: 0,
    });
    await world.ok('run', '--once');
    expect(await world.ok('members', 'spain')).toBe('3\n');
    await world.ok('delete', 'spain');
    expect((await world.run('create', 'spain', '--condition', 'spain.json')).stderr).toMatch(/is being deleted/);
    await world.ok('run', '--once');
  });

  test('a copy, and a segment put away', async () => {
    expect(await world.json('duplicate', 'buyers', 'payers')).toMatchObject({
      key: 'payers',
      condition: BUYERS,
      state: 'building',
    });
    await world.ok('archive', 'payers');
    await world.ok('run', '--once');
    expect(await world.json('show', 'payers')).toMatchObject({ state: 'archived', members: 0 });
    await world.ok('delete', 'payers');
    await world.ok('run', '--once');
  });

  test('a segment made by SQL is as good', async () => {
    await world.database.pool.query(
      `insert into segmentd.segment (key, condition) values ('grown', '{">=": [{"var": "age"}, 30]}'), ('wrong', '{"==": [{"var": "nope"}, 1]}')`,
    );
    await world.ok('run', '--once');
    expect(await world.ok('members', 'grown')).toBe('2\n3\n');
    expect(await world.json('show', 'wrong')).toMatchObject({
      state: 'invalid',
      error: { issues: [{ code: 'unknown-field' }] },
    });
  });
});

test('uninstall leaves no trigger', async () => {
  await world.ok('uninstall');
  const { rows } = await world.database.pool.query(
    `select tgname from pg_trigger where tgrelid = 'public.contacts'::regclass and not tgisinternal`,
  );
  expect(rows).toEqual([]);
  expect((await world.run('uninstall', '--purge')).code).toBe(2);
  await world.ok('uninstall', '--purge', '--yes');
  expect((await world.run('list')).stderr).toBe(
    "segmentd: segmentd's tables are not in this database, or not up to date; run `segmentd migrate` first.\n",
  );
});

test('init says that soft deletes stay members until the base filter is active', async () => {
  const own = await createWorld({
    tables: `create table public.contacts (id int primary key, deleted_at timestamptz);
      create table public.orders (id int primary key, contact_id int references public.contacts, is_deleted boolean);
      create index on public.orders (contact_id)`,
  });
  try {
    const { code, stderr } = await own.run('init', '--print');
    expect(code).toBe(0);
    expect(stderr).toMatch(/public\.contacts marks deleted contacts by deleted_at.*remove "# " before where/);
    expect(stderr).toContain('Conditions count deleted rows of orders (is_deleted) too');
  } finally {
    await own.end();
  }
});

/** Every verb, in the order in which a new user meets them. The worker runs as `run --once`, so that nothing is timed. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from './world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const BUYERS = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

async function ok(...argv: string[]): Promise<string> {
  const result = await world.run(...argv);
  expect({ code: result.code, stderr: result.stderr }, argv.join(' ')).toEqual({ code: 0, stderr: '' });
  return result.stdout;
}

async function json(...argv: string[]): Promise<unknown> {
  return JSON.parse(await ok(...argv, '--json'));
}

test('help, and what is done when nothing is asked', async () => {
  const nothing = await world.run();
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toContain('Commands:');
  expect(await ok('--help')).toContain('segmentd');
  const help = await ok('create', '--help');
  for (const part of ['--condition <file>', '--database-url <url>', 'DATABASE_URL', 'default 250ms'])
    expect(help).toContain(part);
});

describe('set-up', () => {
  test('init writes a config, once; again it does nothing, and leaves alone what was edited', async () => {
    await ok('init', '--contacts', 'public.contacts', '--config', 'new.yaml');
    expect(await readFile(join(world.folder, 'new.yaml'), 'utf8')).toContain('orders');
    const written = await readFile(join(world.folder, 'new.yaml'), 'utf8');
    const path = join(world.folder, 'new.yaml');
    expect(await ok('init', '--contacts', 'public.contacts', '--config', 'new.yaml')).toBe(
      'new.yaml says so already: nothing to do\n',
    );
    expect(await json('init', '--contacts', 'public.contacts', '--config', 'new.yaml')).toEqual({ path });
    await writeFile(path, `${written}# looked over\n`);
    const again = await world.run('init', '--contacts', 'public.contacts', '--config', 'new.yaml');
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(await readFile(path, 'utf8')).toBe(`${written}# looked over\n`);
    expect(again.stderr).toMatch(/exists already; --force overwrites it/);
    expect(await ok('init', '--print')).toContain('contacts');
  });

  test('migrate and install, twice', async () => {
    expect(await ok('migrate')).toMatch(/^applied \d+ migration/);
    expect(await ok('migrate')).toBe('up to date\n');
    expect(await ok('install', '--print')).toMatch(/create (or replace )?trigger/);
    await ok('install');
    expect(await ok('install')).toBe('up to date\n');
  });

  test('fields are told, with their types', async () => {
    const text = await ok('fields');
    expect(text).toMatch(/^contacts: public\.contacts, key id\nFIELD +TYPE +COLUMN/);
    expect(text).toMatch(/\ntags +text\[\] +tags/);
    expect(text).toMatch(/\nrelation orders: public\.orders, in order of placed_at\n/);
    expect(await json('fields')).toMatchObject({
      contacts: {
        table: 'public.contacts',
        key: 'id',
        created: 'created_at',
        fields: expect.arrayContaining([{ name: 'age', type: 'integer', column: 'age' }]),
      },
      relations: [
        {
          name: 'orders',
          through: null,
          fields: expect.arrayContaining([{ name: 'total', type: 'number', column: 'total' }]),
        },
      ],
      withheld: [],
    });
  });

  test('doctor finds nothing wrong', async () => {
    const findings = await json('doctor');
    expect(findings).not.toEqual([]);
    expect(findings).not.toContainEqual(expect.objectContaining({ level: 'fail' }));
  });
});

describe('segments', () => {
  test('create, build, read', async () => {
    await world.file('spain.json', SPAIN);
    expect(
      await json('create', 'spain', '--name', 'Spain', '--tag', 'country', 'eu', '--condition', 'spain.json'),
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

    await ok('run', '--once');
    expect(await ok('members', 'spain')).toBe('1\n3\n');
    expect(await json('members', 'spain', '--limit', '1', '--after', '1')).toMatchObject([{ contact_id: '3' }]);
    expect(await json('members', 'spain', '--after', '3')).toEqual([]);
    expect(await json('segments-of', '1')).toMatchObject([{ key: 'buyers' }, { key: 'spain', name: 'Spain' }]);
    expect(await json('show', 'spain')).toMatchObject({ state: 'live', version: 1, live_version: 1, members: 2 });
    expect(await json('list', '--search', 'SPAI')).toMatchObject([{ key: 'spain' }]);
    expect(await json('list', '--search', 'eu')).toMatchObject([{ key: 'spain' }]);
    expect(await ok('list')).toMatch(/^KEY +STATE +MEMBERS/);
    expect(await json('status')).toMatchObject({
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
    const text = await ok('describe', 'spain');
    expect(text).toMatch(/country/i);
    expect(await ok('describe', '--condition', 'spain.json')).toBe(text);
    expect(await json('describe', 'spain')).toEqual({ key: 'spain', description: text.trim() });
  });

  test('a change is followed', async () => {
    await world.database.pool.query(`update public.contacts set country = 'ES' where id = 2`);
    await ok('run', '--once');
    expect(await ok('members', 'spain')).toBe('1\n2\n3\n');
    expect(await ok('wait', 'spain', '--timeout', '5s')).toBe('');
  });

  test('an edit is a new version, built by the worker', async () => {
    await world.file('iberia.json', { in: [{ var: 'country' }, ['ES', 'PT']] });
    await world.database.pool.query(`update public.contacts set country = 'PT' where id = 2`);
    expect(await json('edit', 'spain', '--condition', 'iberia.json', '--name', 'Iberia')).toMatchObject({
      version: 2,
      live_version: 1,
      name: 'Iberia',
      tags: ['country', 'eu'],
    });
    await ok('run', '--once');
    expect(await ok('members', 'spain')).toBe('1\n2\n3\n');
    expect(await json('show', 'spain')).toMatchObject({ state: 'live', live_version: 2 });
  });

  test('rebuild and verify', async () => {
    expect(await json('rebuild', '--all')).toEqual([{ key: 'buyers' }, { key: 'spain' }]);
    await ok('run', '--once');
    expect(await json('verify')).toMatchObject([
      { key: 'spain', checked: 4, missing: [], extra: [] },
      { key: 'buyers', missing: [], extra: [] },
    ]);
  });

  test('tags are replaced; an empty one alone takes all away, and is none among others', async () => {
    expect(await json('edit', 'spain', '--tag', '')).toMatchObject({ tags: [] });
    expect(await world.run('edit', 'spain', '--tag', 'eu', '')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'segmentd: The tag is empty.\n',
    });
    expect(await json('edit', 'spain', '--tag', 'country', 'eu')).toMatchObject({ tags: ['country', 'eu'] });
    expect(await json('create', 'untagged', '--kind', 'static', '--tag', '')).toMatchObject({ tags: [] });
    await ok('delete', 'untagged');
    expect(await ok('edit', '--help')).toMatch(/--tag "" alone/);
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
    await ok('run', '--once');
    await ok('verify', 'spain');
    expect(await ok('members', 'spain')).toBe('1\n2\n3\n');
  });

  test('pause, resume, delete', async () => {
    await ok('pause', 'spain');
    await ok('run', '--once');
    await world.database.pool.query(`update public.contacts set country = 'FR' where id = 1`);
    await ok('run', '--once');
    expect(await json('show', 'spain')).toMatchObject({ state: 'paused', members: 3 });
    const refused = await world.run('rebuild', 'spain');
    expect(refused).toMatchObject({ code: 2, stderr: 'segmentd: spain is paused; it rebuilds when it is resumed.\n' });
    await ok('resume', 'spain');
    await ok('run', '--once');
    expect(await ok('members', 'spain')).toBe('2\n3\n');

    await world.file('rest.json', { '!': [{ in_segment: ['spain'] }] });
    await ok('create', 'rest', '--condition', 'rest.json');
    const used = await world.run('delete', 'spain');
    expect(used).toMatchObject({ code: 2, stderr: 'segmentd: spain is used by rest; edit or delete that first.\n' });
    await ok('delete', 'rest');
    await ok('delete', 'spain');
    await ok('run', '--once');
    expect(await json('list')).toMatchObject([{ key: 'buyers' }]);
    expect((await world.run('show', 'spain')).stderr).toBe('segmentd: There is no segment "spain".\n');

    // the key is free again for whoever says so, and nothing of the old segment is left
    expect((await world.run('create', 'spain', '--condition', 'spain.json')).stderr).toMatch(
      /^segmentd: A segment spain was deleted on \d{4}-\d\d-\d\d: segmentd restore spain brings it back, --reuse gives its key to a new one\.\n$/,
    );
    expect(await json('create', 'spain', '--condition', 'spain.json', '--reuse')).toMatchObject({
      name: 'spain',
      tags: [],
      members: 0,
    });
    await ok('run', '--once');
    expect(await ok('members', 'spain')).toBe('3\n');
    await ok('delete', 'spain');
    expect((await world.run('create', 'spain', '--condition', 'spain.json')).stderr).toMatch(/is being deleted/);
    await ok('run', '--once');
  });

  test('a copy, and a segment put away', async () => {
    expect(await json('duplicate', 'buyers', 'payers')).toMatchObject({
      key: 'payers',
      condition: BUYERS,
      state: 'building',
    });
    await ok('archive', 'payers');
    await ok('run', '--once');
    expect(await json('show', 'payers')).toMatchObject({ state: 'archived', members: 0 });
    await ok('delete', 'payers');
    await ok('run', '--once');
  });

  test('a segment made by SQL is as good', async () => {
    await world.database.pool.query(
      `insert into segmentd.segment (key, condition) values ('grown', '{">=": [{"var": "age"}, 30]}'), ('wrong', '{"==": [{"var": "nope"}, 1]}')`,
    );
    await ok('run', '--once');
    expect(await ok('members', 'grown')).toBe('2\n3\n');
    expect(await json('show', 'wrong')).toMatchObject({
      state: 'invalid',
      error: { issues: [{ code: 'unknown-field' }] },
    });
  });
});

test('uninstall leaves no trigger', async () => {
  await ok('uninstall');
  const { rows } = await world.database.pool.query(
    `select tgname from pg_trigger where tgrelid = 'public.contacts'::regclass and not tgisinternal`,
  );
  expect(rows).toEqual([]);
  expect((await world.run('uninstall', '--purge')).code).toBe(2);
  await ok('uninstall', '--purge', '--yes');
  expect((await world.run('list')).stderr).toBe(
    "segmentd: segmentd's tables are not in this database, or not up to date; run `segmentd migrate` first.\n",
  );
});

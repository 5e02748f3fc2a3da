/**
 * What can be wrong with what a person gives: one clear sentence, the right exit code, nothing half-done. No stack, no
 * SQL, no second sentence.
 */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cli } from './in-process.ts';
import { CONFIG, createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => world.end());

/** Every failure looks like this, and leaves no segment behind. */
async function refused(
  result: { readonly code: number; readonly stdout: string; readonly stderr: string },
  code: 1 | 2,
  ...parts: (string | RegExp)[]
): Promise<void> {
  expect(result.stderr).toMatch(/^segmentd: \S.*[.?!]\n/);
  expect(result.stderr).not.toMatch(/\n\s+at /);
  for (const part of parts) expect(result.stderr).toMatch(part);
  expect(result.code).toBe(code);
  expect(result.stdout).toBe('');
}

function nested(depth: number): unknown {
  let condition: unknown = { '==': [{ var: 'country' }, 'ES'] };
  for (let level = 0; level < depth; level += 1) condition = { and: [condition, { '==': [{ var: 'age' }, level] }] };
  return condition;
}

describe('a condition that is refused', () => {
  afterEach(async () => {
    const { rows } = await world.database.pool.query('select key from segmentd.segment');
    expect(rows).toEqual([]);
  });

  test.each<[string, unknown, string, RegExp]>([
    ['unknown field', { '==': [{ var: 'contry' }, 'ES'] }, 'unknown-field', /did you mean `country`\?/],
    ['unknown operator', { frobnicate: [{ var: 'country' }, 'ES'] }, 'unknown-operator', /frobnicate/],
    ['wrong type', { '>': [{ var: 'age' }, 'old'] }, 'wrong-type', /age/],
    ['ordered text', { '<': [{ var: 'country' }, 'M'] }, '', /country/],
    ['empty group', { and: [] }, 'empty-group', /and/],
    ['empty object', {}, '', /./],
    ['two keys', { and: [true], or: [true] }, '', /two|one|key/],
    ['too deep', nested(25), 'too-deep', /20/],
    ['NUL', { '==': [{ var: 'country' }, 'E\0S'] }, '', /NUL/],
    ['unknown relation', { some: [{ var: 'order' }, true] }, '', /did you mean `orders`\?/],
    ['unknown segment', { in_segment: ['absent'] }, '', /absent/],
    ['itself', { '!': [{ in_segment: ['bad'] }] }, 'cycle', /bad → bad/],
    ['not an object', 'everybody', '', /./],
  ])('%s', async (_, condition, code, hint) => {
    await world.file('bad.json', condition === 'everybody' ? '"everybody"' : condition);
    const result = await world.run('create', 'bad', '--condition', 'bad.json');
    await refused(result, 2, code, hint, /\n {2}\S+ at /);
    const json = await world.run('create', 'bad', '--condition', 'bad.json', '--json');
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: 'usage', issues: [{ pointer: expect.any(String), message: expect.any(String) }] },
    });
  });

  test('a refused condition prints every issue, not the first only', async () => {
    await world.file('bad.json', {
      and: [{ '==': [{ var: 'contry' }, 'ES'] }, { '>': [{ var: 'age' }, 'old'] }, { or: [] }],
    });
    const { stderr } = await world.run('create', 'bad', '--condition', 'bad.json');
    expect(stderr).toContain('at /and/0');
    expect(stderr).toContain('at /and/1');
    expect(stderr).toContain('at /and/2');
  });

  test.each<[string, unknown, string[]]>([
    ['one reason', { '==': [{ var: 'contry' }, 'ES'] }, []],
    ['two reasons', { and: [{ '==': [{ var: 'contry' }, 'ES'] }, { or: [] }] }, []],
    ['an unknown zone', { '==': [{ var: 'country' }, 'ES'] }, ['--timezone', 'Mars/Olympus']],
  ])('create, preview and describe refuse it in the same words: %s', async (_, condition, flags) => {
    await world.file('bad.json', condition);
    const created = await world.run('create', 'bad', '--condition', 'bad.json', ...flags);
    expect(created).toMatchObject({ code: 2, stdout: '' });
    for (const verb of ['preview', 'describe'])
      expect(await world.run(verb, '--condition', 'bad.json', ...flags), verb).toEqual(created);
  });
});

describe('files and flags', () => {
  test.each<[string, string[], 1 | 2, RegExp]>([
    [
      'no such file',
      ['create', 'a', '--condition', 'nowhere.json'],
      2,
      /nowhere\.json cannot be read: there is no such file/,
    ],
    ['a folder', ['create', 'a', '--condition', '.'], 2, /it is a folder/],
    ['bad JSON', ['create', 'a', '--condition', 'broken.json'], 2, /broken\.json is not JSON/],
    ['not UTF-8', ['create', 'a', '--condition', 'latin.json'], 2, /latin\.json is not UTF-8/],
    [
      'a key twice',
      ['create', 'a', '--condition', 'twice.json'],
      2,
      /twice\.json has the key "==" twice in one object, again at line 2, column 2;/,
    ],
    ['a key twice, described', ['describe', '--condition', 'twice.json'], 2, /"==" twice/],
    ['a key twice, deep', ['preview', '--condition', 'deep.json'], 2, /"b" twice/],
    ['empty', ['create', 'a', '--condition', 'empty.json'], 2, /empty\.json is empty/],
    ['empty stdin', ['create', 'a', '--condition', '-'], 2, /stdin is empty/],
    ['no condition', ['create', 'a'], 2, /needs a condition/],
    ['bad key', ['create', 'a b', '--condition', 'good.json'], 2, /cannot be a segment's key/],
    ['NUL in a name', ['create', 'a', '--condition', 'good.json', '--name', 'a\0b'], 2, /NUL/],
    ['unknown kind', ['create', 'a', '--kind', 'magic'], 2, /Allowed choices/],
    ['a snapshot of nothing', ['create', 'a', '--kind', 'snapshot'], 2, /made of a condition, or of a segment/],
    ['a dynamic segment without a condition', ['create', 'a'], 2, /needs a condition/],
    ['a dynamic segment of another', ['create', 'a', '--of', 'b'], 2, /Only a snapshot/],
    ['unknown verb', ['creat', 'a'], 2, /There is no verb "creat": did you mean `create`\?/],
    ['unknown flag', ['list', '--serch', 'x'], 2, /unknown option '--serch'.*Did you mean --search\?/],
    ['missing argument', ['show'], 2, /missing required argument 'key'/],
    ['too many arguments', ['list', 'a'], 2, /too many arguments/],
    [
      'the version of a segment as an option',
      ['restore', 'a', '--version', '1'],
      2,
      /^segmentd: restore has no option --version; segmentd help restore lists the options that it has\.\n$/,
    ],
    ['bad limit', ['members', 'a', '--limit', '0'], 2, /whole number above 0/],
    ['bad duration', ['wait', '--timeout', 'soon'], 2, /duration such as/],
    ['nothing to edit', ['edit', 'a'], 2, /Nothing to change/],
    ['both or neither', ['rebuild'], 2, /Give either the key of a segment or --all/],
    ['no such segment', ['show', 'absent'], 2, /There is no segment "absent"/],
    ['members of none', ['members', 'absent'], 2, /There is no segment "absent"/],
    ['delete none', ['delete', 'absent'], 2, /There is no segment "absent"/],
    ['rebuild none', ['rebuild', 'absent'], 2, /There is no segment "absent"/],
    ['wait for none', ['wait', 'absent'], 2, /There is no segment "absent"/],
    ['verify none', ['verify', 'absent'], 2, /There is no segment "absent"/],
    ['not a key', ['segments-of', 'bob'], 2, /"bob" cannot be the key of a contact/],
    ['not a place to serve', ['run', '--http', 'somewhere'], 2, /--http must be a port or HOST:PORT/],
    ['no such schedule', ['schedule', 'remove', '99'], 2, /There is no schedule 99/],
    ['a schedule without a number', ['schedule', 'run', 'abc'], 2, /"abc" is not a whole number above 0/],
    ['a cron expression that is none', ['schedule', 'add', 'taken', '--cron', 'x'], 2, /is not a cron expression/],
    ['restore of none', ['restore', 'absent'], 2, /There is no segment "absent", and none was deleted/],
    ['export of none', ['export', 'absent'], 2, /There is no segment "absent"/],
    ['a format that is none', ['export', 'absent', '--format', 'xml'], 2, /Allowed choices are csv, ndjson, parquet/],
    ['explain without a contact', ['explain', 'absent'], 2, /missing required argument 'contact'/],
    [
      'describe both',
      ['describe', 'absent', '--condition', 'good.json'],
      2,
      /Give either the key of a segment or --condition FILE/,
    ],
    ['a config that is there', ['init'], 2, /exists already; --force overwrites it/],
    ['a key out of range', ['segments-of', '99999999999999999999'], 2, /cannot be the key of a contact/],
  ])('%s', async (_, argv, code, sentence) => {
    await world.file('good.json', { '==': [{ var: 'country' }, 'ES'] });
    await world.file('broken.json', '{"==": [');
    await world.file('twice.json', '{"==":[{"var":"age"},3],\n "==":[{"var":"age"},4]}');
    await world.file('deep.json', `${'{"a":'.repeat(50_000)}{"b":1,"b":2}${'}'.repeat(50_000)}`);
    await world.file('empty.json', ' \n');
    await world.file('latin.json', Buffer.from([0x22, 0xe9, 0x22]));
    const result = await world.run(...argv);
    await refused(result, code, sentence);
    const lines = result.stderr.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('Usage: '))).toHaveLength(1);
  });

  test('an unknown zone is refused as an issue of the segment', async () => {
    await world.file('good.json', { '==': [{ var: 'country' }, 'ES'] });
    const result = await world.run('create', 'a', '--condition', 'good.json', '--timezone', 'Mars/Base');
    await refused(result, 2, /not a time zone/);
    expect(result.stderr.trim().split('\n')).toEqual([
      'segmentd: "Mars/Base" is not a time zone that Postgres knows; use a name such as Europe/Madrid.',
      expect.stringContaining('unknown-timezone'),
    ]);
  });

  test('a key that is taken', async () => {
    await world.file('good.json', { '==': [{ var: 'country' }, 'ES'] });
    expect(await world.run('create', 'taken', '--condition', 'good.json')).toMatchObject({ code: 0 });
    await refused(
      await world.run('create', 'taken', '--condition', 'good.json'),
      2,
      /There is a segment taken already/,
    );
    for (const verb of [
      ['show', 'tkaen'],
      ['members', 'Taken'],
      ['export', 'take'],
      ['pause', 'takenn'],
      ['explain', 'taken2', '1'],
    ]) {
      await refused(
        await world.run(...verb),
        2,
        new RegExp(`^segmentd: There is no segment "${verb[1]}": did you mean \`taken\`\\?\\n$`),
      );
    }
    await refused(await world.run('as-of', 'taken', 'yesterday-ish'), 2, /is not a time/);
    // A recursive mkdir of Node never returns from there.
    await refused(await world.run('pull', '/proc/segments'), 1, /\/proc\/segments.* cannot be written/);
    await world.file('other.json', { in_segment: ['taken'] });
    expect(await world.run('create', 'other', '--condition', 'other.json')).toMatchObject({ code: 0 });
    await world.file('cycle.json', { in_segment: ['other'] });
    await refused(await world.run('edit', 'taken', '--condition', 'cycle.json'), 2, /taken → other → taken/);
  });
});

test('Ctrl-C ends a verb that waits, quietly', async () => {
  await world.file('good.json', { '==': [{ var: 'country' }, 'ES'] });
  expect(await world.run('create', 'slow', '--condition', 'good.json')).toMatchObject({ code: 0 });
  const pressed = new AbortController();
  const waiting = world.runWith({ signal: pressed.signal }, 'wait', 'slow');
  setImmediate(() => pressed.abort('SIGINT'));
  expect(await waiting).toEqual({ code: 1, stdout: '', stderr: '' });
});

describe('the config', () => {
  test.each<[string, string, RegExp]>([
    ['unreadable YAML', 'contacts: [', /is not valid YAML/],
    ['empty', '', /empty/],
    ['unknown key', `${CONFIG}\nrelation: {}`, /`relation` is not known here.*did you mean `relations`\?/],
    [
      'unknown setting',
      `${CONFIG}\nsettings: { bach_size: 1 }`,
      /settings\.bach_size is not an option: did you mean `batch_size`\?/,
    ],
    ['no such table', CONFIG.replace('public.contacts', 'public.contact'), /there is no table public\.contact/],
    ['no such column', CONFIG.replace('time: placed_at', 'time: place_at'), /placed_at/],
    ['no such zone', CONFIG.replace('Europe/Madrid', 'Europe/Madird'), /Europe\/Madird/],
    ['a view', CONFIG.replace('public.contacts', 'public.contact_view'), /view/],
    [
      'a composite key',
      CONFIG.replace('public.contacts', 'public.pair').replace('key: id, created: created_at', ''),
      /composite|a, b/,
    ],
  ])('%s', async (_, text, sentence) => {
    await world.database.pool.query(`create or replace view public.contact_view as select * from public.contacts;
      create table if not exists public.pair (a int, b int, primary key (a, b))`);
    await world.file('other.yaml', text);
    await refused(await world.run('install', '--config', 'other.yaml'), 2, sentence);
  });

  test('missing, or a folder', async () => {
    await refused(
      await world.run('list', '--config', 'missing.yaml'),
      2,
      /There is no config file .*missing\.yaml.*segmentd init/,
    );
    await mkdir(join(world.folder, 'folder'), { recursive: true });
    await refused(await world.run('list', '--config', 'folder'), 2, /it is a folder/);
  });
});

describe('servers', () => {
  test('no database is named', async () => {
    await refused(
      await cli(['list'], { cwd: world.folder }),
      2,
      /No database is named: give --database-url, or set DATABASE_URL or PGHOST and PGDATABASE/,
    );
  });

  test.each<[string, string, RegExp]>([
    ['not a URL', 'nonsense', /DATABASE_URL must be a URL that starts with postgres:\/\//],
    ['nothing listens', 'postgres://u:secret@127.0.0.1:1/db', /Nothing answers at 127\.0\.0\.1:1/],
    ['no such host', 'postgres://u:secret@nowhere.invalid/db', /cannot be found/],
  ])('%s', async (_, url, sentence) => {
    const result = await world.runWith({ env: { DATABASE_URL: url } }, 'list');
    await refused(result, url === 'nonsense' ? 2 : 1, sentence);
    expect(result.stderr).not.toContain('secret');
  });

  test('no such database, no such user', async () => {
    const url = new URL(world.database.url);
    url.pathname = '/absent_database';
    await refused(
      await world.runWith({ env: { DATABASE_URL: url.href } }, 'list'),
      1,
      /has no database "absent_database"/,
    );
  });

  test('a database without segmentd', async () => {
    await world.database.pool.query(
      'alter schema segmentd rename to away; alter schema segmentd_internal rename to away_internal',
    );
    try {
      for (const verb of [['list'], ['status'], ['members', 'a'], ['rebuild', '--all'], ['verify'], ['wait']]) {
        await refused(await world.run(...verb), 1, /run `segmentd migrate` first/);
      }
    } finally {
      await world.database.pool.query(
        'alter schema away rename to segmentd; alter schema away_internal rename to segmentd_internal',
      );
    }
  });

  test('a worker that cannot serve says so in its log', async () => {
    const { code, stdout, stderr } = await world.run('run', '--http', '999.1.1.1:1');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      msg: expect.stringMatching(/^Cannot serve HTTP on 999\.1\.1\.1:1/),
    });
  });

  test('nothing is captured: what would wait for ever says so', async () => {
    const bare = await createWorld();
    try {
      await mkdir(join(bare.folder, 'folder'), { recursive: true });
      await refused(
        await bare.runWith({ cwd: join(bare.folder, 'folder') }, 'migrate'),
        2,
        /There is no config file .*segmentd\.yaml/,
      );
      expect(await bare.run('migrate')).toMatchObject({ code: 0 });
      await bare.file('good.json', { '==': [{ var: 'country' }, 'ES'] });
      await refused(
        await bare.run('create', 'early', '--condition', 'good.json'),
        1,
        /No catalogue is published.*run `segmentd install`/,
      );
      expect((await bare.run('preview', '--condition', 'good.json', '--json')).stdout).toMatch(/"in": 2/);
      await bare.database.query(
        `insert into segmentd.segment (key, condition) values ('early', '{"==": [{"var": "country"}, "ES"]}')`,
      );
      for (const verb of [
        ['run', '--once'],
        ['wait'],
        ['wait', 'early'],
        ['edit', 'early', '--name', 'Early', '--wait'],
      ]) {
        await refused(await bare.run(...verb), 1, /Capture is not installed.*run `segmentd install` first/);
      }
      expect((await bare.run('status')).stdout).toMatch(/^capture: not installed.*segmentd install$/m);
      expect(await bare.run('install')).toMatchObject({ code: 0 });
      expect(await bare.run('run', '--once')).toMatchObject({ code: 0, stderr: '' });
      expect(await bare.run('members', 'early')).toMatchObject({ code: 0, stdout: '1\n3\n' });
    } finally {
      await bare.end();
    }
  });

  test('a role without rights', async () => {
    const role = `absent_${world.database.name}`;
    await world.database.pool.query(`create role ${role} login password 'x'`);
    try {
      const url = new URL(world.database.url);
      url.username = role;
      url.password = 'x';
      const env = { DATABASE_URL: url.href };
      await refused(await world.runWith({ env }, 'list'), 1, /lacks a right that this needs: permission denied/);
      await refused(await world.runWith({ env }, 'migrate'), 1, /permission|may not/i);
      await refused(await world.runWith({ env }, 'install'), 1, /permission|may not|right/i);
    } finally {
      await world.database.pool.query(`drop role ${role}`);
    }
  });

  test('a server that is too old', async () => {
    const old = createServer((socket) => socket.on('data', (data) => socket.write(sayOld(data))).on('error', () => {}));
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    const address = old.address();
    try {
      const port = typeof address === 'object' ? address?.port : 0;
      await refused(
        await world.runWith({ env: { DATABASE_URL: `postgres://u@127.0.0.1:${port}/db` } }, 'list'),
        1,
        /Postgres 13\.9; segmentd needs Postgres 14 or newer/,
      );
    } finally {
      old.close();
    }
  });

  test('status says that Redis is not there, and nothing stops', async () => {
    const result = await world.run('status', '--json', '--redis-url', 'redis://127.0.0.1:1');
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      queue: { backend: 'redis', ok: false, message: expect.stringMatching(/127\.0\.0\.1:1/) },
    });
    const doctor = await world.run('doctor', '--redis-url', 'redis://127.0.0.1:1');
    expect(doctor).toMatchObject({ code: 1, stderr: '' });
    expect(doctor.stdout).toMatch(/^fail {2}.*127\.0\.0\.1:1 cannot be used/m);
    await refused(
      await world.run('status', '--redis-url', 'http://127.0.0.1'),
      2,
      /--redis-url must be a URL that starts with redis:\/\//,
    );
  });
});

/** Just enough of the protocol to log anybody in and to answer "13.9" to any select. */
function sayOld(heard: Buffer): Buffer {
  const message = (type: string, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const text = (value: string): Buffer => Buffer.from(`${value}\0`);
  const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
  const int32 = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 255]);
  const column = (name: string): Buffer[] => [
    text(name),
    int32(0),
    int16(0),
    int32(25),
    Buffer.from([255, 255]),
    Buffer.from([255, 255, 255, 255]),
    int16(0),
  ];
  const value = (content: string): Buffer[] => [int32(content.length), Buffer.from(content)];
  const ready = message('Z', Buffer.from('I'));
  if (heard[0] === 0) return Buffer.concat([message('R', int32(0)), ready]); // the start-up message alone has no type
  if (heard[0] !== 0x51) return Buffer.alloc(0);
  if (!heard.includes('select')) return Buffer.concat([message('C', text('SET')), ready]);
  return Buffer.concat([
    message('T', int16(2), ...column('number'), ...column('version')),
    message('D', int16(2), ...value('130009'), ...value('13.9')),
    message('C', text('SELECT 1')),
    ready,
  ]);
}

/** A wrong base filter is a mistake of the config: the verb that starts with it says so, and nothing is written. */
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { until } from '../support/until.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createWorld, type World } from './cli-world.ts';

const configOf = (where: string): string =>
  `contacts: { table: public.contacts, key: id, where: ${where} }\ntimezone: UTC\n`;

let world: World;
beforeAll(async () => {
  world = await createWorld({ config: configOf('{"!=": [{"var": "country"}, "XX"]}') });
});
afterAll(() => world.end());

describe('refused by', () => {
  const mistyped = '{"==": [{"var": "contry"}, "x"]}';

  test.each([['fields'], ['migrate'], ['install'], ['doctor'], ['verify']])('%s', async (verb) => {
    await world.file('wrong.yaml', configOf(mistyped));
    const { code, stdout, stderr } = await world.run(verb, '--config', 'wrong.yaml');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^segmentd: The base filter of the config, `contacts\.where`, is refused\.\n {2}unknown-field at \/==\/0: .*did you mean `country`\?\n$/,
    );
    const { rows } = await world.database.pool.query(`select from pg_catalog.pg_namespace where nspname = 'segmentd'`);
    expect(rows).toEqual([]);
  });
});

test.each<[string, string, RegExp]>([
  ['a word', 'x', /wrong-type at the whole condition/],
  ['nothing', '', /wrong-type at the whole condition/],
  ['an empty object', '{}', /empty-object at the whole condition/],
  ['a segment', '{"in_segment": ["base"]}', /segment-in-filter at the whole condition/],
  [
    'two mistakes',
    '{"and": [{"==": [{"var": "contry"}, "x"]}, {"or": []}]}',
    /unknown-field at \/and\/0.*\n.*empty-group at \/and\/1/,
  ],
])('wrong: %s', async (_, where, issue) => {
  await world.file('wrong.yaml', configOf(where));
  const { code, stdout, stderr } = await world.run('fields', '--config', 'wrong.yaml');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^segmentd: The base filter of the config, `contacts\.where`, is refused\.\n/);
  expect(stderr).toMatch(issue);
});

test('one that stands in itself: as an alias in the file, and as an object of a program', async () => {
  await world.file('wrong.yaml', configOf('&a {"and": [*a]}'));
  const { code, stdout, stderr } = await world.run('fields', '--config', 'wrong.yaml');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^segmentd: .*wrong\.yaml is not valid YAML: an alias stands in what it names\.\n$/);
  const where: Record<string, unknown> = {};
  where['and'] = [where];
  await using own = createSegmentd({
    databaseUrl: world.database.url,
    config: { contacts: { table: 'public.contacts', key: 'id', where }, timezone: 'UTC', timestamps: 'UTC' },
  });
  await expect(own.segments.describe({ condition: true })).rejects.toMatchObject({
    code: 'usage',
    issues: [expect.objectContaining({ code: 'too-deep' })],
  });
});

describe('a worker', () => {
  let api: Segmentd | undefined;
  afterEach(() => api?.close());

  test('that runs freezes the segments when the column is dropped and repairs them when it is back; a worker that starts refuses', async () => {
    for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0, stderr: '' });
    await world.file('wrong.yaml', configOf('{}'));
    expect(await world.run('install', '--config', 'wrong.yaml')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('empty-object'),
    });
    // The published catalogue counts, whatever a file beside it says.
    expect(await world.run('run', '--once', '--config', 'wrong.yaml')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('wrong.yaml differs from the published catalogue (contacts.where)'),
    });
    api = createSegmentd({
      databaseUrl: world.database.url,
      config: parseConfig(configOf('{"!=": [{"var": "country"}, "XX"]}'), 'config'),
    });
    await api.segments.create({ key: 'grown', condition: { '>=': [{ var: 'age' }, 30] } });
    const state = async () => (await api?.segments.show('grown'))?.state;
    await using worker = createWorker({ databaseUrl: world.database.url, queue: null, pollInterval: 20 });
    await worker.start();
    await until(async () => (await state()) === 'live', { timeout: 20_000, message: 'a first build' });
    await world.database.query('alter table public.contacts rename column country to land');
    await until(async () => (await state()) === 'invalid', { timeout: 20_000, message: 'frozen' });
    expect(await api.segments.show('grown')).toMatchObject({
      members: 2,
      error: {
        code: 'drift',
        issues: [{ code: 'unknown-field', message: expect.stringMatching(/^contacts\.where: .*country/) }],
      },
    });
    await using second = createWorker({ databaseUrl: world.database.url, queue: null });
    await expect(second.start()).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('`contacts.where`'),
      issues: [{ code: 'unknown-field' }],
    });
    await world.database.query('alter table public.contacts rename column land to country');
    await until(async () => (await state()) === 'live', { timeout: 20_000, message: 'repaired' });
    await world.database.query(`update public.contacts set country = 'XX' where id = 2`);
    await api.admin.wait();
    expect(await api.segments.show('grown')).toMatchObject({ state: 'live', error: null, members: 1 });
  });

  test('that runs says in one line that another filter was installed, and which segments it rebuilds', async () => {
    const stream = new PassThrough();
    const lines: Record<string, unknown>[] = [];
    stream.on('data', (line: Buffer) => lines.push(JSON.parse(line.toString()) as Record<string, unknown>));
    const log = createLog({ stream });
    await world.file('other.yaml', configOf('{"!=": [{"var": "country"}, "PT"]}'));
    api = createSegmentd({ databaseUrl: world.database.url });
    await api.segments.create({ key: 'young', condition: { '<': [{ var: 'age' }, 30] } });
    await using worker = createWorker({ databaseUrl: world.database.url, pollInterval: 20, log });
    await worker.start();
    await api.segments.untilLive('young');
    lines.length = 0;
    expect(await world.run('install', '--config', 'other.yaml')).toMatchObject({ code: 0 });
    const keys = () => lines.filter(({ msg }) => msg === 'rebuilt').map(({ key }) => key);
    await until(() => keys().length === 2, { timeout: 20_000, message: 'both are rebuilt' });
    expect(lines.filter(({ msg }) => String(msg).startsWith('another catalogue was published'))).toEqual([
      expect.objectContaining({
        level: 'info',
        segments: ['grown', 'young'],
        count: 2,
        msg: 'another catalogue was published; the segments that read what changed are rebuilt',
      }),
    ]);
    expect(lines.filter(({ level, err }) => level !== 'info' || err !== undefined)).toEqual([]);
  });
});

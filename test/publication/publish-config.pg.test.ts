/** `install` shows what a config would change, rejects one that moves too many members, and publishes. Workers and verbs follow the published one. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { CONFIG, createPublicationWorld, type PublicationWorld } from './publication-world.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: PublicationWorld;
beforeAll(async () => {
  world = await createPublicationWorld();
  await settle();
});
afterAll(() => world.end());

async function settle(): Promise<void> {
  await using worker = world.segmentd.worker({ exportFolder: world.folder });
  await worker.once();
}
const published = async (): Promise<number> =>
  Number((await world.database.query<{ count: string }>('select count(*) from segmentd_internal.catalogue'))[0]?.count);
const owed = async (key: string): Promise<readonly string[]> => (await world.segmentd.admin.status(key))[0]?.owed ?? [];

describe('an edit of the config file', () => {
  test('is shown before it is published, entry by entry and segment by segment', async () => {
    world.config.timezone = 'America/New_York';
    world.config.fields = { ...CONFIG.fields, score: { column: 'profile', path: ['level'], type: 'integer' } };
    world.config.contacts.where = { '<': [{ var: 'age' }, 45] };
    world.config.relations['orders'] = { table: 'public.orders', contact: 'contact_id', time: 'paid_at' };
    await world.write();
    const before = await published();
    const { code, stdout, stderr } = await world.run('install', '--dry-run');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '+ contacts.where: {"<":[{"var":"age"},45]}',
      '~ fields.score: {"column":"profile","path":["score"],"type":"integer"} → {"column":"profile","path":["level"],"type":"integer"}',
      '~ relations.orders.time: "placed_at" → "paid_at"',
      '~ timezone: "UTC" → "America/New_York"',
    ]);
    expect(lines).toContain('everybody: 0 would enter and 5 leave, of 60 members now');
    expect(lines).toContain('picked: 0 would enter and 0 leave, of 6 members now');
    const json = JSON.parse((await world.run('install', '--dry-run', '--json')).stdout) as {
      published: boolean;
      segments: { key: string; entering: number; leaving: number; reason: string }[];
    };
    expect(json.published).toBe(false);
    expect(json.segments.find(({ key }) => key === 'scored')).toMatchObject({
      reason: 'its catalogue changed: contacts.where, fields.age, fields.score, timezone',
    });
    expect(await published()).toBe(before);
    expect(await world.wrong()).toEqual([]);
  });

  test('is reported in one line by verbs that find the file, and is not followed', async () => {
    const sentence =
      'segmentd.yaml differs from the published catalogue (contacts.where, fields.score, relations.orders.time, timezone), which counts; `segmentd install --dry-run` shows what would change.\n';
    await world.file('everybody.json', true);
    expect(await world.run('preview', '--condition', 'everybody.json', '--json')).toMatchObject({
      code: 0,
      stderr: sentence,
      stdout: expect.stringContaining('"contacts": 60'),
    });
    await using two = createSegmentd({
      databaseUrl: world.database.url,
      config: { ...CONFIG, timezone: 'Asia/Tokyo' },
    });
    expect((await two.catalogue()).timezone).toBe('UTC');
  });

  test('that moves too many members is rejected with the numbers, and published with --yes; owed rebuilds say why', async () => {
    const refused = await world.run('install', '--guard-members', '3', '--guard-percent', '5');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /The catalogue is not published: .*everybody: 0 would enter and 5 leave, of 60 members now.*5 % and 3 members.*--yes/,
    );
    const before = await published();
    expect(await world.run('install', '--guard-members', '3', '--guard-percent', '5', '--yes')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('published the catalogue'),
    });
    expect(await published()).toBe(before + 1);
    expect(await owed('everybody')).toEqual(['its catalogue changed: contacts.where, fields.age, timezone']);
    expect((await world.run('status')).stdout).toContain('its catalogue changed: contacts.where');
    await expect(world.segmentd.admin.wait({ timeout: 300 })).rejects.toThrow('Not everything is visible');
    await settle();
    expect(await owed('everybody')).toEqual([]);
    expect(await world.wrong()).toEqual([]);
    expect(await world.run('install')).toMatchObject({ code: 0, stdout: 'up to date\n', stderr: '' });
  });
});

test('an excluded column freezes its readers, and they come back exact although it was written meanwhile', async () => {
  await using worker = createWorker({
    databaseUrl: world.database.url,
    pollInterval: 20,
    queue: null,
    exportFolder: world.folder,
  });
  await worker.start();
  delete world.config.contacts.where;
  world.config.contacts.exclude = ['age'];
  await world.write();
  expect((await world.run('install', '--dry-run')).stdout).toMatch(
    /^adults: would become invalid, and its members stay as they are: .*age/m,
  );
  await world.publish();
  await until(async () => (await world.segmentd.admin.status('adults'))[0]?.state === 'invalid');
  await world.database.query('update public.contacts set age = 60 - age');
  await world.segmentd.admin.wait({ timeout: 30_000 });
  delete world.config.contacts.exclude;
  await world.publish();
  await until(async () => (await world.segmentd.admin.status('adults'))[0]?.state === 'live', { timeout: 30_000 });
  await world.segmentd.admin.wait({ timeout: 30_000 });
  expect(await world.wrong()).toEqual([]);
});

test('only the verb that publishes the file needs it', async () => {
  const cwd = join(world.folder, 'elsewhere');
  await mkdir(cwd, { recursive: true });
  await world.file('elsewhere/condition.json', { '==': [{ var: 'land' }, 'ES'] });
  for (const verb of [
    ['fields'],
    ['list'],
    ['status'],
    ['describe', 'spain'],
    ['preview', 'spain'],
    ['verify'],
    ['run', '--once'],
    ['create', 'made', '--condition', 'condition.json'],
    ['install'],
  ]) {
    expect([verb, await world.runWith({ cwd }, ...verb)]).toEqual([
      verb,
      expect.objectContaining({ code: 0, stderr: expect.not.stringContaining('config') }),
    ]);
  }
  await world.segmentd.segments.delete('made');
  await settle();
});

test('segments that do not need a dropped table of the catalogue go on', async () => {
  await using worker = createWorker({
    databaseUrl: world.database.url,
    pollInterval: 20,
    queue: null,
    exportFolder: world.folder,
  });
  await worker.start();
  await world.database.query('alter table public.items rename to missing');
  try {
    await using fresh = createSegmentd({ databaseUrl: world.database.url });
    expect(await fresh.segments.edit('spain', { name: 'Spain' })).toMatchObject({ name: 'Spain' });
    expect(await fresh.segments.create({ key: 'vips', kind: 'static' })).toMatchObject({ key: 'vips' });
    await fresh.overrides.add('vips', ['1']);
    await fresh.segments.duplicate('spain', 'spain_too');
    await fresh.segments.untilLive('spain_too');
    expect((await world.run('fields')).stdout).toMatch(/^left out: .*public\.items/m);
    await expect(
      fresh.segments.create({ key: 'skus', condition: { some: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'A'] }] } }),
    ).rejects.toThrow(/does not fit the database: .*public\.items/);
  } finally {
    await world.database.query('alter table public.missing rename to items');
  }
  await until(async () => (await world.segmentd.admin.status('sku'))[0]?.state === 'live', { timeout: 30_000 });
  await world.segmentd.admin.wait({ timeout: 30_000 });
  expect(await world.wrong()).toEqual([]);
});

test('a name may be changed while the contacts table is missing', async () => {
  await world.database.query('alter table public.contacts rename to away');
  try {
    await using fresh = createSegmentd({ databaseUrl: world.database.url });
    expect(await fresh.segments.edit('spain', { name: 'Iberia' })).toMatchObject({ name: 'Iberia' });
  } finally {
    await world.database.query('alter table public.away rename to contacts');
  }
});

test('an installation that is older than published catalogues: its worker says what to run, migrate publishes, and all is built once', async () => {
  await world.database.query(
    'delete from segmentd_internal.catalogue; update segmentd.segment_version set fingerprint = null',
  );
  expect(await world.run('run', '--once')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No catalogue is published in this database: run `segmentd install`'),
  });
  expect(await world.run('migrate')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('published the catalogue of the config file'),
  });
  expect(await owed('spain')).toEqual(['segmentd does not know under which catalogue it was built']);
  await settle();
  expect(await world.wrong()).toEqual([]);
  expect(await world.run('migrate')).toMatchObject({ code: 0, stdout: 'up to date\n' });
});

test('a table without a schema is published with the one it was found in, whatever search path others have', async () => {
  const own = await createPublicationWorld();
  try {
    own.config = { ...own.config, contacts: { ...own.config.contacts, table: 'contacts' }, timezone: 'Europe/Madrid' };
    await own.publish();
    const [newest] = await own.database.query<{ name: string }>(
      `select c.config #>> '{contacts,table}' as name from segmentd_internal.catalogue c order by c.id desc limit 1`,
    );
    expect(newest).toEqual({ name: 'public.contacts' });
    await own.database.query(
      `create schema decoy; create table decoy.contacts (like public.contacts); alter database ${own.database.name} set search_path = decoy, public`,
    );
    expect(await own.run('install', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('decoy.contacts'),
    });
    expect(await own.run('list')).toMatchObject({ code: 0, stderr: '' });
    expect(await own.run('run', '--once')).toMatchObject({ code: 0 });
    expect(await own.wrong()).toEqual([]);
  } finally {
    await own.end();
  }
});

/** `dev` on a database that is not its own: it says which one, asks, and changes nothing before the answer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadShop } from '../../src/dev/shop/load-shop.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { runCli, startCli } from '../support/process.ts';
import { cliInTerminal, KEY, terminalAvailable, type TestTerminal } from '../support/terminal.ts';
import { createWorld } from './cli-world.ts';

let folder: string;
let db: TestDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segmentd-consent-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  db = await createDatabase();
});
afterEach(() => db.drop());

const options = (url: string, cwd = folder) => ({
  cwd,
  env: { DATABASE_URL: url, REDIS_URL: '', SEGMENTD_CONFIG: undefined, SEGMENTD_LOG_LEVEL: undefined },
});

async function schemas(of: TestDatabase): Promise<string[]> {
  const rows = await of.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname like 'segmentd%' order by 1`,
  );
  return rows.map((row) => row.name);
}

test('without a terminal it says what it would do to which database, refuses, and names --yes', async () => {
  const ended = await runCli(['dev', '--for', '1s'], options(db.url));
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  const { hostname, port, username, password } = new URL(db.url);
  expect(ended.stderr).toContain(`database "${db.name}" at ${hostname}:${port}, as user "${username}"`);
  expect(ended.stderr).toMatch(
    / {2}- create the schemas segmentd and segmentd_queue\n {2}- load a sample shop: .*contacts/,
  );
  expect(ended.stderr).toMatch(/no terminal to ask in: --yes goes on, --embedded /);
  expect(ended.stderr).not.toContain(decodeURIComponent(password));
  expect(await schemas(db)).toEqual([]);
  expect(await db.query(`select from pg_class where relnamespace = 'public'::regnamespace`)).toEqual([]);
});

test('the variables of psql name a database as well', async () => {
  const { hostname, port, username, password } = new URL(db.url);
  const ended = await runCli(['dev', '--for', '1s'], {
    cwd: folder,
    env: {
      ...options('').env,
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: decodeURIComponent(password),
      PGDATABASE: db.name,
    },
  });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(`database "${db.name}" at ${hostname}:${port}, as user "${username}"`);
  expect(ended.stderr).toContain('--yes');
  expect(await schemas(db)).toEqual([]);
});

test('--yes goes on; another start says what stands there and loads nothing again', { timeout: 120_000 }, async () => {
  await loadShop(db.pool, { contacts: 300, orders: 600, pageViews: 300 });
  const ended = await runCli(['dev', '--for', '1s', '--yes', '--json'], options(db.url));
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toContain(`database "${db.name}"`);
  expect(ended.stderr).not.toContain('load a sample shop');
  expect(ended.stderr).toContain('create the sample segments');
  const again = await runCli(['dev', '--for', '1s', '--no-traffic'], options(db.url));
  expect(again.code).toBe(2);
  expect(again.stderr).not.toMatch(/create the (schema|sample)|insert, update/);
  expect(await db.query('select count(*)::int as contacts from public.contacts')).toEqual([
    { contacts: expect.any(Number) as number },
  ]);
});

test('tables of a team: left alone without a config; with one they are captured and their rows stay', async () => {
  const world = await createWorld();
  try {
    const without = await runCli(['dev', '--for', '1s', '--yes'], options(world.database.url));
    expect(without).toMatchObject({ code: 2, stdout: '' });
    expect(without.stderr).toMatch(/tables of its own.*`[^`]* dev --embedded` .*`[^`]*segmentd[^`]* init`/);
    expect(await schemas(world.database)).toEqual([]);
    const asked = await runCli(['dev', '--for', '1s'], options(world.database.url, world.folder));
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/publish the config file as the catalogue\n.*capture triggers on .*contacts/);
    expect(asked.stderr).toContain('leave the rows of your tables as they are');
    expect(await schemas(world.database)).toEqual([]);
    const own = await runCli(['dev', '--for', '1s', '--json', '--yes'], options(world.database.url, world.folder));
    expect(own, own.stderr).toMatchObject({ code: 0, stdout: '[]' });
  } finally {
    await world.end();
  }
});

test('a published catalogue is not replaced by another file', { timeout: 120_000 }, async () => {
  const world = await createWorld();
  try {
    const own = () => options(world.database.url, world.folder);
    const first = await runCli(['dev', '--for', '1s', '--yes'], own());
    expect(first.code, first.stderr).toBe(0);
    await world.database.query(
      `update segmentd_internal.catalogue set config = jsonb_set(config, '{timezone}', '"Asia/Tokyo"')`,
    );
    const ended = await runCli(['dev', '--for', '1s', '--yes'], own());
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/differs from the published catalogue \(timezone\).*`segmentd install`/);
    expect(await world.database.query(`select config ->> 'timezone' as zone from segmentd_internal.catalogue`)).toEqual(
      [{ zone: 'Asia/Tokyo' }],
    );
  } finally {
    await world.end();
  }
});

describe.runIf(terminalAvailable)('in a terminal', () => {
  let terminal: TestTerminal | undefined;
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  test.each([
    ['n\r', 1, 'Nothing was changed'],
    ['\r', 1, 'Nothing was changed'],
    ['\u0004', 1, 'Nothing was changed'],
    [KEY.ctrlC, 1, 'Go on? [y/N]'],
  ])('the answer %j changes nothing', async (answer, code, said) => {
    terminal = await cliInTerminal(['dev'], options(db.url));
    const asked = await terminal.shows('Go on? [y/N]');
    expect(asked.join('\n')).toContain(`database "${db.name}"`);
    terminal.type(answer);
    expect(await terminal.ended).toEqual({ code });
    expect((await terminal.screen.history()).join('\n')).toContain(said);
    expect(await schemas(db)).toEqual([]);
  });

  test('yes goes on, and the keys of the view are heard afterwards', { timeout: 120_000 }, async () => {
    await loadShop(db.pool, { contacts: 300, orders: 600, pageViews: 300 });
    terminal = await cliInTerminal(['dev'], { ...options(db.url), columns: 50 });
    await terminal.shows('Go on? [y/N]');
    terminal.type('y\r');
    await terminal.shows('? help  q quit', 60_000);
    terminal.type('q');
    expect(await terminal.ended).toEqual({ code: 0 });
    expect(await terminal.screen.state()).toEqual({ cursorShown: true, alternate: false, wraps: true });
  });
});

test('--embedded leaves the named database alone', async () => {
  const started = startCli(['dev', '--embedded'], options('postgres://postgres@127.0.0.1:1/none'));
  await started.line(/^Postgres of our own runs on port \d+/);
  expect(await started.kill('SIGINT')).toMatchObject({ signal: null });
});

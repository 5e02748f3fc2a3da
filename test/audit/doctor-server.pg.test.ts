/** What doctor finds on a whole server, on one of our own: roles that cannot be created, slots, subscriptions, a standby. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { cli } from '../cli/in-process.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { startOwnServer, type OwnServer } from '../fault/own-server.ts';
import { until } from '../support/until.ts';

const CONFIG = { contacts: { table: 'public.contacts', key: 'id' }, relations: {}, timezone: 'UTC', timestamps: 'UTC' };
const TABLES =
  'create table public.contacts (id bigint primary key, country text); insert into public.contacts values (1, $$ES$$)';

let own: OwnServer;
beforeAll(async () => {
  own = await startOwnServer({ wal_level: 'logical' });
}, 90_000);
afterAll(() => own.database.drop());

function urlOf(database: string, user?: string): string {
  const url = new URL(own.database.url);
  url.pathname = `/${database}`;
  if (user !== undefined) [url.username, url.password] = [user, 'p'];
  return url.href;
}

async function inDatabase(name: string, ...texts: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(name) });
  await client.connect();
  for (const text of texts) await client.query(text);
  await client.end();
}

async function bad(url: string): Promise<string[]> {
  await using segmentd = createSegmentd({ databaseUrl: url, config: CONFIG });
  return (await segmentd.admin.doctor())
    .filter((one) => one.level !== 'ok' && !one.sentence.startsWith('No worker is running'))
    .map((one) => `${one.level}: ${one.sentence} → ${one.fix}`);
}

test(
  'doctor prints the SQL that creates the roles, and running it fixes a role that may not create them',
  { timeout: 60_000 },
  async () => {
    await own.database.query(
      'reassign owned by segmentd_owner to current_user; drop owned by segmentd_owner, segmentd_worker, segmentd_editor, segmentd_viewer, segmentd_reader; drop role segmentd_owner, segmentd_worker, segmentd_editor, segmentd_viewer, segmentd_reader',
    );
    await own.database.query(`create role plain login password 'p'`);
    await own.database.query('create database team owner plain');
    await inDatabase(
      'team',
      'set role plain',
      'create schema if not exists mine',
      TABLES.replaceAll('public.', 'mine.'),
      'grant create on schema public to plain',
    ).catch(() => undefined);
    const url = urlOf('team', 'plain');
    await using segmentd = createSegmentd({
      databaseUrl: url,
      config: { ...CONFIG, contacts: { table: 'mine.contacts', key: 'id' } },
    });
    const missing = async () => (await segmentd.admin.doctor()).find((one) => one.sentence.includes('not exist'));
    expect(await missing(), 'where migrate never ran').toEqual({
      level: 'warn',
      sentence:
        'The roles segmentd_editor, segmentd_owner, segmentd_reader, segmentd_viewer, segmentd_worker do not exist yet; `segmentd migrate` creates them if this role may.',
      fix: 'segmentd migrate',
    });
    expect(await segmentd.admin.migrate()).toMatchObject({
      lackingRoles: ['segmentd_editor', 'segmentd_owner', 'segmentd_reader', 'segmentd_viewer', 'segmentd_worker'],
    });
    const folder = await mkdtemp(join(tmpdir(), 'segmentd-'));
    await writeFile(join(folder, 'segmentd.yaml'), 'contacts: { table: mine.contacts, key: id }\n');
    const migrated = await cli(['migrate'], { env: { DATABASE_URL: url }, cwd: folder });
    await rm(folder, { recursive: true });
    expect(migrated).toMatchObject({ code: 0, stdout: 'up to date\n' });
    expect(migrated.stderr).toMatch(/this role may not create them.*: create role segmentd_editor nologin; .*Then run/);
    await expect(segmentd.admin.grantReader('plain')).rejects.toThrow(/segmentd_reader does not exist.*--print/);
    const printed = await segmentd.admin.grantReader('plain', { columns: 'contacts', print: true });
    expect(printed.sql).toMatch(
      /^create role segmentd_editor nologin; .*\n-- Afterwards: segmentd migrate && segmentd install\ngrant segmentd_reader to "plain";\n/,
    );
    expect(await segmentd.access.checkRoles()).toMatchObject({
      enforced: false,
      sentence: expect.stringMatching(/only the API checks.*create role segmentd_editor nologin; .*segmentd migrate/),
    });
    await segmentd.admin.install();
    const found = await missing();
    expect(found).toEqual({
      level: 'warn',
      sentence:
        'The roles segmentd_editor, segmentd_owner, segmentd_reader, segmentd_viewer, segmentd_worker do not exist, and `segmentd migrate` could not create them.',
      fix: 'create role segmentd_editor nologin; create role segmentd_owner nologin; create role segmentd_reader nologin; create role segmentd_viewer nologin; create role segmentd_worker nologin; -- then: segmentd migrate && segmentd install',
    });
    await using worker = segmentd.worker();
    await worker.once();
    await inDatabase('team', found?.fix ?? '');
    expect(await segmentd.admin.migrate()).toMatchObject({ lackingRoles: [] });
    expect((await segmentd.admin.install()).changes).toEqual([
      'segmentd_editor may read mine.contacts',
      'segmentd_owner may read mine.contacts',
      'segmentd_viewer may read mine.contacts',
      'segmentd_worker may read mine.contacts',
    ]);
    expect(await missing()).toBeUndefined();
    await expect(segmentd.access.checkRoles()).rejects.toMatchObject({
      code: 'permission',
      message: expect.stringMatching(/grant "segmentd_editor", "segmentd_owner", "segmentd_viewer" to "plain";$/),
    });
    await worker.stop();
    const { rows } = await (
      await segmentd.pool()
    ).query(
      `select has_table_privilege('segmentd_reader', 'segmentd.member', 'select') as read, has_schema_privilege('segmentd_worker', 'mine', 'usage') as usage`,
    );
    expect(rows).toEqual([{ read: true, usage: true }]);
  },
);

test(
  'doctor finds a replication slot without a reader, and a table filled by a subscription',
  { timeout: 60_000 },
  async () => {
    await own.database.query('create database shop');
    await own.database.query('create database copy');
    for (const name of ['shop', 'copy']) await inDatabase(name, TABLES);
    await using segmentd = createSegmentd({ databaseUrl: urlOf('copy'), config: CONFIG });
    await segmentd.admin.migrate();
    // Row triggers see what a subscription writes from the first.
    await segmentd.admin.install({ capture: 'statement' });
    await inDatabase(
      'shop',
      `select pg_create_logical_replication_slot('forgotten', 'pgoutput')`,
      `select pg_create_logical_replication_slot('copying', 'pgoutput')`,
      'create publication p for table public.contacts',
    );
    expect((await bad(urlOf('copy'))).join('\n')).toContain(
      'warn: No process reads the replication slot copying, forgotten now: vacuum and old WAL wait for it. Its reader may be a subscription that is disabled',
    );
    const shop = new URL(urlOf('shop'));
    await inDatabase(
      'copy',
      `create subscription s connection 'host=127.0.0.1 port=${shop.port} dbname=shop user=${shop.username} password=${shop.password}' publication p with (create_slot = false, slot_name = 'copying', copy_data = false)`,
    );
    try {
      await until(async () => !(await bad(urlOf('copy'))).join('\n').includes('slot copying'));
      const said = (await bad(urlOf('copy'))).join('\n');
      expect(said).toContain('fail: Capture on public.contacts (id) is not complete');
      expect(said).toContain('No process reads the replication slot forgotten now');
      await inDatabase('copy', 'alter subscription s disable');
      await until(async () => (await bad(urlOf('copy'))).join('\n').includes('slot copying, forgotten now'));
      for (const line of await bad(urlOf('copy')))
        expect(line, 'no command that destroys what is not ours').not.toMatch(
          /pg_drop_replication_slot|pg_terminate_backend|rollback prepared/,
        );
    } finally {
      await inDatabase(
        'copy',
        'alter subscription s disable',
        `alter subscription s set (slot_name = none)`,
        'drop subscription s',
      );
      await until(() =>
        inDatabase('shop', `select pg_drop_replication_slot(slot_name) from pg_replication_slots`).then(
          () => true,
          () => false,
        ),
      );
    }
  },
);

test('doctor and migrate fail on a standby and say why', { timeout: 60_000 }, async () => {
  let world: World | undefined;
  try {
    world = await createWorld();
    await world.file('segmentd.yaml', CONFIG);
    const run = (verb: string) =>
      cli([verb], { cwd: world?.folder ?? '', env: { DATABASE_URL: urlOf('copy'), SEGMENTD_LOG_LEVEL: 'error' } });
    const [folder] = await own.database.query<{ path: string }>(`select current_setting('data_directory') as path`);
    await own.database.query(`copy (select) to '${folder?.path}/standby.signal'`);
    await own.server.restart();
    expect(await bad(urlOf('copy'))).toContain(
      'fail: This server is a read-only replica: segmentd must run on the primary. → point DATABASE_URL at the primary',
    );
    expect(await run('doctor')).toMatchObject({ code: 1, stderr: '' });
    expect(await run('migrate')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^segmentd: .*standby.*\n$/),
    });
  } finally {
    await world?.end();
  }
});

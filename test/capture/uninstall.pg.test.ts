/** What uninstall leaves behind is named, with commands that remove it; `--print` shows the SQL and changes nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../cli/cli-world.ts';
import { createSegmentd } from '../../src/index.ts';
import { until } from '../support/until.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({
    tables: `create table public.contacts (id bigint primary key, country text);
      create table public.orders (id bigint, contact_id bigint, placed_at timestamptz, part int) partition by list (part);
      create table public.orders_1 partition of public.orders for values in (1);
      create table public.calls (id bigint primary key, contact_id bigint)`,
    config:
      'contacts: { table: public.contacts, key: id }\nrelations:\n  orders: { table: public.orders, contact: contact_id }\n  calls: { table: public.calls, contact: contact_id }\n',
  });
  for (const argv of [['migrate'], ['install', '--indexes']])
    expect(await world.run(...argv)).toMatchObject({ code: 0 });
});
afterAll(() => world.end());

const ours = (): Promise<unknown[]> =>
  world.database
    .query(`select from pg_class c where c.relname ~ '^segmentd_' and c.relnamespace = 'public'::regnamespace
  union all select from pg_trigger t where t.tgname ~ '^segmentd_'
  union all select from pg_attribute a cross join lateral aclexplode(a.attacl) x join pg_roles r on r.oid = x.grantee where r.rolname ~ '^segmentd_'
  union all select from pg_namespace n where n.nspname ~ '^segmentd'`);

test('--print shows the SQL and changes nothing; that SQL takes everything away', async () => {
  const before = (await ours()).length;
  const printed = await world.run('uninstall', '--purge', '--print');
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(printed.stdout).toContain('drop trigger if exists "segmentd_1_insert" on "public"."contacts";');
  expect(printed.stdout).toContain('drop schema if exists segmentd, segmentd_internal, segmentd_queue cascade;');
  expect((await ours()).length).toBe(before);
});

test('--purge names indexes, rights and roles, and the commands remove them', async () => {
  const purged = await world.run('uninstall', '--purge', '--yes', '--json');
  expect(purged).toMatchObject({ code: 0, stderr: '' });
  const { remains } = JSON.parse(purged.stdout) as { remains: { what: string; command: string }[] };
  const commands = remains.map(({ command }) => command);
  expect(commands.filter((command) => command.startsWith('drop index'))).toHaveLength(2);
  expect(commands.filter((command) => command.startsWith('drop role'))).toHaveLength(5);
  // The roles belong to the server, which other tests use.
  for (const command of commands.filter((one) => !one.startsWith('drop role'))) await world.database.query(command);
  expect(await ours()).toEqual([]);
  expect(await world.run('uninstall', '--print')).toMatchObject({
    code: 0,
    stdout: '-- Your tables hold nothing of segmentd.\n',
  });
});

test('--purge under a running worker says so, and the worker ends', { timeout: 60_000 }, async () => {
  const own = await createWorld();
  try {
    await own.ok('migrate');
    await own.ok('install');
    await own.file('all.json', true);
    await own.ok('create', 'everybody', '--condition', 'all.json');
    const running = own.run('run');
    await using segmentd = createSegmentd({ databaseUrl: own.database.url });
    await until(async () => (await segmentd.admin.status('everybody'))[0]?.state === 'live', { timeout: 30_000 });
    const says = /1 worker runs in this database: stop it first, or it ends with exit code 1\./;
    expect(await own.run('uninstall', '--purge')).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
    expect(await own.run('uninstall', '--purge', '--print')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(says),
    });
    const purged = await own.run('uninstall', '--purge', '--yes');
    expect(purged.stderr).toMatch(says);
    expect(purged.code).toBe(0);
    const { code, stderr } = await running;
    expect(code).toBe(1);
    expect(stderr).toContain('The schemas of segmentd were dropped while this worker ran');
  } finally {
    await own.end();
  }
});

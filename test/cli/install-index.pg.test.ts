/** `install --indexes` says what each index costs, and asks before it builds many. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cliInTerminal, terminalAvailable, type TestTerminal } from '../support/terminal.ts';
import { createWorld, type World } from './cli-world.ts';

const NAMES = Array.from({ length: 11 }, (_, at) => `table_${at}`);
const TABLES = `
  create table public.contacts (id bigint primary key, email text);
  insert into public.contacts select n, 'e' from generate_series(1, 100) n;
  ${NAMES.map((name) => `create table public.${name} (id bigint primary key, contact_id bigint references public.contacts); insert into public.${name} select n, n from generate_series(1, 100) n;`).join('\n')}
  analyze`;
const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
${NAMES.map((name) => `  ${name}: { table: public.${name}, contact: contact_id }`).join('\n')}`;

let world: World;
beforeAll(async () => {
  world = await createWorld({ tables: TABLES, config: CONFIG });
  await world.ok('migrate');
});
afterAll(() => world.end());

async function indexes(): Promise<number> {
  return (await world.database.query(`select from pg_class where relname like 'segmentd_link_%'`)).length;
}

test('without --indexes it refuses with the list; --dry-run says the sizes', async () => {
  const refused = await world.run('install');
  expect(refused.code).toBe(2);
  for (const name of NAMES) expect(refused.stderr).toContain(`public.${name} (contact_id)`);
  expect(refused.stderr).toMatch(/--indexes.*config file.*--slow/);
  const { code, stdout: dry, stderr } = await world.run('install', '--dry-run');
  expect(code).toBe(2);
  expect(stderr).toMatch(/would refuse, because 11 indexes are missing: .*--indexes.*out of the config file.*--slow/);
  expect(dry.split('\n')).toContain(
    `would put capture triggers on public.contacts, ${NAMES.map((name) => `public.${name}`).join(', ')}`,
  );
  for (const flag of ['--indexes', '--slow'])
    expect(await world.run('install', '--dry-run', flag)).toMatchObject({ code: 0, stderr: '' });
  expect(dry.split('\n').filter((line) => line.startsWith('needs an index'))).toHaveLength(11);
  expect(dry).toMatch(
    /^needs an index on public\.table_3 \(contact_id\): about 100 rows, 8\.2 kB; the index takes about \d\.\d kB$/m,
  );
  expect(await world.json('install', '--dry-run', '--slow')).toMatchObject({
    captures: expect.arrayContaining([{ schema: 'public', name: 'table_3' }]) as unknown,
    indexes: expect.arrayContaining([
      expect.objectContaining({
        table: { schema: 'public', name: 'table_3' },
        column: 'contact_id',
        purpose: 'link',
        rows: 100,
      }),
    ]) as unknown,
  });
});

test('more than ten without a terminal: it lists them, names --yes, and builds nothing', async () => {
  const { code, stdout, stderr } = await world.run('install', '--indexes');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/needs an index on public\.table_10 \(contact_id\): about 100 rows/);
  expect(stderr).toMatch(/would create 11 indexes of about \d+ kB in all, and there is no terminal.*--yes/);
  expect(await indexes()).toBe(0);
  expect(await world.database.query(`select from pg_trigger where tgname like 'segmentd%'`)).toEqual([]);
});

describe.runIf(terminalAvailable)('in a terminal', () => {
  let terminal: TestTerminal | undefined;
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });
  const begin = () =>
    cliInTerminal(['install', '--indexes'], {
      cwd: world.folder,
      columns: 100,
      rows: 40,
      env: { DATABASE_URL: world.database.url, REDIS_URL: '', SEGMENTD_CONFIG: undefined, SEGMENTD_LOG_LEVEL: 'error' },
    });

  test('no builds nothing', async () => {
    terminal = await begin();
    expect((await terminal.shows('Go on? [y/N]')).join('\n')).toContain('11 indexes of about');
    terminal.type('\r');
    expect(await terminal.ended).toEqual({ code: 1 });
    expect(terminal.output).toContain('No index was created, and nothing was installed.');
    expect(await indexes()).toBe(0);
  });

  test('yes builds them and shows how far it is', async () => {
    terminal = await begin();
    await terminal.shows('Go on? [y/N]');
    terminal.type('y\r');
    expect(await terminal.ended).toEqual({ code: 0 });
    expect(terminal.output).toMatch(/index \d+ of 11: public\.table_\d+ \(contact_id\)/);
    expect(terminal.output).toContain('created an index on public.table_10 (contact_id)');
    expect(await indexes()).toBe(11);
    expect(await world.ok('install')).toBe('up to date\n');
  });
});

test('--yes answers; ten or fewer are built without a question, and their sizes are said', async () => {
  for (const { name } of await world.database.query<{ name: string }>(
    `select relname as name from pg_class where relname like 'segmentd_link_%'`,
  ))
    await world.database.query(`drop index public.${name}`);
  const yes = await world.run('install', '--indexes', '--yes');
  expect(yes.code, yes.stderr).toBe(0);
  expect(yes.stdout.match(/created an index/g)).toHaveLength(11);

  const [one] = await world.database.query<{ name: string }>(
    `select relname as name from pg_class where relname like 'segmentd_link_%' order by 1 limit 1`,
  );
  await world.database.query(`drop index public.${one?.name}`);
  const few = await world.run('install', '--indexes');
  expect(few).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^created an index on public\.table_\d+/) as string,
  });
  expect(few.stderr).toMatch(/^needs an index on public\.table_\d+ \(contact_id\): about 100 rows/);
});

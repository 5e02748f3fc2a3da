/** Where a verb finds the database: flag, environment, `.env` beside the config, the config, and the variables of psql, in this order. */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, type CliResult } from './in-process.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
let folder: string;
beforeAll(async () => {
  world = await createWorld();
  folder = join(world.folder, 'project');
  await mkdir(folder);
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
});
afterAll(() => world.end());

const ELSEWHERE = 'postgres://u:p@127.0.0.1:1/elsewhere';
const CONFIG = 'contacts: { table: public.contacts, key: id }\n';

interface Given {
  readonly file?: string;
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly cwd?: string;
}

async function list({ file, config, env = {}, flags = [], cwd = folder }: Given): Promise<CliResult> {
  await rm(join(folder, '.env'), { force: true, recursive: true });
  await rm(join(folder, 'segmentd.yaml'), { force: true });
  if (file !== undefined) await writeFile(join(folder, '.env'), file);
  if (config !== undefined) await writeFile(join(folder, 'segmentd.yaml'), config);
  return cli(['list', '--json', ...flags], { cwd, env });
}

const FOUND = { code: 0, stdout: '[]\n', stderr: '' };
const NOT_THERE = { code: 1, stderr: expect.stringContaining('Nothing answers at 127.0.0.1:1') };

test('the .env beside the config is read, quoted or not, with or without a config', async () => {
  const { url } = world.database;
  expect(await list({ file: `# ours\nexport DATABASE_URL="${url}"\n` })).toMatchObject(FOUND);
  expect(await list({ file: `DATABASE_URL=${url}\n` })).toMatchObject(FOUND);
  // The config elsewhere, and its own .env with it.
  const given = { file: `DATABASE_URL='${url}'\n`, config: CONFIG, cwd: world.folder };
  expect(await list({ ...given, flags: ['--config', join(folder, 'segmentd.yaml')] })).toMatchObject(FOUND);
  expect(await list({ ...given, env: { SEGMENTD_CONFIG: 'project/segmentd.yaml' } })).toMatchObject(FOUND);
  // Not that of the working directory when the config is elsewhere.
  expect(
    await list({ ...given, config: CONFIG, flags: ['--config', join(world.folder, 'segmentd.yaml')], cwd: folder }),
  ).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No database is named'),
  });
});

test('flag, environment, .env, config: the first that names a database counts', async () => {
  const { url } = world.database;
  const inConfig = (address: string): string => `${CONFIG}settings: { database_url: ${JSON.stringify(address)} }\n`;
  expect(await list({ file: `DATABASE_URL=${ELSEWHERE}`, flags: ['--database-url', url] })).toMatchObject(FOUND);
  expect(await list({ file: `DATABASE_URL=${ELSEWHERE}`, env: { DATABASE_URL: url } })).toMatchObject(FOUND);
  expect(await list({ file: `DATABASE_URL=${url}`, config: inConfig(ELSEWHERE) })).toMatchObject(FOUND);
  expect(
    await list({ file: 'OTHER=1', config: inConfig(url), env: { PGHOST: '127.0.0.1', PGPORT: '1' } }),
  ).toMatchObject(FOUND);
  for (const given of [
    { file: `DATABASE_URL=${url}`, env: { DATABASE_URL: ELSEWHERE } },
    { file: `DATABASE_URL=${ELSEWHERE}`, config: inConfig(url) },
    { env: { PGHOST: '127.0.0.1', PGPORT: '1', PGUSER: 'u' } },
  ])
    expect(await list(given)).toMatchObject(NOT_THERE);
  // What the environment sets to nothing, the file does not set.
  expect(await list({ file: `DATABASE_URL=${url}`, env: { DATABASE_URL: '' } })).toMatchObject({ code: 2 });
});

test('other settings and the variables of psql count in it too', async () => {
  const { hostname, port, username, password, pathname } = new URL(world.database.url);
  const variables = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
  const file = Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  expect(await list({ file })).toMatchObject(FOUND);
  expect(await list({ env: variables })).toMatchObject(FOUND);
  const { PGPASSWORD, ...rest } = variables;
  expect(await list({ file: `PGPASSWORD=${PGPASSWORD}\n`, env: rest })).toMatchObject(FOUND);
  expect(await list({ file: `PGPASSWORD=wrong12345\n`, env: variables })).toMatchObject(FOUND);
  expect(await list({ file: 'SEGMENTD_POOL_SIZE=none\n' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`SEGMENTD_POOL_SIZE in ${join(folder, '.env')} must be a whole number`),
  });
});

test('a file that cannot be used: a folder, a wrong URL, a password that is not shown', async () => {
  const wrong = await list({ file: 'DATABASE_URL="postgres://u:S3cr3tMark@x@host/db"\n' });
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`DATABASE_URL in ${join(folder, '.env')} must be a URL`),
  });
  expect(wrong.stderr).not.toContain('S3cr3tMark');
  const refused = await list({
    file: 'PGHOST=127.0.0.1\nPGPORT=1\nPGPASSWORD=S3cr3tMark\n',
    env: { SEGMENTD_DEBUG: '1' },
  });
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).not.toContain('S3cr3tMark');
  await rm(join(folder, '.env'));
  await mkdir(join(folder, '.env'));
  expect(await cli(['list', '--json'], { cwd: folder, env: { DATABASE_URL: world.database.url } })).toMatchObject(
    FOUND,
  );
});

test('the log at debug says where the URL stands, and not what it is', async () => {
  const { stderr } = await list({ file: `DATABASE_URL=${world.database.url}`, flags: ['--log-level', 'debug'] });
  expect(stderr).toContain(`DATABASE_URL in ${join(folder, '.env')}`);
  expect(stderr).not.toContain(new URL(world.database.url).password);
});

test('a .env that cannot be read is refused unless the environment names the database', async () => {
  await list({});
  // A link to itself: no user can read it.
  await symlink('.env', join(folder, '.env'));
  const refused = await cli(['list'], { cwd: folder });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read (ELOOP)') });
  const env = { DATABASE_URL: world.database.url };
  expect(await cli(['list', '--json'], { cwd: folder, env })).toMatchObject(FOUND);
});

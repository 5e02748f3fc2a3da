/** What `__complete` offers: verbs, flags, values, and what only the database knows; in silence, whatever goes wrong. */
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { splitLine } from '../../src/cli/split-line.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
  const spain = await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] });
  await world.ok('create', 'spain', '--condition', spain, '--name', 'From Spain', '--tag', 'eu');
  await world.ok('create', 'sporty', '--kind', 'static');
});
afterAll(() => world.end());

/** The first column of what is printed for a line; nothing may be said beside it. */
async function offered(line: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const { code, stdout, stderr } = await world.runWith({ env }, '__complete', 'fish', ...splitLine(line).slice(1));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').flatMap((one) => (one === '' ? [] : [one.split('\t')[0] ?? '']));
}

test.each<readonly [line: string, wanted: readonly string[]]>([
  ['segmentd sho', ['show']],
  ['segmentd schedule r', ['remove', 'resume', 'run', 'runs']],
  ['segmentd help vers', ['versions']],
  ['segmentd completion ', ['bash', 'fish', 'zsh']],
  ['segmentd members --li', ['--limit']],
  ['segmentd run --batch', ['--batch-size']],
  ['segmentd create x --kind ', ['dynamic', 'snapshot', 'static']],
  ['segmentd export spain --format p', ['parquet']],
  ['segmentd --log-level war', ['warn']],
  ['segmentd wait --timeout 5', ['5h', '5m', '5ms', '5s']],
  ['segmentd create x --timezone Europe/Mad', ['Europe/Madrid']],
  ['segmentd show sp', ['spain', 'sporty']],
  ['segmentd --json show spo', ['sporty']],
  ['segmentd overlap spain s', ['spain', 'sporty']],
  ['segmentd feed --consumer x --segment spain sp', ['spain', 'sporty']],
  ['segmentd edit spain --tag e', ['eu']],
  ['segmentd export spain --columns em', ['email']],
  ['segmentd export spain --columns email,cou', ['email,country']],
  ['segmentd show nothing-like-it', []],
  ['segmentd no-such-verb --x', []],
  ['segmentd export spain --columns orders.sum:to', ['orders.sum:total']],
  ['segmentd export spain --format=n', ['--format=ndjson']],
  ['segmentd create x --condition ', [':files']],
  ['segmentd apply ', [':folders']],
  ['segmentd show "spo', ['sporty']],
  ['segmentd create x --name ', []],
  ['segmentd schedule remove ', []],
])('%j offers %j', async (line, wanted) => {
  expect([...(await offered(line))].toSorted()).toEqual(wanted);
});

test('each shell gets what it puts in the place of the word', async () => {
  const printed = async (...argv: readonly string[]): Promise<string> =>
    (await world.run('__complete', ...argv)).stdout;
  expect(await printed('bash', '=:', 'segmentd export spain --format=n')).toBe('ndjson\n');
  expect(await printed('bash', '=', 'segmentd export spain --columns orders.sum:to')).toBe('orders.sum:total\n');
  expect(await printed('bash', '=:', 'segmentd export spain --columns orders.sum:to')).toBe('total\n');
  expect(await printed('bash', '=:', 'segmentd show spa')).toBe('spain\n');
  expect(await printed('zsh', 'export', 'spain', '--format=n')).toBe('ndjson\n');
  expect(await printed('zsh', 'show', 'spa')).toBe('spain\tFrom Spain\n');
  expect(await printed('fish', 'show', 'spa')).toBe('spain\tFrom Spain\n');
});

test('flags: those of the verb before those of all, none twice, all of them of the verb', async () => {
  const flags = await offered('segmentd members spain --limit 3 --');
  expect(flags.slice(0, 2).toSorted()).toEqual(['--after', '--columns']);
  expect(flags).not.toContain('--limit');
  expect(flags).not.toContain('--batch-size');
  expect(flags).toEqual(expect.arrayContaining(['--json', '--config', '--database-url', '--help']));
  expect(await offered('segmentd feed --segment spain --seg')).toEqual(['--segment']);
});

test('without a database the words that need none, in silence', async () => {
  for (const env of [
    { DATABASE_URL: '' },
    { DATABASE_URL: 'nonsense' },
    { SEGMENTD_POOL_SIZE: 'many' },
    { SEGMENTD_CONFIG: '/nowhere' },
    { DATABASE_URL: 'postgres://127.0.0.1:1/none' },
  ]) {
    expect(await offered('segmentd show s', env)).toEqual([]);
    expect(await offered('segmentd sho', env)).toEqual(['show']);
  }
});

test('a database that does not answer is not waited for', async () => {
  const silent = createServer(() => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const connected = once(silent, 'connection');
  expect(await offered('segmentd show s', { DATABASE_URL: `postgres://a:b@127.0.0.1:${port}/c` })).toEqual([]);
  const [socket] = (await connected) as [{ destroy(): void }];
  socket.destroy();
  silent.close();
});

test('what a shell would run is never offered', async () => {
  await world.database.pool.query(`alter table public.contacts add "$(echo x)" text, add "e;m" text`);
  await world.ok('install', '--yes');
  expect(await world.ok('fields')).toContain('$(echo x)');
  const columns = await offered('segmentd export spain --columns ');
  expect(columns).toContain('email');
  expect(columns.filter((one) => /[$;]/.test(one))).toEqual([]);
});

test.each([
  ['a b', ['a', 'b']],
  ['a ', ['a', '']],
  ['a  b ', ['a', 'b', '']],
  [`a "b c" 'd "e' f\\ g`, ['a', 'b c', 'd "e', 'f g']],
  ['a "b c', ['a', 'b c']],
  ['', ['']],
])('the line %j is split as a shell does', (line, words) => expect(splitLine(line)).toEqual(words));

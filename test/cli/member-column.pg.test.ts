/** `members --columns`: fields and aggregates beside the keys, page by page; and what a role that may not read one gets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSegmentd, type MemberRow } from '../../src/index.ts';
import { createWorld, type World } from './cli-world.ts';

const COLUMNS = 'email,age,tags,orders.count,orders.sum:total,created_at';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
  await world.database.pool.query(
    `update public.contacts set tags = '{a,"b c"}', created_at = '2026-01-02 03:04:05+00'`,
  );
  await world.ok('create', 'all', '--condition', await world.file('all.json', true), '--name', 'Everybody');
  await world.ok('run', '--once');
});
afterAll(() => world.end());

test('fields, lists, aggregates and values that are missing', async () => {
  expect(await world.json('members', 'all', '--columns', COLUMNS)).toMatchObject([
    {
      contact_id: '1',
      columns: {
        email: 'a@x',
        age: 20,
        tags: ['a', 'b c'],
        'orders.count': 1,
        'orders.sum:total': '10.00',
        created_at: '2026-01-02T03:04:05+00:00',
      },
    },
    { contact_id: '2', columns: { email: 'b@x', 'orders.sum:total': '20.00' } },
    { contact_id: '3', columns: { 'orders.count': 0, 'orders.sum:total': '0' } },
    { contact_id: '4', columns: { email: null, age: null } },
  ]);
  expect(await world.ok('members', 'all', '--columns', 'email, country,orders.count')).toBe(
    'CONTACT_ID  EMAIL  COUNTRY  ORDERS.COUNT\n' +
      '1           a@x    ES       1\n2           b@x    PT       1\n3           c@x    ES       0\n4                           0\n',
  );
});

test('pages go on behind a key, and titles stand once', async () => {
  const first = await world.ok('members', 'all', '--columns', 'age', '--limit', '2');
  expect(first).toBe('CONTACT_ID  AGE\n1           20\n2           30\n');
  expect(await world.ok('members', 'all', '--columns', 'age', '--after', '2')).toBe(
    'CONTACT_ID  AGE\n3           40\n4\n',
  );
  await world.database.pool.query(
    `insert into public.contacts (email, age) select 'c' || n, n from generate_series(5, 2500) as n`,
  );
  await world.ok('run', '--once');
  const lines = (await world.ok('members', 'all', '--columns', 'age')).trim().split('\n');
  expect(lines).toHaveLength(2_501);
  expect(lines.filter((line) => line.startsWith('CONTACT_ID'))).toHaveLength(1);
  await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  const page: readonly MemberRow[] = await segmentd.members.list('all', { columns: ['age'], limit: 2, after: '2499' });
  expect(page).toEqual([{ contactId: '2500', enteredAt: expect.stringMatching(/Z$/), columns: { age: 2500 } }]);
  let count = 0;
  for await (const { columns } of segmentd.members.each('all', { columns: ['email'] }))
    count += 'email' in columns ? 1 : 0;
  expect(count).toBe(2_500);
});

test.each([
  [['--columns', 'emial'], /There is no column "emial": did you mean `email`\?/],
  [['--columns', ''], /There is no column ""/],
  [['--columns', 'email,email'], /named twice/],
  [['--columns', 'email', '--after', 'x'], /"x" cannot be the key of a contact/],
  [['--columns', 'orders'], /of the relation take orders\.count/],
])('%j is refused', async (flags, sentence) => {
  const { code, stdout, stderr } = await world.run('members', 'all', ...flags);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(sentence);
});

test('a role that may not read a column gets a sentence', async () => {
  const role = `reader_${world.database.name}`;
  const query = (text: string) => world.database.pool.query(text);
  await query(`create role ${role} login password 'x' in role segmentd_reader`);
  await query(`grant select (id, country) on public.contacts to ${role}`);
  try {
    const url = new URL(world.database.url);
    [url.username, url.password] = [role, 'x'];
    const env = { DATABASE_URL: url.href };
    const refused = await world.runWith({ env }, 'members', 'all', '--columns', 'country,email', '--limit', '1');
    expect(refused).toEqual({ code: 1, stdout: '', stderr: expect.any(String) });
    expect(refused.stderr).toMatch(
      /^segmentd: The role reader_\w+ may not read email of the contacts; .*: grant select \("email"\) on "public"."contacts" to "reader_\w+";\n$/,
    );
    const read = await world.runWith({ env }, 'members', 'all', '--columns', 'country', '--limit', '1');
    expect(read.stdout).toBe('CONTACT_ID  COUNTRY\n1           ES\n');
  } finally {
    await query(`drop owned by ${role}`);
    await query(`drop role ${role}`);
  }
});

describe('in a terminal', () => {
  test.each([80, 50])('nothing that is printed is wider than its %d columns', async (columns) => {
    const long = 'A name that is long enough to be too long for one line of a terminal, whatever stands beside it';
    await world.ok('edit', 'all', '--name', long, '--description', `${long}. ${long}.`);
    for (const argv of [
      ['list'],
      ['show', 'all'],
      ['status'],
      ['describe', 'all'],
      ['members', 'all', '--columns', 'email,country,age,tags,orders.count,created_at', '--limit', '3'],
      ['fields'],
      ['versions', 'all'],
      ['explain', 'all', '1'],
    ]) {
      const { code, stdout } = await world.runWith({ columns }, ...argv);
      expect(code).toBe(0);
      // A word is not cut, and a command is copied in one piece.
      for (const line of stdout.split('\n').filter((one) => /\S\s+\S/.test(one)))
        expect([...line].length, `${argv.join(' ')}: ${line}`).toBeLessThanOrEqual(columns);
      const piped = await world.ok(...argv);
      if (argv[0] === 'list' || argv[0] === 'show') expect(piped).toContain(long);
      expect(piped).not.toContain('…');
    }
  });
});

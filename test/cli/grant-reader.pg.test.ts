/** `grant-reader`: what an analyst's role may read afterwards, what it was granted, and who may not grant it. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
/** Names that SQL must quote. */
const login = (name: string): string => `${name}; "role" ${world.database.name}`;
const quoted = (name: string): string => `"${login(name).replaceAll('"', '""')}"`;
const LOGINS = ['ana', 'bo', 'cy', 'lead', 'loner'] as const;

beforeAll(async () => {
  world = await createWorld({
    config: `
contacts: { table: public.contacts, key: id, exclude: [age] }
relations: { orders: { table: shop."Order", contact: contact_id, time: placed_at } }
timezone: UTC
`,
    tables: `create schema shop;
      create table public.contacts (id bigint primary key, email text, age integer);
      create table shop."Order" (id bigint primary key, contact_id bigint, placed_at timestamptz, "total; x" int);
      create table shop.payroll (id int);
      create index on shop."Order" (contact_id);
      insert into public.contacts values (1, 'a@x', 20), (2, 'b@x', 30);
      insert into shop."Order" values (1, 1, now(), 5)`,
  });
  await world.ok('migrate');
  await world.ok('install');
  for (const name of LOGINS) await world.database.query(`create role ${quoted(name)} login password 'p'`);
  await world.file('all.json', true);
  await world.ok('create', 'everybody', '--condition', 'all.json');
  await world.run('run', '--once');
});
afterAll(async () => {
  for (const name of LOGINS) await world.database.query(`drop owned by ${quoted(name)}; drop role ${quoted(name)}`);
  await world.end();
});

const urlOf = (name: string): string => {
  const url = new URL(world.database.url);
  url.username = encodeURIComponent(login(name));
  url.password = 'p';
  return url.href;
};

async function as(name: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: urlOf(name) });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const DENIED = { code: '42501' };
const JOIN = `select c.email, m.entered_at is not null as entered from segmentd.member m join public.contacts c on c.id = m.contact_id
  left join shop."Order" o on o.contact_id = c.id where m.segment_key = 'everybody' order by 1`;

test('a role reads segments, then contacts, then all tables; each call grants what is missing', async () => {
  await expect(as('ana', 'table segmentd.member')).rejects.toMatchObject(DENIED);
  expect(await world.ok('grant-reader', login('ana'))).toBe(`${login('ana')} is a member of segmentd_reader\n`);
  expect(await as('ana', 'select count(*)::int as members from segmentd.member')).toEqual([{ members: 2 }]);
  expect(await as('ana', `select contact_id from segmentd.members_as_of('everybody', now())`)).toHaveLength(2);
  await expect(as('ana', 'select id from public.contacts')).rejects.toMatchObject(DENIED);
  expect(await world.ok('grant-reader', login('ana'), '--columns', 'contacts')).toBe(
    `${login('ana')} may read email, id of public.contacts\n`,
  );
  await expect(as('ana', JOIN)).rejects.toMatchObject(DENIED);
  expect(await world.json('grant-reader', login('ana'), '--columns', 'all')).toEqual({
    changes: [`${login('ana')} may read contact_id, id, placed_at, total; x of shop.Order`],
  });
  expect(await as('ana', JOIN)).toEqual([
    { email: 'a@x', entered: true },
    { email: 'b@x', entered: true },
  ]);
  expect(await world.ok('grant-reader', login('ana'), '--columns', 'all')).toBe('up to date\n');
  // An excluded column, another table, what only segmentd uses, and every write stay closed.
  for (const text of [
    'select age from public.contacts',
    'table shop.payroll',
    'table segmentd_internal.change',
    `update public.contacts set email = 'x'`,
    `insert into segmentd.segment (key, condition) values ('x', 'true')`,
  ])
    await expect(as('ana', text), text).rejects.toMatchObject(DENIED);
});

test('a reader lists segments; a verb that needs more names the role', async () => {
  const env = { DATABASE_URL: urlOf('ana') };
  const listed = await world.runWith({ env }, 'list', '--json');
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(listed.stdout)).toMatchObject([{ key: 'everybody', members: 2 }]);
  for (const [needed, ...argv] of [
    ['segmentd_editor', 'show', 'everybody'],
    ['segmentd_editor', 'status'],
    ['segmentd_editor', 'explain', 'everybody', '1'],
    ['segmentd_editor', 'schedule', 'list'],
    ['segmentd_editor', 'create', 'mine', '--condition', 'all.json'],
    ['segmentd_owner', 'token', 'list'],
    ['segmentd_worker', 'run', '--once'],
  ]) {
    const { code, stderr } = await world.runWith({ env }, ...argv);
    expect({ argv, code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`\`segmentd ${argv[0]}\` needs ${needed}: run \`grant ${needed} to `),
    });
  }
  const stranger = await world.runWith({ env: { DATABASE_URL: urlOf('loner') } }, 'list');
  expect(stranger.stderr).toContain('`segmentd list` needs segmentd_reader');
});

test('the printed SQL grants the same, and printing grants nothing', async () => {
  const printed = await world.ok('grant-reader', login('bo'), '--columns', 'all', '--print');
  await expect(as('bo', JOIN)).rejects.toMatchObject(DENIED);
  await world.database.query(printed);
  expect(await as('bo', JOIN)).toHaveLength(2);
  await using segmentd = createSegmentd({ databaseUrl: world.database.url });
  expect(await segmentd.admin.grantReader(login('bo'), { columns: 'all' })).toEqual({ changes: [] });
  expect(await segmentd.admin.grantReader(login('bo'), { columns: 'all', print: true })).toEqual({
    changes: [],
    sql: '-- The role has these rights.\n',
  });
});

test('who may not grant all of it grants nothing', async () => {
  // May grant the membership, and only reads the columns.
  await world.database.query(`grant segmentd_reader to ${quoted('lead')} with admin option;
    grant select (id, email) on public.contacts to ${quoted('lead')}`);
  for (const columns of [[], ['--columns', 'contacts']]) {
    const refused = await world.runWith(
      { env: { DATABASE_URL: urlOf('ana') } },
      'grant-reader',
      login('cy'),
      ...columns,
    );
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /may not grant all of it .* so nothing was granted: run the SQL that `--print` prints/,
    );
  }
  const half = await world.runWith(
    { env: { DATABASE_URL: urlOf('lead') } },
    'grant-reader',
    login('cy'),
    '--columns',
    'contacts',
  );
  expect(half).toMatchObject({ code: 1, stderr: expect.stringContaining('so nothing was granted') });
  await expect(as('cy', 'table segmentd.member')).rejects.toMatchObject(DENIED);
  expect(await world.runWith({ env: { DATABASE_URL: urlOf('lead') } }, 'grant-reader', login('cy'))).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(await as('cy', 'table segmentd.member')).toHaveLength(2);
});

test('an unknown role, and one that would not have the rights, are refused with the command', async () => {
  expect(await world.run('grant-reader', 'no"body')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('create role "no""body" login;'),
  });
  await world.database.query(`alter role ${quoted('loner')} noinherit`);
  expect(await world.run('grant-reader', login('loner'))).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(`alter role ${quoted('loner')} inherit;`),
  });
  expect(await world.run('grant-reader', login('ana'), '--columns', 'none')).toMatchObject({ code: 2, stdout: '' });
});

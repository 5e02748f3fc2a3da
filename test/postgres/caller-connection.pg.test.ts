/** A pool or a transaction of the caller's: what the caller has set does not change what we do, and is the same afterwards. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
/** The caller's own: a path that leads to a foreign table of our name, and much else. */
const SETTINGS = {
  search_path: 'evil, public, segmentd',
  TimeZone: 'America/Havana',
  DateStyle: 'German, DMY',
  quote_all_identifiers: 'on',
  enable_seqscan: 'off',
  transform_null_equals: 'on',
  row_security: 'on',
  statement_timeout: '1min',
  lock_timeout: '7s',
} as const;
const read = `select ${Object.keys(SETTINGS)
  .map((name) => `current_setting('${name}') as "${name}"`)
  .join(', ')}`;
const make = Object.entries(SETTINGS)
  .map(([name, value]) => `set ${name} = ${name === 'search_path' ? value : `'${value}'`}`)
  .join('; ');

let world: World;
let pool: pg.Pool;
let segmentd: Segmentd;
const config = () => `${world.folder}/segmentd.yaml`;

beforeAll(async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect((await world.run(verb)).code).toBe(0);
  await world.database.query(`create schema evil; create table evil.trap (called text);
    create function evil.lower(text) returns text language plpgsql as $$ begin insert into evil.trap values ('lower'); return $1; end $$;
    create function evil.equal(text, text) returns boolean language plpgsql as $$ begin insert into evil.trap values ('='); return true; end $$;
    create operator evil.= (leftarg = text, rightarg = text, function = evil.equal);
    create function evil.md5(text) returns text language plpgsql as $$ begin insert into evil.trap values ('md5'); return ''; end $$;
    create function evil.count(bigint) returns bigint language plpgsql as $$ begin insert into evil.trap values ('count'); return 0; end $$;
    create aggregate evil.count(*) (sfunc = evil.count, stype = bigint)`);
  pool = new pg.Pool({ connectionString: world.database.url, max: 3 });
  pool.on('connect', (client) => void client.query(make.replace('evil, public', 'evil, pg_catalog, public')));
  segmentd = createSegmentd({ pool, config: config() });
});
afterAll(async () => {
  await pool.end();
  await world.end();
});

const called = () => world.database.query('select t.called from evil.trap t');
const before = { ...SETTINGS, search_path: 'evil, pg_catalog, public, segmentd' };

test('a pool: every verb, and its connections come back as they were', async () => {
  await segmentd.segments.create({ key: 'spain', condition: { and: [SPAIN, { ieq: [{ var: 'email' }, 'A@X'] }] } });
  expect(await world.run('run', '--once')).toMatchObject({ code: 0 });
  expect(
    (await segmentd.members.list('spain')).map(({ contactId, enteredAt }) => [contactId, typeof enteredAt]),
  ).toEqual([['1', 'string']]);
  expect(await segmentd.segments.preview({ condition: SPAIN })).toMatchObject({ in: 2, out: 2 });
  expect(await segmentd.admin.verify()).toMatchObject([{ missing: [], extra: [] }]);
  await segmentd.segments.explain('spain', '1');
  await segmentd.segments.edit('spain', { name: 'Spain' });
  await segmentd.admin.status();
  await segmentd.admin.backlog();
  await expect(segmentd.segments.show('absent')).rejects.toMatchObject({ code: 'not-found' });
  const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  try {
    for (const client of clients) expect((await client.query(read)).rows).toEqual([before]);
  } finally {
    for (const client of clients) client.release();
  }
  expect(await called()).toEqual([]);
});

test("a transaction: pinned for the call, the caller's before and after it, also when the call is refused or fails", async () => {
  const client = new pg.Client({ connectionString: world.database.url });
  await client.connect();
  try {
    await client.query(`${make}; set search_path = evil, pg_catalog, public, segmentd`);
    await client.query(`begin; set local lock_timeout = '3s'; set local IntervalStyle = 'sql_standard'`);
    const [inside] = (await client.query(read)).rows;
    await segmentd.segments.create({ key: 'inside', condition: SPAIN }, { client });
    expect((await client.query(read)).rows).toEqual([inside]);
    await expect(segmentd.segments.create({ key: 'inside', condition: SPAIN }, { client })).rejects.toMatchObject({
      code: 'conflict',
    });
    await Promise.all([
      segmentd.segments.pause('inside', { client }),
      segmentd.segments.resume('inside', { client }),
      segmentd.segments.edit('inside', { name: 'Two' }, { client }),
    ]);
    expect((await client.query(read)).rows).toEqual([inside]);
    expect((await client.query(`show IntervalStyle`)).rows).toEqual([{ IntervalStyle: 'sql_standard' }]);
    await client.query('savepoint mine');
    // What the caller's transaction holds is theirs: its limit ends our wait.
    await client.query(`set local statement_timeout = '100ms'`);
    const blocker = await world.database.pool.connect();
    try {
      await blocker.query('begin; lock segmentd.override in access exclusive mode');
      await expect(segmentd.overrides.include('inside', ['1'], { client })).rejects.toMatchObject({ code: '57014' });
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
    await client.query('rollback to savepoint mine');
    expect((await client.query(read)).rows).toEqual([inside]);
    await client.query('commit');
    expect((await client.query(read)).rows).toEqual([{ ...inside, lock_timeout: '7s' }]);
    expect((await client.query('show IntervalStyle')).rows).toEqual([{ IntervalStyle: 'postgres' }]);
    expect(await segmentd.segments.show('inside')).toMatchObject({ name: 'Two' });
  } finally {
    await client.end();
  }
  expect(await called()).toEqual([]);
});

test('a client without a transaction gets one of its own', async () => {
  const client = new pg.Client({ connectionString: world.database.url });
  await client.connect();
  try {
    await client.query(`${make}; set search_path = evil, pg_catalog, public, segmentd`);
    const { rows } = await client.query(read);
    await segmentd.segments.create({ key: 'alone', condition: SPAIN }, { client });
    await expect(segmentd.segments.create({ key: 'alone', condition: SPAIN }, { client })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await client.query(read)).rows).toEqual(rows);
    expect(await segmentd.segments.show('alone')).toMatchObject({ key: 'alone' });
  } finally {
    await client.end();
  }
  expect(await called()).toEqual([]);
});

/** Our own schema: created once by the first process, never by halves, never by an older program. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, pendingMigrations, staleObjects } from '../../src/postgres/migrate.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
import { migrationFolder } from '../../src/postgres/sql-file.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pools: Pool[];
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pools = await Promise.all([1, 2, 3, 4].map(() => openPool(database.url, { max: 2 })));
  pool = pools[0] as Pool;
});
afterAll(async () => {
  await Promise.all(pools.map((one) => one.end()));
  await database.drop();
});

test('four processes at once: one does it, the others find it done', async () => {
  expect(await pendingMigrations(pool)).toBeGreaterThan(0);
  const results = await Promise.all(pools.map((one) => migrate(one, { keyType: 'bigint' })));
  expect(results.filter((result) => result.migrations > 0)).toHaveLength(1);
  expect(results.filter((result) => result.objects.length > 0)).toHaveLength(1);
  expect(await pendingMigrations(pool)).toBe(0);
  expect(await staleObjects(pool)).toEqual([]);
  expect(
    (
      await pool.query(
        'select (select count(*) from segmentd_internal.installation)::int as i, (select count(*) from segmentd_internal.clock)::int as c',
      )
    ).rows,
  ).toEqual([{ i: 1, c: 1 }]);
});

test('every table, view, function and column says what it is', async () => {
  const { rows } = await pool.query<{ object: string }>(`
    select c.relname || coalesce('.' || a.attname, '') as object
    from pg_class c
    left join lateral (select attname, attnum from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped union all select null, 0) a on true
    where c.relnamespace in ('segmentd'::regnamespace, 'segmentd_internal'::regnamespace) and c.relkind in ('r', 'v', 'p')
      and col_description(c.oid, a.attnum) is null and (a.attnum > 0 or obj_description(c.oid, 'pg_class') is null)
    union all
    select p.proname from pg_proc p where p.pronamespace in ('segmentd'::regnamespace, 'segmentd_internal'::regnamespace) and obj_description(p.oid, 'pg_proc') is null
    order by 1`);
  expect(rows.map((row) => row.object)).toEqual([]);
});

test('an object whose text changed is applied again, and what stands on it with it', async () => {
  await pool.query(`update segmentd_internal.object_file set hash = 'old' where name = 'segment-view'`);
  await pool.query('create view public.mine as select key, members from segmentd.segment_status');
  expect(await staleObjects(pool)).toEqual(['segment-view']);
  const { objects, migrations } = await migrate(pool, { keyType: 'bigint' });
  expect([objects, migrations]).toEqual([['segment-view', 'role'], 0]);
  expect((await pool.query('select * from public.mine')).rows, "the team's view on ours is still there").toEqual([]);
});

test('running workers notice nothing when there was no migration', async () => {
  const generation = async () =>
    (await pool.query<{ generation: string }>('select generation::text from segmentd_internal.installation')).rows;
  const before = await generation();
  expect((await migrate(pool, { keyType: 'bigint' })).migrations).toBe(0);
  expect(await generation()).toEqual(before);
});

test('another type of key is refused, and nothing changes', async () => {
  await expect(migrate(pool, { keyType: 'uuid' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('keys of type bigint, now the key is uuid'),
  });
});

test('a database that a newer program made is refused', async () => {
  await pool.query(`insert into segmentd_internal.migration (hash, created_at) values ('future', 99999999999999)`);
  await expect(migrate(pool, { keyType: 'bigint' })).rejects.toMatchObject({
    code: 'incompatible',
    message: expect.stringContaining('newer segmentd'),
  });
  await pool.query(`delete from segmentd_internal.migration where hash = 'future'`);
});

test('a role without the right to create the schema gets a sentence', async () => {
  const own = await createDatabase();
  const role = `weak_${own.name}`;
  await own.query(`create role ${role} login password 'weak'`);
  const url = new URL(own.url);
  url.username = role;
  url.password = 'weak';
  const weak = await openPool(url.href, { max: 1 });
  try {
    await expect(migrate(weak, { keyType: 'bigint' })).rejects.toMatchObject({ code: 'permission' });
  } finally {
    await weak.end();
    await own.query(`drop role ${role}`);
    await own.drop();
  }
});

test("a text key's domain has the collation of its column", async () => {
  const own = await createDatabase();
  const text = await openPool(own.url, { max: 1 });
  try {
    await migrate(text, { keyType: 'text', keyCollation: { schema: 'pg_catalog', name: 'C' } });
    const { rows } = await text.query(
      `select c.collname from pg_type t join pg_collation c on c.oid = t.typcollation where t.oid = 'segmentd.contact_key'::regtype`,
    );
    expect(rows).toEqual([{ collname: 'C' }]);
    await expect(migrate(text, { keyType: 'text' })).rejects.toMatchObject({ code: 'conflict' });
  } finally {
    await text.end();
    await own.drop();
  }
});

/** What `segmentd_reader` may read: the tables and views of README.md, in a schema that holds nothing else. */
const TABLES = ['contact_rank', 'membership', 'membership_event', 'override', 'segment', 'segment_version'];
const VIEWS = [
  'catalogue',
  'member',
  'member_event',
  'membership_period',
  'rank_status',
  'segment_size',
  'segment_status',
];

test('analysts find the public tables and views in the schema segmentd and nothing else, and read these alone', async () => {
  const own = await createDatabase({ template: 'migrated' });
  const role = `analyst_${own.name}`;
  await own.query(`create role ${role} login password 'p'; grant segmentd_reader to ${role}`);
  const url = new URL(own.url);
  url.username = role;
  url.password = 'p';
  const analyst = await openPool(url.href, { max: 1 });
  const names = async (text: string): Promise<unknown[]> =>
    (await analyst.query<{ name: string }>(text)).rows.map(({ name }) => name);
  try {
    // As `\dt segmentd.*` and `\dv segmentd.*` of psql ask.
    const kind = (kinds: string): string =>
      `select c.relname::text as name from pg_catalog.pg_class c where c.relnamespace = 'segmentd'::regnamespace and c.relkind in (${kinds}) order by 1`;
    expect(await names(kind(`'r', 'p', 't', 's'`))).toEqual(TABLES);
    expect(await names(kind(`'v', 'm', 'f'`))).toEqual(VIEWS);
    expect(
      await names(
        `select p.proname::text as name from pg_catalog.pg_proc p where p.pronamespace = 'segmentd'::regnamespace order by 1`,
      ),
    ).toEqual([
      'instant',
      'json_date',
      'json_instant',
      'members_as_of',
      'move_decisions',
      'segment_exists',
      'size_at',
      'size_series',
      'text_number',
      'text_timestamp',
    ]);
    expect(
      await names(`select table_schema || '.' || table_name as name from information_schema.table_privileges
        where privilege_type = 'SELECT' and table_schema like 'segmentd%' order by 1`),
    ).toEqual([...TABLES, ...VIEWS].map((name) => `segmentd.${name}`).toSorted());
    expect(
      await names(`select privilege_type::text as name from information_schema.table_privileges
        where privilege_type <> 'SELECT' and table_schema like 'segmentd%'`),
    ).toEqual([]);
    for (const name of [...TABLES, ...VIEWS])
      expect((await analyst.query(`table segmentd.${name}`)).rows, name).toEqual([]);
    await expect(analyst.query(`select segmentd.members_as_of('none', now())`)).rejects.toMatchObject({
      code: 'P0002',
    });
    await expect(analyst.query('table segmentd_internal.change')).rejects.toMatchObject({ code: '42501' });
    // A condition with so many brackets that its depth is counted.
    const deep = JSON.stringify(Array.from({ length: 40 }, () => ({ in_segment: ['none'] })));
    await own.query(
      `insert into segmentd.segment (key, condition) values ('a', '{"and": ${deep}}'), ('b', '{"or": ${deep}}')`,
    );
    await own.query(`begin; set local segmentd.worker = 'on'; update segmentd.segment set live_version = 1, state = 'failed', frozen_at = now() where key = 'a';
      update segmentd.segment set live_version = 1, state = 'live' where key = 'b'; commit`);
    expect((await analyst.query('select key from segmentd.segment_status order by 1')).rows).toEqual([
      { key: 'a' },
      { key: 'b' },
    ]);
  } finally {
    await analyst.end();
    await own.query(`drop owned by ${role}; drop role ${role}`);
    await own.drop();
  }
});

test('a view and a function of an earlier segmentd get their new columns', async () => {
  const own = await createDatabase({ template: 'migrated' });
  try {
    await own.query(`drop view segmentd.segment_size;
      create view segmentd.segment_size as select 'a'::text as segment_key, current_date as day, 0::bigint as members, 0::bigint as entered, 0::bigint as "left";
      drop function segmentd.members_as_of(text, timestamptz);
      create function segmentd.members_as_of(key text, at timestamptz) returns setof segmentd.contact_key language sql stable
        begin atomic select m.contact_id from segmentd.membership m where key <> '' and at is not null; end;
      update segmentd_internal.object_file set hash = 'earlier' where name = 'history-view'`);
    await migrate(own.pool, { keyType: 'bigint' });
    expect(await own.query('select segment_key, day, members, entries, exits from segmentd.segment_size')).toEqual([]);
    expect(await own.query(`select contact_id from segmentd.members_as_of(null, now())`)).toEqual([]);
    expect(
      await own.query(`select has_table_privilege('segmentd_reader', 'segmentd.segment_size', 'select') as granted`),
    ).toEqual([{ granted: true }]);
  } finally {
    await own.drop();
  }
});

test('sizes by day are filled from the log, as far as it is whole', async () => {
  const own = await createDatabase({ template: 'migrated' });
  try {
    await own.query(`insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at) values
      (1, 1, 'entered', 'contact', 1, '2026-01-31 23:59:59.999999+00'), (1, 1, 'left', 'contact', 1, '2026-02-01 00:00+00'), (1, 2, 'entered', 'contact', 1, '2026-02-01 12:00+00'),
      (1, 3, 'entered', 'contact', 1, '2025-12-31 12:00+00')`);
    await own.query(`update segmentd_internal.installation set events_since = '2026-01-01 00:00+00'`);
    // The database as the version before that migration left it.
    await own.query(
      `drop view segmentd.segment_size, segmentd.segment_status, segmentd_internal.day_change; drop table segmentd_internal.size_day; drop trigger close_size_day on segmentd_internal.member_count;
       alter table segmentd_internal.member_count drop column day, drop column entries, drop column exits; alter table segmentd_internal.installation drop column sizes_since;
       alter table segmentd.segment_version drop column sentence; drop index segmentd.membership_event_contact_idx`,
    );
    const migration = await readFile(join(migrationFolder, '0011_size_day.sql'), 'utf8');
    for (const text of migration.split('--> statement-breakpoint')) await own.query(text);
    expect(
      await own.query('select day::text, shard, entries::int, exits::int from segmentd_internal.size_day order by day'),
    ).toEqual([
      { day: '2026-01-31', shard: -1, entries: 1, exits: 0 },
      { day: '2026-02-01', shard: -1, entries: 1, exits: 1 },
    ]);
    expect(await own.query('select sizes_since::text from segmentd_internal.installation')).toEqual([
      { sizes_since: '2026-01-01' },
    ]);
  } finally {
    await own.drop();
  }
});

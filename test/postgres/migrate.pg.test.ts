/** Our own schema: created once by the first process, never by halves, never by an older program. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, pendingMigrations, staleObjects } from '../../src/postgres/migrate.ts';
import { openPool, type Pool } from '../../src/postgres/pool.ts';
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
        'select (select count(*) from segmentd.installation)::int as i, (select count(*) from segmentd.clock)::int as c',
      )
    ).rows,
  ).toEqual([{ i: 1, c: 1 }]);
});

test('every table, view, function and column says what it is', async () => {
  const { rows } = await pool.query<{ object: string }>(`
    select c.relname || coalesce('.' || a.attname, '') as object
    from pg_class c
    left join lateral (select attname, attnum from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped union all select null, 0) a on true
    where c.relnamespace = 'segmentd'::regnamespace and c.relkind in ('r', 'v', 'p')
      and col_description(c.oid, a.attnum) is null and (a.attnum > 0 or obj_description(c.oid, 'pg_class') is null)
    union all
    select p.proname from pg_proc p where p.pronamespace = 'segmentd'::regnamespace and obj_description(p.oid, 'pg_proc') is null
    order by 1`);
  expect(rows.map((row) => row.object)).toEqual([]);
});

test('an object whose text changed is applied again, and what stands on it with it', async () => {
  await pool.query(`update segmentd.object_file set hash = 'old' where name = 'segment-view'`);
  await pool.query('create view public.mine as select key, members from segmentd.segment_status');
  expect(await staleObjects(pool)).toEqual(['segment-view']);
  const { objects, migrations } = await migrate(pool, { keyType: 'bigint' });
  expect([objects, migrations]).toEqual([['segment-view', 'role'], 0]);
  expect((await pool.query('select * from public.mine')).rows, "the team's view on ours is still there").toEqual([]);
});

test('running workers notice a migration, and notice nothing when there was none', async () => {
  const generation = async () =>
    BigInt(
      (await pool.query<{ generation: string }>('select generation::text from segmentd.installation')).rows[0]
        ?.generation ?? '-1',
    );
  const before = await generation();
  expect((await migrate(pool, { keyType: 'bigint' })).migrations).toBe(0);
  expect(await generation()).toBe(before);
  // The database as the version before the last migration left it.
  await pool.query(
    `alter table segmentd.override rename to wish; alter table segmentd.wish rename constraint override_segment_id_contact_id_pk to wish_segment_id_contact_id_pk;
     alter table segmentd.wish rename constraint override_kind_known to wish_kind_known; alter index segmentd.override_contact_idx rename to wish_contact_idx;
     alter index segmentd.override_dynamic_idx rename to wish_override_idx; alter index segmentd.override_expiry_idx rename to wish_expiry_idx;
     alter table segmentd.segment rename column validated_under to judged_under; delete from segmentd.migration where created_at = (select max(created_at) from segmentd.migration)`,
  );
  expect((await migrate(pool, { keyType: 'bigint' })).migrations).toBe(1);
  expect(await generation()).toBeGreaterThan(before);
});

test('another type of key is refused, and nothing changes', async () => {
  await expect(migrate(pool, { keyType: 'uuid' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('keys of type bigint, now the key is uuid'),
  });
});

test('a database that a newer program made is refused', async () => {
  await pool.query(`insert into segmentd.migration (hash, created_at) values ('future', 99999999999999)`);
  await expect(migrate(pool, { keyType: 'bigint' })).rejects.toMatchObject({
    code: 'incompatible',
    message: expect.stringContaining('newer segmentd'),
  });
  await pool.query(`delete from segmentd.migration where hash = 'future'`);
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

test('analysts may read the public tables and nothing else', async () => {
  const { rows } = await pool.query<{ relname: string }>(`select relname from pg_class
    where relnamespace = 'segmentd'::regnamespace and relkind in ('r', 'v', 'p') and has_table_privilege('segmentd_reader', oid, 'select') order by 1`);
  expect(rows.map((row) => row.relname)).toEqual([
    'catalogue',
    'member',
    'membership',
    'membership_event',
    'membership_period',
    'override',
    'segment',
    'segment_size',
    'segment_status',
    'segment_version',
  ]);
  const written =
    await pool.query(`select relname from pg_class where relnamespace = 'segmentd'::regnamespace and relkind in ('r', 'p')
    and has_table_privilege('segmentd_reader', oid, 'insert, update, delete')`);
  expect(written.rows).toEqual([]);
});

test('a view and a function of an earlier segmentd get their new columns', async () => {
  const own = await createDatabase({ template: 'migrated' });
  try {
    await own.query(`drop view segmentd.segment_size;
      create view segmentd.segment_size as select 'a'::text as segment_key, current_date as day, 0::bigint as members, 0::bigint as entered, 0::bigint as "left";
      drop function segmentd.members_as_of(text, timestamptz);
      create function segmentd.members_as_of(key text, at timestamptz) returns setof segmentd.contact_key language sql stable
        begin atomic select m.contact_id from segmentd.membership m where key <> '' and at is not null; end;
      update segmentd.object_file set hash = 'earlier' where name = 'history-view'`);
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

/**
 * An installation of an earlier version is brought up to this code while the team writes: no write fails, and nothing
 * of it is lost. installation-0009.sql.gz is a database that the version before migration 0010 set up, with members
 * (`pg_dump --inserts`).
 */
import { readdir, readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { migrate, pendingMigrations } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { migrationFolder } from '../../src/postgres/sql-file.ts';
import { WRONG_DAY } from '../support/count-log.ts';
import { until } from '../support/until.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const CONFIG = {
  contacts: { table: 'public.contacts', key: 'id', created: 'created_at' },
  relations: {
    orders: { table: 'public.orders', contact: 'contact_id', time: 'placed_at' },
    items: { table: 'public.items', through: 'orders', on: { order_id: 'id' } },
    visits: { table: 'public.visits', contact: 'contact_id', time: 'at' },
  },
  timezone: 'UTC',
};

/** How many migrations came after the installation of the dump. */
const LATER = (await readdir(migrationFolder)).filter((name) => /^\d{4}_.*\.sql$/.test(name) && name >= '0010').length;

let database: TestDatabase;
let segmentd: Segmentd;
beforeEach(async () => {
  database = await createDatabase();
  const dump = gunzipSync(await readFile(new URL('installation-0009.sql.gz', import.meta.url))).toString('utf8');
  await session((client) => client.query(dump));
  segmentd = createSegmentd({ databaseUrl: database.url, config: CONFIG });
});
afterEach(async () => {
  await segmentd.close();
  await database.drop();
});

async function session<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every operation on each kind of source, one row and several. Each round writes other rows. */
const writes = (round: number): readonly string[] => [
  `update public.contacts set country = 'ES' where id = ${10 + round}`,
  `update public.contacts set country = 'FR' where id between ${20 + round * 5} and ${22 + round * 5}`,
  `insert into public.contacts (id, country) values (${500 + round}, 'ES')`,
  `insert into public.contacts (id, country) select ${600 + round * 10} + i, 'ES' from generate_series(1, 3) i`,
  `delete from public.contacts where id = ${55 + round}`,
  `update public.contacts set id = ${round * 100 + 101} where id = ${round === 0 ? 1 : round * 100 + 1}`,
  `update public.contacts set id = id + 1000 where id in (${4 + round * 1000}, ${5 + round * 1000})`,
  `update public.orders set status = 'paid' where id = ${10 + round * 2}`,
  `update public.orders set status = 'open' where id between ${40 + round * 5} and ${43 + round * 5}`,
  `update public.orders set contact_id = contact_id + 1 where id between ${70 + round * 4} and ${72 + round * 4}`,
  `insert into public.orders (id, contact_id, status) values (${500 + round}, ${30 + round}, 'paid')`,
  `delete from public.orders where id = ${60 + round}`,
  `update public.items set sku = 'A' where id = ${1 + round}`,
  `update public.items set sku = 'A', order_id = order_id + 1 where id between ${21 + round * 5} and ${23 + round * 5}`,
  `delete from public.items where id = ${70 + round}`,
  `update public.visits set page = 'pricing' where contact_id = ${2 + round}`,
  `insert into public.visits values (${40 + round}, 'pricing', '2025-03-01'), (${43 + round}, 'pricing', '2026-03-01')`,
  `delete from public.visits where contact_id = ${20 + round}`,
];

async function write(round: number): Promise<void> {
  await session(async (client) => {
    const warnings: string[] = [];
    client.on('notice', (notice) => warnings.push(notice.message ?? ''));
    for (const text of writes(round)) await client.query(text);
    expect(warnings).toEqual([]);
  });
}

/** Stored members minus recomputed ones are none, both ways; sizes by day are those of the log. */
async function expectExact(): Promise<void> {
  await using worker = segmentd.worker();
  await worker.once();
  const found = await segmentd.admin.verify();
  expect(found.map(({ key }) => key).toSorted()).toEqual(['buyer', 'guests', 'other', 'payer', 'spanish', 'visitor']);
  expect(found.filter(({ missing, extra }) => missing.length + extra.length > 0)).toEqual([]);
  expect(await database.query(WRONG_DAY)).toEqual([]);
  expect(
    await database.query(
      `select segment_id, version from segmentd.segment_version where state = 'accepted' and sentence is null`,
    ),
    'each version has its sentence',
  ).toEqual([]);
}

const overrides = async (): Promise<string[]> =>
  (
    await database.query<{ line: string }>(
      `select s.key || ' ' || o.contact_id || ' ' || o.kind as line from segmentd.override o join segmentd.segment s on s.id = o.segment_id order by 1`,
    )
  ).map(({ line }) => line);

const FORMER = `
  select c.relname::text as name from pg_class c where c.relnamespace = 'segmentd'::regnamespace and c.relname in ('change', 'key_change', 'key_change_id_seq')
  union all select p.proname from pg_proc p where p.pronamespace = 'segmentd'::regnamespace and p.proname in ('shard', 'link_shard', 'doorbell') order by 1`;
const former = async (): Promise<unknown[]> => (await database.query(FORMER)).map(({ name }) => name);

describe('what the team writes between migrate and install', () => {
  const bodies = async (): Promise<string[]> =>
    (
      await database.query<{ text: string }>(
        `select pg_get_functiondef(p.oid) as text from pg_proc p where p.pronamespace = 'segmentd'::regnamespace and p.proname ~ '^capture_'`,
      )
    ).map(({ text }) => text);

  test.each([
    { functions: 'the functions as the migration leaves them', begunBefore: false },
    { functions: 'functions that began before the migration', begunBefore: true },
  ])('$functions capture it', { timeout: 60_000 }, async ({ begunBefore }) => {
    const before = await bodies();
    expect(before.length).toBeGreaterThanOrEqual(16);
    await write(0);
    const [{ generation } = { generation: '' }] = await database.query<{ generation: string }>(
      'select generation::text from segmentd.installation',
    );
    expect(await pendingMigrations(database.pool)).toBe(LATER);
    expect(await segmentd.admin.migrate()).toMatchObject({ migrations: LATER });
    // Running workers notice.
    expect(
      await database.query(`select generation > ${generation} as risen from segmentd_internal.installation`),
    ).toEqual([{ risen: true }]);
    // Such a function has its own text, and looks each name up when it comes to it.
    if (begunBefore)
      for (const text of before)
        await database.query(text.replace('FUNCTION segmentd.capture_', 'FUNCTION segmentd_internal.capture_'));
    await write(1);
    expect(await former()).toHaveLength(6);
    expect((await segmentd.admin.install()).changes.filter((line) => line.startsWith('installed'))).toHaveLength(4);
    expect(await former()).toEqual([]);
    await write(2);
    await expectExact();
    expect(await overrides()).toEqual([
      'guests 2 member',
      'guests 3 member',
      'guests 3004 member',
      'guests 3005 member',
      'guests 301 member',
      'spanish 3 exclude',
      'spanish 301 include',
    ]);
  });

  test('the printed script of install drops the former names too', async () => {
    await segmentd.admin.migrate();
    const { sql = '' } = await segmentd.admin.install({ print: true });
    await database.query(sql);
    expect(await former()).toEqual([]);
    await segmentd.admin.install();
    await write(0);
    await expectExact();
  });
});

test('a writer that holds the outbox goes on writing while migrate waits for it', async () => {
  await session(async (writer) => {
    await writer.query(`begin; update public.contacts set country = 'ES' where id = 1`);
    const migrated = segmentd.admin.migrate();
    await writer.query(`update public.orders set status = 'paid' where id = 1`);
    await writer.query('commit');
    expect(await migrated).toMatchObject({ migrations: LATER });
  });
  await segmentd.admin.install();
  await expectExact();
});

test('the team writes while a later migration waits, because each one ends before the next begins', async () => {
  await session(async (reader) => {
    await reader.query('begin; select from segmentd.segment_version');
    const migrated = segmentd.admin.migrate();
    await until(async () => (await pendingMigrations(database.pool)) === LATER - 1);
    await write(0);
    await reader.query('commit');
    expect(await migrated).toMatchObject({ migrations: LATER });
  });
  await segmentd.admin.install();
  await expectExact();
});

test('an updated installation has the same objects as a new one', async () => {
  const objects = async (of: TestDatabase): Promise<string[]> =>
    (
      await of.query<{ line: string }>(`
        select n.nspname || ' ' || o.line as line from pg_namespace n
        join lateral (
          select c.relkind::text || ' ' || c.relname from pg_class c where c.relnamespace = n.oid and c.relname !~ '^membership_event_[0-9]'
          union all select 'function ' || p.oid::regprocedure::text || ' ' || md5(pg_get_functiondef(p.oid)) from pg_proc p where p.pronamespace = n.oid and p.proname !~ '^capture_'
          union all select 'type ' || t.typname from pg_type t where t.typnamespace = n.oid and t.typtype = 'd'
          union all select 'trigger ' || pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = n.oid and not t.tgisinternal
        ) as o(line) on true
        where n.nspname in ('segmentd', 'segmentd_internal') order by 1`)
    ).map(({ line }) => line);
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  const fresh = await createDatabase({ template: 'migrated' });
  try {
    expect(await objects(database)).toEqual(await objects(fresh));
  } finally {
    await fresh.drop();
  }
});

test('uninstall asks for migrate first, and then leaves nothing', async () => {
  await expect(segmentd.admin.uninstall()).rejects.toMatchObject({
    code: 'incompatible',
    message: expect.stringContaining('run `segmentd migrate` first'),
  });
  await segmentd.admin.migrate();
  await segmentd.admin.uninstall({ purge: true });
  expect(
    await database.query(
      `select nspname from pg_namespace where nspname like 'segmentd%' union all select tgname from pg_trigger where not tgisinternal`,
    ),
  ).toEqual([]);
});

test('a role that may not create schemas gets the command for one that may', async () => {
  const role = `owner_${database.name}`;
  await database.query(`create role ${role} login password 'p'; alter schema segmentd owner to ${role};
    grant select on all tables in schema segmentd to ${role}`);
  const url = new URL(database.url);
  url.username = role;
  url.password = 'p';
  const theirs = await openPool(url.href, { max: 1 });
  try {
    await expect(migrate(theirs, { keyType: 'bigint' })).rejects.toMatchObject({
      code: 'permission',
      message: expect.stringContaining(`run \`create schema segmentd_internal authorization "${role}";\``),
    });
  } finally {
    await theirs.end();
    await database.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
  }
});

test('a publication for all tables stops the move until the subscribers are ready', async () => {
  await database.query('create publication everything for all tables');
  await expect(segmentd.admin.migrate()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('segmentd migrate --published'),
  });
  expect(await pendingMigrations(database.pool)).toBe(LATER);
  expect(await segmentd.admin.migrate({ published: true })).toMatchObject({ migrations: LATER });
});

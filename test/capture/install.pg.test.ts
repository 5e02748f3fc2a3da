/** Installing: idempotent, by several at once, beside writers, never for long in their way. */
import { afterEach, expect, test } from 'vitest';
import pg from 'pg';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { install } from '../../src/capture/install.ts';
import { uninstall } from '../../src/capture/uninstall.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { createDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { takeChanges } from './observe.ts';
import { createCaptureWorld, type CaptureWorld } from './capture-world.ts';

const TABLES = `
  create table contacts (id bigint primary key, email text, secret text);
  create table orders (id bigint primary key, contact_id bigint, status text);
  create index orders_contact on orders (contact_id);
  create table items (id bigint primary key, order_id bigint, sku text);
  create index items_order on items (order_id);
  insert into contacts select n, 'e' from generate_series(1, 50) n;
  insert into orders select n, n, 'new' from generate_series(1, 50) n`;
const CONFIG = `
contacts: { table: contacts, exclude: [secret] }
relations: { orders: { table: orders, contact: contact_id }, items: { table: items, through: orders, on: { order_id: id } } }`;

let world: CaptureWorld | undefined;
afterEach(async () => {
  await world?.end();
  world = undefined;
});
async function begin(): Promise<CaptureWorld> {
  world = await createCaptureWorld(TABLES, CONFIG, 'bigint');
  return world;
}

const triggers = async (current: CaptureWorld): Promise<string[]> =>
  (
    await current.database.query<{ t: string }>(
      `select tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text as t from pg_trigger where tgname like 'segmentd%' order by 1`,
    )
  ).map((row) => row.t);
const functions = async (current: CaptureWorld): Promise<number> =>
  (
    await current.database.query(
      `select from pg_proc where proname like 'capture\\_%' and pronamespace = 'segmentd_internal'::regnamespace`,
    )
  ).length;

test('the second time there is nothing to do, and no table is locked', async () => {
  const current = await begin();
  expect(await triggers(current)).toHaveLength(12);
  const client = await current.database.pool.connect();
  try {
    await client.query('begin; lock table contacts, orders, items in access exclusive mode');
    expect((await current.install({ patience: 0 })).changes).toEqual([]);
    await client.query('rollback');
  } finally {
    client.release();
  }
});

test('ids and bits stay for ever; a column that is new in the config gets the next', async () => {
  const current = await begin();
  const before = await current.database.query(
    'select s.key, c.column_name, c.bit from segmentd_internal.source s join segmentd_internal.source_column c on c.source_id = s.id order by 1, 2',
  );
  const wider = await resolveCatalogue(current.pool, parseConfig(CONFIG.replace(', exclude: [secret]', ''), 'c'));
  const report = await install(current.pool, wider);
  expect(report.changes).toEqual([
    'installed capture on public.contacts (id)',
    ...['editor', 'owner', 'viewer', 'worker'].map((role) => `segmentd_${role} may read public.contacts`),
  ]);
  const after = await current.database.query<{ column_name: string; bit: number }>(
    'select s.key, c.column_name, c.bit from segmentd_internal.source s join segmentd_internal.source_column c on c.source_id = s.id order by 1, 2',
  );
  expect(after.filter((row) => row.column_name !== 'secret')).toEqual(before);
  expect(after.find((row) => row.column_name === 'secret')?.bit).toBe(1);
  await current.database.query(`update contacts set secret = 'x' where id = 1`);
  expect((await takeChanges(current.pool)).map((row) => row.mask)).toEqual(['2']);
});

test('what the config no longer names is taken away', async () => {
  const current = await begin();
  const less = await resolveCatalogue(
    current.pool,
    parseConfig('contacts: { table: contacts }\nrelations: { orders: { table: orders, contact: contact_id } }', 'c'),
  );
  const { changes } = await install(current.pool, less);
  expect(changes).toContain('removed capture from public.items');
  expect((await triggers(current)).filter((trigger) => trigger.startsWith('items'))).toEqual([]);
  expect(await functions(current)).toBe(8);
  expect(await current.database.query('select key from segmentd_internal.source where installed_at is null')).toEqual([
    { key: 'public.items(order_id)' },
  ]);
  await current.install();
  expect(await triggers(current)).toHaveLength(12);
});

test('a writer that began without the triggers is waited for, in short waits', async () => {
  const database = await createDatabase();
  const pool = await openPool(database.url, { max: 4 });
  const writer = new pg.Client({ connectionString: database.url });
  try {
    await database.pool.query(TABLES);
    const catalogue = await resolveCatalogue(pool, parseConfig(CONFIG, 'c'));
    await migrate(pool, { keyType: 'bigint' });
    await writer.connect();
    await writer.query(`begin; update orders set status = 'before' where id = 1`);
    let done = false;
    const installing = install(pool, catalogue).then((report) => {
      done = true;
      return report;
    });
    await until(
      async () =>
        (
          await database.query(
            `select from segmentd_internal.source where key = 'public.contacts(id)' and installed_at is not null`,
          )
        ).length === 1,
    );
    // It asks for the lock of orders, gives up and asks again: other writers get through all the while.
    for (let n = 0; n < 20; n += 1) await database.query(`update orders set status = $1 where id = 2`, [`other ${n}`]);
    expect(done).toBe(false);
    expect(
      await database.query(
        `select from segmentd_internal.source where key = 'public.orders(contact_id)' and installed_at is not null`,
      ),
    ).toEqual([]);
    await writer.query('commit');
    await installing;
    await takeChanges(pool);
    await database.query(`update orders set status = 'after' where id = 3`);
    expect((await takeChanges(pool)).map((row) => row.link)).toEqual(['3']);
  } finally {
    await writer.end();
    await pool.end();
    await database.drop();
  }
});

test('patience ends with a sentence, and nothing half done', async () => {
  const current = await begin();
  await uninstall(current.pool);
  const client = await current.database.pool.connect();
  try {
    await client.query(`begin; update contacts set email = 'x' where id = 1`);
    await expect(current.install({ patience: 1 })).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('A transaction holds public.contacts (id)'),
    });
    await client.query('rollback');
  } finally {
    client.release();
  }
  expect(await triggers(current)).toEqual([]);
  await current.install();
  expect(await triggers(current)).toHaveLength(12);
});

test(
  'four at once, and uninstall among them, while writers run: no deadlock, no failed write',
  { timeout: 60_000 },
  async () => {
    const current = await begin();
    const team = { writes: true };
    const writers = [0, 1, 2].map(async (n) => {
      let writes = 0;
      for (; team.writes; writes += 1) {
        await current.database.query(`update contacts set email = $1 where id = $2`, [
          `w${n} ${writes}`,
          1 + ((writes * 7 + n) % 50),
        ]);
        await current.database.query(
          `with o as (update orders set status = $1 where contact_id = $2 returning 1) update contacts set email = 'o' where id = $2`,
          [`w${n} ${writes}`, 1 + (writes % 50)],
        );
      }
      return writes;
    });
    const pools = await Promise.all([1, 2, 3, 4].map(() => openPool(current.database.url, { max: 2 })));
    try {
      const reports = await Promise.all([
        ...pools.map((pool) => install(pool, current.catalogue)),
        uninstall(current.pool),
        ...pools.map((pool) => install(pool, current.catalogue)),
      ]);
      expect(reports).toHaveLength(9);
    } finally {
      team.writes = false;
      await Promise.all(pools.map((pool) => pool.end()));
    }
    for (const writes of await Promise.all(writers)) expect(writes).toBeGreaterThan(0);
    await current.install();
    expect(await triggers(current)).toHaveLength(12);
    await current.step(`update contacts set email = 'exact' where id < 10`);
  },
);

test('--print: a script that does what install does, and install finds nothing left', async () => {
  const current = await begin();
  await uninstall(current.pool);
  const { sql, changes } = await current.install({ print: true });
  expect(changes).toEqual([]);
  expect(await triggers(current)).toEqual([]);
  await current.database.query(`set standard_conforming_strings = off`);
  await current.database.query(sql ?? '');
  expect(await triggers(current)).toHaveLength(12);
  expect((await triggers(current)).every((trigger) => trigger.endsWith(' A'))).toBe(true);
  expect((await current.install()).changes).toEqual([]);
  expect(
    await current.database.query(
      'select from segmentd_internal.source where installed_at is null or fingerprint is null',
    ),
  ).toEqual([]);
  expect((await current.install({ print: true })).sql).toBe('-- Everything is in place.\n');
});

test('a link without index is refused with the command; --slow goes on; --indexes makes it', async () => {
  const current = await begin();
  await current.database.query(`drop index orders_contact; drop index items_order;
    alter table items rename to items_old;
    create table public.items (id bigint, order_id bigint, sku text, part int) partition by list (part);
    create table public.items_1 partition of items for values in (1);
    create table public.items_2 partition of items for values in (2) partition by list (id);
    create table public.items_2a partition of items_2 default`);
  const catalogue = await resolveCatalogue(current.pool, parseConfig(CONFIG, 'c'));
  await expect(install(current.pool, catalogue)).rejects.toThrow(
    /no index on public\.orders \(contact_id\), public\.items \(order_id\).*create index concurrently on "public"\."orders" \("contact_id"\);.*--indexes/s,
  );
  expect((await install(current.pool, catalogue, { slow: true })).changes.length).toBeGreaterThan(0);
  expect((await install(current.pool, catalogue, { indexes: true })).changes).toEqual([
    'created an index on public.orders (contact_id)',
    'created an index on public.items (order_id)',
  ]);
  expect((await install(current.pool, catalogue)).changes).toEqual([]);
  expect(
    await current.database.query(
      `select count(*)::int as valid from pg_index where indisvalid and indrelid in ('items'::regclass, 'items_1'::regclass, 'items_2'::regclass, 'items_2a'::regclass)`,
    ),
  ).toEqual([{ valid: 4 }]);
});

test('uninstall takes all of it away; purge the schema too', async () => {
  const current = await begin();
  await uninstall(current.pool);
  expect([await triggers(current), await functions(current)]).toEqual([[], 0]);
  await current.database.query(`update contacts set email = 'free' where id = 1`);
  expect(await takeChanges(current.pool)).toEqual([]);
  await uninstall(current.pool, { purge: true });
  await uninstall(current.pool, { purge: true });
  expect(await current.database.query(`select from pg_namespace where nspname = 'segmentd'`)).toEqual([]);
});

test('a schema that is not there is a sentence', async () => {
  const current = await begin();
  await uninstall(current.pool, { purge: true });
  await expect(current.install()).rejects.toMatchObject({
    code: 'incompatible',
    message: expect.stringContaining('segmentd migrate'),
  });
});

test('a role that does not own the tables gets a sentence', async () => {
  const current = await begin();
  await uninstall(current.pool);
  const role = `weak_${current.database.name}`;
  await current.database
    .query(`create role ${role} login password 'w'; grant all on schema segmentd, segmentd_internal, public to ${role};
    grant all on all tables in schema segmentd, segmentd_internal, public to ${role}; grant all on all sequences in schema segmentd, segmentd_internal to ${role}`);
  const url = new URL(current.database.url);
  url.username = role;
  url.password = 'w';
  const weak = await openPool(url.href, { max: 2 });
  try {
    await expect(install(weak, current.catalogue)).rejects.toMatchObject({
      code: 'permission',
      message: expect.stringContaining('must own'),
    });
  } finally {
    await weak.end();
    await current.database.query(`drop owned by ${role}; drop role ${role}`);
  }
});

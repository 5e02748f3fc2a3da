/** install proves on each table that a write passes and lands in the outbox, before it commits; what it tries leaves nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { doctor } from '../../src/audit/doctor.ts';
import { install } from '../../src/capture/install.ts';
import { installedCapture } from '../support/world-schema.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({
    tables: `insert into public.contacts select i, 'ES', i, false, now() from generate_series(1, 10) i; insert into public.orders values (1, 1, 'paid', 1, now())`,
    capture: ({ pool }, catalogue) => installedCapture(pool, catalogue),
  });
});
afterAll(() => world.end());

async function uninstalled(): Promise<void> {
  const rows = await world.database.query<{ command: string }>(
    `select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass) as command from pg_trigger t where t.tgname ~ '^segmentd_'`,
  );
  for (const { command } of rows) await world.pool.query(command);
}

test('the proof passes, on empty tables too, and leaves nothing behind', async () => {
  await uninstalled();
  const before = await world.database.query(
    `select c.id, c.xmin::text, c.ctid::text from public.contacts c order by 1`,
  );
  await world.pool.query('delete from segmentd_internal.change');
  const report = await install(world.pool, world.catalogue);
  expect(report.notes).toBeUndefined();
  expect(report.changes).toHaveLength(3);
  expect(
    await world.database.query(`select c.id, c.xmin::text, c.ctid::text from public.contacts c order by 1`),
  ).toEqual(before);
  expect(await world.database.query('select from segmentd_internal.change')).toEqual([]);
  expect(await install(world.pool, world.catalogue)).toEqual({ changes: [] });
});

test("a trigger that makes a write fail is never there for the team's writes", async () => {
  await uninstalled();
  // Whatever makes the outbox refuse a row stands for it.
  await world.pool.query('alter table segmentd_internal.change add constraint refuses check (source < 0) not valid');
  try {
    await expect(install(world.pool, world.catalogue)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(
        /write of public\.contacts fails with capture on the table \(SQLSTATE 23514\): so capture was not installed there/,
      ) as string,
    });
    expect(await world.database.query(`select from pg_trigger t where t.tgname ~ '^segmentd_'`)).toEqual([]);
    await world.pool.query(`update public.contacts set country = 'FR' where id = 1`);
  } finally {
    await world.pool.query('alter table segmentd_internal.change drop constraint refuses');
  }
  await install(world.pool, world.catalogue);
});

test("the proof skips rows that another session has locked, and the team's row triggers do not fire", async () => {
  await uninstalled();
  await world.pool
    .query(`create function public.fired() returns trigger language plpgsql as $$ begin raise exception 'fired'; end $$;
    create trigger fires after update on public.orders for each row execute function public.fired()`);
  const holder = new pg.Client({ connectionString: world.url });
  await holder.connect();
  try {
    await holder.query('begin; select from public.contacts for update');
    const report = await install(world.pool, world.catalogue);
    expect(report.notes).toBeUndefined();
    expect(report.changes).toHaveLength(3);
    await holder.query('rollback');
  } finally {
    await holder.end();
    await world.pool.query('drop trigger fires on public.orders; drop function public.fired()');
  }
});

test('tables that Citus distributes are refused, and doctor names them', async () => {
  await uninstalled();
  // Citus is not here; its catalogue stands for it. A table that it merely knows is allowed.
  await world.pool
    .query(`set allow_system_table_mods = on; create table pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char", repmodel "char");
    grant select on pg_catalog.pg_dist_partition to public; insert into pg_catalog.pg_dist_partition values ('public.orders', 'h', 's'), ('public.contacts', 'n', 's'); reset allow_system_table_mods`);
  try {
    await expect(install(world.pool, world.catalogue)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^public\.orders is distributed by Citus/) as string,
    });
    expect(await world.database.query(`select from pg_trigger t where t.tgname ~ '^segmentd_'`)).toEqual([]);
    expect((await doctor(world.pool, world.catalogue)).filter(({ sentence }) => sentence.includes('Citus'))).toEqual([
      expect.objectContaining({ level: 'fail' }),
    ]);
    await world.pool.query(
      `update pg_catalog.pg_dist_partition set partmethod = 'n', repmodel = 't' where logicalrelid = 'public.orders'::regclass`,
    );
    await expect(install(world.pool, world.catalogue)).rejects.toMatchObject({ code: 'usage' });
  } finally {
    await world.pool.query(
      'set allow_system_table_mods = on; drop table pg_catalog.pg_dist_partition; reset allow_system_table_mods',
    );
  }
  await install(world.pool, world.catalogue);
});

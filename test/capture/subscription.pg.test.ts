/**
 * Tables that a subscription of logical replication fills: apply fires row triggers only, and its first copy fires both.
 * Whatever the publisher writes reaches membership, and the subscriber's own writes are noted once, as ever.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { install } from '../../src/capture/install.ts';
import { KINDS } from './capture-world.ts';
import { startOwnServer, type OwnServer } from '../fault/own-server.ts';
import { until } from '../support/until.ts';
import { installedCapture, TABLES } from '../support/world-schema.ts';
import { bought, payer, spanish, twicePaid } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

const NAMES = ['contacts', 'orders', 'order_items'] as const;
const DATA = `
  insert into public.contacts select i, (array['ES', 'FR'])[i % 2 + 1], i, false, now() from generate_series(1, 40) i;
  insert into public.orders select i, i, (array['paid', 'open'])[i % 2 + 1], 1, now() from generate_series(1, 40) i;
  insert into public.order_items select i, i, (array['A', 'B'])[i % 2 + 1], now() from generate_series(1, 40) i`;

describe.each(KINDS)('%s triggers', (kind) => {
  let own: OwnServer;
  let world: World;
  let shop: pg.Client;
  beforeAll(async () => {
    own = await startOwnServer({ wal_level: 'logical' });
    await own.database.query('create database shop');
    const url = new URL(own.database.url);
    url.pathname = '/shop';
    shop = new pg.Client({ connectionString: url.href });
    await shop.connect();
    await shop.query(TABLES);
    await shop.query('create publication p for table public.contacts, public.orders, public.order_items');
    world = await createWorld({
      database: own.database,
      capture: ({ pool }, catalogue) => installedCapture(pool, catalogue, kind),
    });
    await world.begin('select', { spanish, payer, twicePaid, bought });
  }, 90_000);
  afterAll(async () => {
    await world.pool.query('alter subscription s disable').catch(() => undefined);
    await world.pool.query('alter subscription s set (slot_name = none)').catch(() => undefined);
    await world.pool.query('drop subscription s').catch(() => undefined);
    await until(() =>
      shop.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots').then(
        () => true,
        () => false,
      ),
    );
    await shop.end();
    await world.end();
  });

  /** All rows of all tables, to see that the subscriber has what the publisher has. */
  async function picture(client: { query(text: string): Promise<pg.QueryResult<{ rows: string }>> }): Promise<string> {
    const each = NAMES.map((name) => `select json_agg(t order by t.id)::text as rows from public.${name} t`);
    return (await client.query(each.join(' union all '))).rows.map(({ rows }) => rows).join('\n');
  }

  async function applied(): Promise<void> {
    await until(async () => (await picture(shop)) === (await picture(world.pool)), {
      message: 'the subscriber has what the publisher has',
    });
  }

  test(
    'a subscription that comes after the installation is named, and install puts what is missing',
    { timeout: 60_000 },
    async () => {
      await shop.query(DATA);
      await shop.query(`select pg_create_logical_replication_slot('copying', 'pgoutput')`);
      const { port, username, password } = new URL(own.database.url);
      await world.pool.query(
        `create subscription s connection 'host=127.0.0.1 port=${port} dbname=shop user=${username} password=${password}' publication p with (create_slot = false, slot_name = 'copying', copy_data = true)`,
      );
      await applied();
      const incomplete = async (): Promise<number> =>
        (await doctor(world.pool, world.catalogue)).filter(
          ({ level, sentence }) => level === 'fail' && sentence.includes('is not complete'),
        ).length;
      // A row trigger sees what replication writes.
      expect(await incomplete()).toBe(kind === 'statement' ? 3 : 0);
      // Between the subscription and the installation nothing saw what it wrote.
      await shop.query(`update public.contacts set country = 'ES' where id in (2, 4)`);
      await applied();
      await install(world.pool, world.catalogue, { capture: kind });
      expect(await incomplete()).toBe(0);
      await world.settle();
      await world.exact();
      expect(
        (await doctor(world.pool, world.catalogue)).find(({ sentence }) => sentence.includes('logical replication')),
      ).toMatchObject({ level: 'ok' });
    },
  );

  test.each([
    `update public.contacts set country = case country when 'ES' then 'FR' else 'ES' end where id % 3 = 0`,
    `insert into public.contacts values (101, 'ES', 1, false, now()), (102, 'FR', 1, false, now())`,
    `delete from public.contacts where id in (5, 6)`,
    `update public.contacts set id = 200 where id = 7`,
    `update public.orders set status = 'paid' where id between 10 and 20`,
    `update public.orders set contact_id = contact_id + 1 where id between 20 and 30`,
    `insert into public.orders select 100 + i, 8, 'paid', 1, now() from generate_series(1, 5) i; delete from public.orders where id = 2`,
    `update public.order_items set sku = 'A' where id % 4 = 0; delete from public.order_items where id = 1; insert into public.order_items values (300, 9, 'A', now())`,
    'truncate public.order_items',
  ])('the publisher: %s', { timeout: 60_000 }, async (text) => {
    await shop.query(text);
    await applied();
    await world.settle();
    await world.exact();
  });

  test('overrides follow a key that the publisher changes', { timeout: 60_000 }, async () => {
    await world.pool.query(
      `insert into segmentd.override (segment_id, contact_id, kind) select s.id, 12, 'include' from segmentd.segment s where s.key = 'spanish'`,
    );
    await world.settle();
    await shop.query(
      `begin; update public.contacts set id = 212 where id = 12; update public.contacts set id = 312 where id = 212; commit`,
    );
    await applied();
    await world.settle();
    await world.exact();
    expect(await world.database.query('select w.contact_id::text from segmentd.override w')).toEqual([
      { contact_id: '312' },
    ]);
  });

  test("the subscriber's own writes are noted once", async () => {
    await world.pool.query(`update public.contacts set country = 'IT' where id = 11`);
    const rows = await world.database.query<{ rows: number }>(
      'select count(*)::int as rows from segmentd_internal.change',
    );
    expect(rows).toEqual([{ rows: 1 }]);
    await world.settle();
    await world.exact();
  });

  test('when the subscription ends, install takes the row triggers away', { timeout: 60_000 }, async () => {
    await world.pool.query('alter subscription s disable');
    await world.pool.query('alter subscription s set (slot_name = none)');
    await world.pool.query('drop subscription s');
    await install(world.pool, world.catalogue, { capture: kind });
    expect(await world.database.query(`select from pg_trigger t where t.tgname ~ '^segmentd_[0-9]+_row$'`)).toEqual([]);
    await world.pool.query(`update public.contacts set country = 'ES' where id = 11`);
    await world.settle();
    await world.exact();
  });
});

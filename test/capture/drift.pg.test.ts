/** The team changes its tables under capture: its writes go on, nothing is lost, and drift is reported. */
import { afterEach, describe, expect, test } from 'vitest';
import { acceptDrift, findDrift } from '../../src/capture/drift.ts';
import type { Queryable } from '../../src/postgres/pool.ts';
import { asAdmin } from '../support/database.ts';
import { takeChanges } from './observe.ts';
import { createCaptureWorld, KINDS, type CaptureWorld } from './capture-world.ts';

const TABLES = `
  create table contacts (id bigint primary key, email text, score int, extra jsonb);
  create table orders (id bigint primary key, contact_id bigint, status text, total numeric);
  create index on orders (contact_id);
  create table log (id bigint, contact_id bigint, day date) partition by range (day);
  create table log_1 partition of log for values from ('2026-01-01') to ('2026-02-01');
  create index on log (contact_id);
  insert into contacts select n, 'e', n from generate_series(1, 5) n;
  insert into orders select n, 1 + n % 5, 'new', 1 from generate_series(1, 10) n;
  insert into log values (1, 1, '2026-01-05')`;
const CONFIG = `
contacts: { table: contacts }
relations: { orders: { table: orders, contact: contact_id }, log: { table: log, contact: contact_id } }`;

describe.each(KINDS)('%s triggers', (kind) => {
  let world: CaptureWorld | undefined;
  afterEach(async () => {
    await world?.end();
    world = undefined;
  });

  async function begin(): Promise<CaptureWorld> {
    world = await createCaptureWorld(TABLES, CONFIG, 'bigint', kind);
    return world;
  }

  async function taken(database: Queryable, text: string): Promise<unknown[]> {
    await takeChanges(database);
    await database.query(text);
    return (await takeChanges(database)).map((row) => [row.key, row.link, row.mask]).sort();
  }

  const kinds = async (current: CaptureWorld): Promise<string[]> =>
    (await findDrift(current.pool, current.catalogue)).map((drift) => `${drift.source} ${drift.kind}`);

  test.each([
    ['dropped', 'alter table contacts drop column score'],
    ['renamed', 'alter table contacts rename column score to points'],
    ['of a type without equality', 'alter table contacts alter column score type json using null'],
  ])('a column is %s: capture reports every written contact, without columns', async (_, change) => {
    const {
      database: { pool },
    } = await begin();
    await pool.query(change);
    expect(await taken(pool, `update contacts set email = 'one' where id = 1`)).toEqual([
      ['public.contacts(id)', '1', null],
    ]);
    expect(await taken(pool, `update contacts set email = 'more' where id < 4`)).toEqual(
      [1, 2, 3].map((n) => ['public.contacts(id)', String(n), null]),
    );
    expect(await taken(pool, `insert into contacts (id) values (9)`)).toEqual([['public.contacts(id)', '9', null]]);
    expect(await kinds(world as CaptureWorld)).toContain('public.contacts(id) column-changed');
  });

  test.each([
    ['dropped', 'alter table orders drop column contact_id'],
    ['renamed', 'alter table orders rename column contact_id to customer'],
    ['of a type that is no key', `alter table orders alter column contact_id type text using 'x' || contact_id`],
  ])('a link is %s: everything in that source', async (_, change) => {
    const {
      database: { pool },
    } = await begin();
    await pool.query(change);
    for (const write of [
      `update orders set status = 'x' where id = 1`,
      `update orders set status = 'y'`,
      `insert into orders (id, status) select 100 + n, 'z' from generate_series(1, 2) n`,
      'delete from orders where id = 3',
    ]) {
      const rows = await taken(pool, write);
      const noContact =
        write.startsWith('insert') && !change.includes('drop') ? [] : [['public.orders(contact_id)', null, null]];
      expect([[['public.orders(contact_id)', null, null]], noContact]).toContainEqual(rows);
    }
  });

  test('a write that began before a column went and ends after is captured', async () => {
    const {
      database: { pool },
    } = await begin();
    const client = await pool.connect();
    try {
      await client.query(`begin`);
      await client.query(`update contacts set email = 'early' where id = 2`);
      await client.query('alter table contacts drop column score');
      await client.query(`update contacts set email = 'late' where id = 3`);
      await client.query('commit');
    } finally {
      client.release();
    }
    expect((await takeChanges(pool)).map((row) => row.link).sort()).toEqual(['2', '3']);
  });

  test('what a prepared plan of another session remembers is forgotten in time', async () => {
    const { database } = await begin();
    const { pool } = database;
    const client = await pool.connect();
    try {
      for (let n = 0; n < 8; n += 1)
        await client.query({ name: 'w', text: 'update contacts set email = $1 where id = 1', values: [`v${n}`] });
      await database.query('alter table contacts alter column score type bigint');
      await takeChanges(pool);
      await client.query({ name: 'w', text: 'update contacts set email = $1 where id = 1', values: ['after'] });
      await client.query('update contacts set score = 70000000000 where id = 2');
    } finally {
      client.release();
    }
    const rows = await takeChanges(pool);
    expect(rows.map((row) => row.link)).toEqual(['1', '2']);
    expect(rows.every((row) => row.mask !== '0')).toBe(true);
  });

  test('nothing has drifted after an install', async () => {
    const current = await begin();
    expect(await kinds(current)).toEqual([]);
    await current.database.pool.query(
      'alter table contacts add column fresh text; alter table orders drop column total',
    );
    expect(await kinds(current)).toEqual(['public.orders(contact_id) column-changed']);
  });

  test.each([
    [
      "create table public.log_2 partition of log for values from ('2026-02-01') to ('2026-03-01')",
      'public.log(contact_id) partition-added',
    ],
    ['alter table log detach partition log_1', 'public.log(contact_id) partition-removed'],
    ['alter table contacts disable trigger segmentd_1_update', 'public.contacts(id) trigger-changed'],
    ['drop trigger segmentd_2_delete on orders', 'public.orders(contact_id) trigger-changed'],
    ['alter table contacts alter column score type bigint', 'public.contacts(id) column-changed'],
    ['alter table orders drop constraint orders_pkey', 'public.orders(contact_id) unique-missing'],
    ['vacuum full orders', 'public.orders(contact_id) rewritten'],
    ['drop table orders', 'public.orders(contact_id) table-missing'],
    [
      'drop table orders; create table public.orders (id bigint, contact_id bigint, status text, total numeric)',
      'public.orders(contact_id) trigger-changed',
    ],
  ])('%s', async (change, kind) => {
    const current = await begin();
    await current.database.pool.query(change);
    const found = await findDrift(current.pool, current.catalogue);
    expect(found.map((drift) => `${drift.source} ${drift.kind}`)).toContain(kind);
    await acceptDrift(current.pool, current.catalogue, [...new Set(found.map((drift) => drift.source))]);
    expect(await kinds(current)).toEqual(kind.endsWith('table-missing') ? [kind] : []);
  });

  test('a partition that is detached and attached again is drift: its changes in between were not captured', async () => {
    const current = await begin();
    const back = `alter table log detach partition log_1; alter table log attach partition log_1 for values from ('2026-01-01') to ('2026-02-01')`;
    for (const change of [back, `begin; ${back}; commit`]) {
      await current.database.pool.query(change);
      expect(await kinds(current)).toEqual(['public.log(contact_id) partition-added']);
      await acceptDrift(current.pool, current.catalogue, ['public.log(contact_id)']);
      for (const how of ['freeze', 'full, freeze'])
        await current.database.pool.query(`vacuum (${how}) pg_catalog.pg_inherits`);
      expect(await kinds(current)).toEqual([]);
    }
  });

  const VIRTUAL = `
  create table contacts (id bigint primary key, score int, points int generated always as (score * 2) virtual, stored int generated always as (score + 1) stored)`;

  test('what a virtual column is made of changes, and nothing is rewritten', async ({ skip }) => {
    const major = await asAdmin(
      async (client) =>
        Number((await client.query<{ n: string }>(`select current_setting('server_version_num') as n`)).rows[0]?.n) /
        10_000,
    );
    skip(major < 18, 'virtual columns came with Postgres 18');
    world = await createCaptureWorld(VIRTUAL, 'contacts: { table: contacts }', 'bigint', kind);
    await world.database.pool.query('alter table contacts alter column points set expression as (score * 3)');
    expect(await kinds(world)).toEqual(['public.contacts(id) column-changed']);
    await acceptDrift(world.pool, world.catalogue, ['public.contacts(id)']);
    expect(await kinds(world)).toEqual([]);
    await world.database.pool.query(
      'alter table contacts rename column stored to kept; alter table contacts rename column score to goals',
    );
    expect(await kinds(world)).toEqual(['public.contacts(id) column-changed', 'public.contacts(id) column-changed']);
  });

  test('a fingerprint of an older segmentd, which knew less, is no drift', async () => {
    const current = await begin();
    await current.database.pool.query(`
    update segmentd_internal.source set fingerprint = jsonb_build_object('branches',
      (select jsonb_agg(b - 'attached' - 'expressions' - 'uniques') from jsonb_array_elements(fingerprint -> 'branches') b))`);
    expect(await kinds(current)).toEqual([]);
  });

  test('writes to a new partition through its parent are captured, straight ones after an install', async () => {
    const current = await begin();
    await current.database.pool.query(
      `create table public.log_2 partition of log for values from ('2026-02-01') to ('2026-03-01')`,
    );
    await current.step(`insert into log values (2, 2, '2026-02-02')`);
    // Postgres gives a new partition the row triggers of its parent.
    expect(await taken(current.database.pool, `insert into log_2 values (3, 3, '2026-02-03')`)).toEqual(
      kind === 'row' ? [['public.log(contact_id)', '3', null]] : [],
    );
    const { changes } = await current.install();
    expect(changes).toEqual(['installed capture on public.log (contact_id)']);
    await current.step(`insert into log_2 values (4, 4, '2026-02-04')`);
    expect(await kinds(current)).toEqual([]);
  });
});

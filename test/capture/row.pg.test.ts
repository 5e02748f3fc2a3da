/** Row triggers: every kind of column of a plain table, partitions, the choice between the kinds, and the change from one to the other. */
import { afterEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import { findDrift } from '../../src/capture/drift.ts';
import { install } from '../../src/capture/install.ts';
import { uninstall } from '../../src/capture/uninstall.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import type { CaptureKind } from '../../src/catalogue/catalogue.ts';
import { ODD_CONFIG, ODD_SCHEMA } from '../catalogue/odd-schema.ts';
import { takeChanges, type Captured } from './observe.ts';
import { createCaptureWorld, type CaptureWorld } from './capture-world.ts';

let world: CaptureWorld | undefined;
afterEach(async () => {
  await world?.end();
  world = undefined;
});

const TABLES = `
  create table contacts (id bigint primary key, email text, score int);
  create table orders (id bigint, contact_id bigint, status text, day date) partition by range (day);
  create table orders_1 partition of orders for values from ('2026-01-01') to ('2026-02-01');
  create table orders_2 partition of orders for values from ('2026-02-01') to ('2026-03-01');
  create index on orders (contact_id);
  insert into contacts select n, 'e', n from generate_series(1, 9) n;
  insert into orders select n, 1 + n % 9, 'new', date '2026-01-01' + n % 50 from generate_series(1, 60) n`;
const CONFIG = `
contacts: { table: contacts }
relations: { orders: { table: orders, contact: contact_id } }`;

async function begin(capture?: CaptureKind, tables = TABLES, config = CONFIG): Promise<CaptureWorld> {
  world = await createCaptureWorld(tables, config, 'bigint', capture);
  return world;
}

/** For each trigger on a table: its name and its function. */
async function triggers(current: CaptureWorld, table: string): Promise<readonly string[]> {
  const rows = await current.database.query<{ line: string }>(
    `select g.tgname || ' ' || p.proname || ' ' || g.tgenabled::text as line from pg_trigger g join pg_proc p on p.oid = g.tgfoid
     where g.tgrelid = '${table}'::regclass and g.tgname like 'segmentd%' order by 1`,
  );
  return rows.map(({ line }) => line);
}

const kindsOf = async (current: CaptureWorld, table: string): Promise<readonly string[]> =>
  (await triggers(current, table))
    .filter((line) => !line.includes('truncate'))
    .map((line) => (line.includes('_row ') ? 'row' : 'statement'));

const ROW = ['row', 'row', 'row'];
const STATEMENT = ['statement', 'statement', 'statement'];

test('every kind of column of a plain table', { timeout: 60_000 }, async () => {
  const plain = ODD_SCHEMA.replace(' partition by hash ("Id")', '').replace(/create table "C R M"\.person_[^;]*;/g, '');
  world = await createCaptureWorld(plain, ODD_CONFIG, 'uuid', 'row');
  const PERSON = '"C R M"."Per""son"';
  expect(await kindsOf(world, PERSON)).toEqual(ROW);
  const id = (n: number): string => `'00000000-0000-4000-8000-${String(n).padStart(12, '0')}'`;
  await world.step(`insert into ${PERSON} ("Id", "order", tags) values (${id(1)}, 'a', '{a}'), (${id(2)}, 'b', null)`);
  const values: Readonly<Record<string, readonly string[]>> = {
    '"order"': [`'new'`, 'null'],
    code: [`'a'`],
    mood: [`'Good'`],
    moods: [`'{so-so}'`],
    tags: [`'{b,a}'`, `'{}'`, `'{b,null}'`, 'null'],
    numbers: [`'{1,null}'`],
    ids: [`array[${id(1)}::uuid]`],
    matrix: [`'{z}'`, `'{{z,y}}'`],
    attributes: [`'{"plan":null}'`, `'{"plan":1}'`],
    raw: [`'{"a": 1}'`, `'{"a":1}'`],
    born: [`'2000-02-29'`, `'-infinity'`],
    seen: [`'infinity'`],
    local: [`'2026-01-01 00:00:00.000001'`],
    score: [`'NaN'`, '1.10'],
    ratio: [`'-0'`, `'NaN'`],
    level: ['7'],
    nick: [`'nick'`],
    vip: ['true', 'false'],
    folded: [`'Ä'`, `'ä'`],
    place: [`'(1,2)'`],
    doc: [`'<a/>'`],
    '"newsletter?"': ['false'],
  };
  for (const [column, list] of Object.entries(values)) {
    for (const value of list) {
      expect(await world.step(`update ${PERSON} set ${column} = ${value} where "Id" = ${id(1)}`), value).toHaveLength(
        1,
      );
      expect(await world.step(`update ${PERSON} set ${column} = ${value} where "Id" = ${id(1)}`)).toEqual([]);
    }
    await world.step(`update ${PERSON} set ${column} = null`);
  }
  await world.step(`update ${PERSON} set amount = 5`);
  await world.step(`update ${PERSON} set "Id" = ${id(3)} where "Id" = ${id(1)}`);
  await world.step(`delete from ${PERSON}`);
});

describe('a partitioned relation', () => {
  test.each([
    `update orders set status = 'x' where id < 9`,
    `update orders set day = '2026-02-20' where id = 3`,
    `update orders set day = '2026-01-20', contact_id = contact_id % 9 + 1 where day > '2026-02-01'`,
    `insert into orders values (100, 4, 'n', '2026-02-02'), (101, 5, 'n', '2026-01-02'), (102, null, 'n', '2026-01-02')`,
    `delete from orders where id in (4, 5)`,
    `update orders_1 set status = 'straight'`,
    `with old as (delete from orders where id = 7 returning *) insert into orders select id + 1000, contact_id, status, day from old`,
  ])('%s', async (write) => {
    const current = await begin('row');
    expect(await kindsOf(current, 'orders_1')).toEqual(ROW);
    await current.step(write);
  });

  test('a partition that comes later is captured at once, whichever way it is written', async () => {
    const current = await begin('row');
    await current.database.query(
      `create table public.orders_3 partition of orders for values from ('2026-03-01') to ('2026-04-01')`,
    );
    expect(await triggers(current, 'orders_3')).toEqual(
      expect.arrayContaining([expect.stringMatching(/_insert capture_\d+_insert_row A$/)]),
    );
    await current.step(`insert into orders values (200, 2, 'n', '2026-03-02')`);
    await current.step(`insert into orders_3 values (201, 3, 'n', '2026-03-02')`);
    expect((await findDrift(current.pool, current.catalogue)).map(({ kind }) => kind)).toEqual(['partition-added']);
    await current.install();
    expect(await findDrift(current.pool, current.catalogue)).toEqual([]);
  });

  test('a partition goes and comes back', async () => {
    const current = await begin('row');
    await current.database.query('alter table orders detach partition orders_2');
    expect(await triggers(current, 'orders_2')).not.toContainEqual(expect.stringContaining('_row'));
    await current.database.query(
      `alter table orders attach partition orders_2 for values from ('2026-02-01') to ('2026-03-01')`,
    );
    await current.step(`update orders_2 set status = 'back'`);
  });

  test('a trigger that a session of a replica does not fire is a gap, and install closes it', async () => {
    const current = await begin('row');
    await current.database.query('alter table orders disable trigger segmentd_2_update');
    expect((await current.install()).changes).toEqual(['installed capture on public.orders (contact_id)']);
    expect((await triggers(current, 'orders_2')).filter((line) => !line.endsWith(' A'))).toEqual([]);
    await current.step(`update orders set status = 'again' where id < 5`);
  });

  test('uninstall takes all of them', async () => {
    const current = await begin('row');
    await uninstall(current.pool);
    for (const table of ['contacts', 'orders', 'orders_1']) expect(await triggers(current, table)).toEqual([]);
  });
});

/** Everything of Postgres that a row function could find by the path of the writer, and that raises when it is used. */
const EVIL = `
  create schema evil; grant usage on schema evil to public;
  create function evil.lie() returns boolean language plpgsql as $$ begin raise exception 'called'; end $$;
  ${[
    'bigint',
    'pg_catalog.text',
    'smallint',
    'pg_catalog.oid',
    'pg_catalog.name',
    'pg_catalog.xid8',
    'boolean',
    'pg_catalog.int4',
  ]
    .flatMap((type, n) => [
      `create function evil.lie_${n}(${type}, ${type}) returns boolean language plpgsql as $$ begin raise exception 'called lie_${n}'; end $$;`,
      ...['=', '<>', '>', '<'].map(
        (operator) =>
          `create operator evil.${operator} (function = evil.lie_${n}, leftarg = ${type}, rightarg = ${type});`,
      ),
    ])
    .join('\n')}
  create function evil.lie_mixed(bigint, integer) returns boolean language plpgsql as $$ begin raise exception 'called'; end $$;
  create operator evil.> (function = evil.lie_mixed, leftarg = bigint, rightarg = integer);
  create operator evil.= (function = evil.lie_mixed, leftarg = bigint, rightarg = integer);
  ${[
    'pg_current_xact_id() returns pg_catalog.xid8',
    'clock_timestamp() returns timestamp with time zone',
    'nextval(pg_catalog.text) returns bigint',
    'nextval(pg_catalog.regclass) returns bigint',
    'format(pg_catalog.text, pg_catalog.name) returns pg_catalog.text',
    'translate(pg_catalog.text, pg_catalog.text, pg_catalog.text) returns pg_catalog.text',
    'array_to_string(boolean[], pg_catalog.text) returns pg_catalog.text',
    'unnest(bigint[]) returns setof bigint',
    'unnest(pg_catalog.text[]) returns setof pg_catalog.text',
  ]
    .map(
      (signature) => `create function evil.${signature} language plpgsql as $$ begin raise exception 'called'; end $$;`,
    )
    .join('\n')}
  create domain evil.text as integer; create domain evil.uuid as integer; create domain evil.name as integer; create type evil.record as (a integer);
  create view evil.pg_trigger as select 1 as no; create view evil.pg_proc as select 1 as no; create view evil.pg_namespace as select 1 as no`;

test('nothing of a schema that comes before pg_catalog is used', async () => {
  const current = await begin(
    'row',
    `create table contacts (id bigint primary key, email text, tags text[], odd json);
     create table orders (id bigint primary key, contact_id bigint, code text unique); create index on orders (contact_id);
     create table items (id bigint primary key, code text, sku text); create index on items (code);
     insert into contacts select n, 'e', '{a}', '{}' from generate_series(1, 9) n;
     insert into orders select n, n, 'c' || n from generate_series(1, 9) n; insert into items select n, 'c' || n, 's' from generate_series(1, 9) n`,
    `contacts: { table: contacts }
relations: { orders: { table: orders, contact: contact_id }, items: { table: items, through: orders, on: { code: code } } }`,
  );
  await current.database.query(EVIL);
  const captured: Captured[] = [];
  for (const write of [
    `update public.contacts set email = 'x'`,
    `update public.contacts set tags = array['b'], odd = '[]'`,
    `update public.contacts set id = 100 where (id operator(pg_catalog.=) 1)`,
    `update public.orders set contact_id = 5, code = 'new'  where (id operator(pg_catalog.=) 2)`,
    `update public.orders set contact_id = null where (id operator(pg_catalog.=) 3)`,
    `update public.items set sku = 't'; update public.items set code = 'c9' where (id operator(pg_catalog.=) 4)`,
    `insert into public.contacts (id) values (200); insert into public.orders values (200, 200, 'd'); insert into public.items values (200, 'd', 's')`,
    `delete from public.items; delete from public.orders; delete from public.contacts where (id operator(pg_catalog.=) 2)`,
  ])
    captured.push(...(await current.step(`begin; set local search_path = evil, pg_catalog; ${write}; commit`)));
  // An error would have led to a coarser row.
  expect(captured.filter(({ link }) => link === null)).toEqual([]);
  expect(captured.filter(({ key, mask }) => key === 'public.contacts(id)' && mask !== null)).toHaveLength(18);
  // The link was renamed.
  await current.database.query('alter table contacts rename column id to number');
  await takeChanges(current.pool);
  await current.database.query(
    `begin; set local search_path = evil, pg_catalog; update public.contacts set email = 'y'; commit`,
  );
  expect(await takeChanges(current.pool), 'once a transaction').toEqual([
    { key: 'public.contacts(id)', link: null, mask: null },
  ]);
});

describe('from one kind to the other', () => {
  test('nothing is lost and nothing is rebuilt', async () => {
    const current = await begin('statement');
    // With a build, a gap would leave "everything" in the outbox.
    await current.database.query('insert into segmentd_internal.build (segment_id) values (1)');
    for (const [kind, expected] of [
      ['row', ROW],
      ['statement', STATEMENT],
      ['row', ROW],
    ] as const) {
      await takeChanges(current.pool);
      const report = await install(current.pool, current.catalogue, { capture: kind });
      expect(report.changes).toEqual([
        'installed capture on public.contacts (id)',
        'installed capture on public.orders (contact_id)',
      ]);
      expect(await takeChanges(current.pool), 'no "everything"').toEqual([]);
      for (const table of ['contacts', 'orders', 'orders_1', 'orders_2'])
        expect(await kindsOf(current, table)).toEqual(expected);
      await current.step(`update contacts set score = score + 1 where id < 4`);
      await current.step(`update orders set status = '${kind}' where id < 9`);
      expect(await install(current.pool, current.catalogue, { capture: kind })).toEqual({ changes: [] });
    }
    expect(
      await current.database.query(
        `select p.proname from pg_proc p where p.proname ~ '^capture_1_(insert|update|delete)$'`,
      ),
      'functions of the kind before',
    ).toEqual([]);
  });

  test('a writer that began under the one ends under the one', async () => {
    const current = await begin('statement');
    const client = await current.database.pool.connect();
    try {
      await client.query(`begin; update contacts set email = 'early' where id = 2`);
      const installing = install(current.pool, current.catalogue, { capture: 'row' });
      await client.query(`update contacts set email = 'late' where id = 3; commit`);
      await installing;
      await client.query(`update contacts set email = 'after' where id = 4`);
    } finally {
      client.release();
    }
    expect((await takeChanges(current.pool)).map(({ link }) => link).sort()).toEqual(['2', '3', '4']);
  });
});

describe('the choice', () => {
  test('a table that is new has row triggers, and install says why', async () => {
    const current = await begin();
    expect(await kindsOf(current, 'contacts')).toEqual(ROW);
    await uninstall(current.pool);
    expect((await install(current.pool, current.catalogue)).triggers).toEqual([
      'public.contacts (id): row triggers (transactions write few rows)',
      'public.orders (contact_id): row triggers (transactions write few rows)',
    ]);
  });

  test('the config decides for one table', async () => {
    const current = await begin(
      undefined,
      TABLES,
      CONFIG.replace('contact: contact_id', 'contact: contact_id, capture: statement'),
    );
    expect([await kindsOf(current, 'contacts'), await kindsOf(current, 'orders_1')]).toEqual([ROW, STATEMENT]);
    const other = await resolveCatalogue(
      current.pool,
      parseConfig(CONFIG.replace('contact: contact_id', 'contact: contact_id, capture: row'), 'c'),
    );
    expect((await install(current.pool, other)).triggers).toEqual([
      'public.orders (contact_id): row triggers (`capture` is `row`)',
    ]);
    expect(() => parseConfig('contacts: { table: contacts, capture: some }', 'c')).toThrow(
      'must be one of auto, row, statement',
    );
  });

  test('a table that is written in bulk has statement triggers for that', { timeout: 60_000 }, async () => {
    const current = await begin();
    const writes = async (rows: number): Promise<void> => {
      const client = new pg.Client({ connectionString: current.database.url });
      await client.connect();
      await client.query('select pg_stat_reset()');
      for (let n = 0; n < 1_100; n += 1) await client.query('select 1');
      await client.query(
        `insert into contacts select max(id) + n from contacts, generate_series(1, ${rows}) n group by n`,
      );
      // What a session counted is there for others when it has ended.
      await client.end();
    };
    const chosen = async (): Promise<readonly string[]> => {
      await current.install();
      return kindsOf(current, 'contacts');
    };
    await writes(60_000);
    await expect.poll(chosen, { timeout: 20_000 }).toEqual(['row', 'statement', 'row']);
    await current.database.query('select pg_stat_reset()');
    expect(await chosen(), 'without a count nothing changes').toEqual(['row', 'statement', 'row']);
    await writes(5);
    await expect.poll(chosen, { timeout: 20_000 }).toEqual(ROW);
  });

  test.each([
    ['children', `create table kids (extra int) inherits (contacts)`, 'the table has children', STATEMENT],
    [
      'a late check of the key',
      `alter table contacts drop constraint contacts_pkey; alter table contacts add primary key (id) deferrable`,
      'two contacts can exchange their keys in one statement',
      ['row', 'row', 'statement'],
    ],
  ])('%s: statement triggers, whatever was asked for', async (_, change, reason, expected) => {
    const current = await begin('row', `${TABLES}; ${change}`);
    expect(await kindsOf(current, 'contacts')).toEqual(expected);
    await uninstall(current.pool);
    const { triggers: lines } = await install(current.pool, current.catalogue, { capture: 'row' });
    expect(lines?.[0]).toContain(reason);
    await current.step(`update contacts set score = score + 1`);
    await current.step(`insert into contacts values (50, 'n', 1)`);
  });
});

describe.each(['row', 'statement'] as const)('wide values, %s triggers', (kind) => {
  const WIDE = `
    create table contacts (id bigint primary key, score int, doc jsonb, notes text);
    alter table contacts alter column doc set storage external, alter column notes set storage external;
    insert into contacts select n, n, jsonb_build_object('plan', 'pro', 'body', repeat('x', 100000)), repeat('y', 100000) from generate_series(1, 5) n`;

  test('a change of a wide value is captured, and of the column beside it', async () => {
    const current = await begin(kind, WIDE, 'contacts: { table: contacts }');
    // Afterwards Postgres knows that the table has such values.
    await current.database.query('vacuum contacts');
    await current.install();
    const [body] = await current.database.query<{ looks: boolean }>(
      `select bool_or(p.prosrc ~ 'chunk_id|column_size') as looks from pg_proc p where p.proname ~ '^capture_1_update'`,
    );
    expect(body).toEqual({ looks: true });
    const exact = { exact: false };
    for (const write of [
      `update contacts set doc = doc || '{"plan":"free"}' where id = 1`,
      `update contacts set doc = doc || '{"plan":"team"}' where id < 4`,
      `update contacts set notes = overlay(notes placing 'z' from 500) where id = 2`,
      `update contacts set notes = 'short' where id = 2`,
      `update contacts set notes = repeat('w', 90000) where id = 2`,
      `update contacts set doc = null, notes = null where id = 3`,
      `update contacts set score = score + 1 where id = 1`,
      `update contacts set score = score + 1`,
    ])
      expect(await current.step(write, exact), write).not.toEqual([]);
  });
});

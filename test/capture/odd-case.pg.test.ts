/** Keys of every type, more columns than bits, hostile names, chains of relations, and plans made for the wrong size. */
import { describe, expect, test } from 'vitest';
import type { KeyType } from '../../src/catalogue/catalogue.ts';
import { planSources } from '../../src/capture/source.ts';
import { takeChanges } from './observe.ts';
import { createCaptureWorld, KINDS, type CaptureWorld } from './capture-world.ts';

describe.each(KINDS)('%s triggers', (kind) => {
  async function within(
    tables: string,
    config: string,
    work: (world: CaptureWorld) => Promise<void>,
    keyType: KeyType = 'integer',
  ): Promise<void> {
    const world = await createCaptureWorld(tables, config, keyType, kind);
    try {
      await work(world);
    } finally {
      await world.end();
    }
  }

  test.each<[string, string, [string, string, string], KeyType]>([
    ['integer', 'smallint', ['1', '2', '3'], 'integer'],
    ['integer', 'bigint', ['1', '2', '3'], 'integer'],
    ['bigint', 'integer', ['1', '2', '3'], 'bigint'],
    [
      'uuid',
      'uuid',
      [
        '00000000-0000-4000-8000-00000000000a',
        '00000000-0000-4000-8000-00000000000b',
        '00000000-0000-4000-8000-00000000000c',
      ],
      'uuid',
    ],
    ['text', 'varchar(40)', ["O'Brien", 'back\\slash', 'ä "q"'], 'text'],
    ['varchar(40)', 'text', ['', ' x ', 'null'], 'text'],
  ])('key %s, link %s', async (key, link, [a, b, c], keyType) => {
    await within(
      `create table contacts (id ${key} primary key, x int); create table orders (id serial primary key, who ${link}, y int); create index on orders (who)`,
      'contacts: { table: contacts }\nrelations: { orders: { table: orders, contact: who } }',
      async (world) => {
        const run = (text: string, ...values: unknown[]) => world.step(() => world.database.pool.query(text, values));
        expect(await run('insert into contacts select unnest($1::text[])::' + key, [a, b, c])).toHaveLength(3);
        expect(await run(`insert into orders (who) values ($1), ($2), ($2), (null)`, a, b)).toHaveLength(2);
        expect((await run('update orders set y = 1 where who = $1', a)).map((row) => row.link)).toEqual([a]);
        expect((await run('update orders set who = $1 where who = $2', c, a)).map((row) => row.link).sort()).toEqual(
          [a, c].sort(),
        );
        expect(await run('delete from orders')).toHaveLength(2);
      },
      keyType,
    );
  });

  test('a link that no contact can have is no reason to fail', async () => {
    await within(
      'create table contacts (id integer primary key); create table orders (id int primary key, who bigint, y int); create index on orders (who)',
      'contacts: { table: contacts }\nrelations: { orders: { table: orders, contact: who } }',
      async (world) => {
        for (const text of [
          'insert into orders values (1, 9000000000)',
          'insert into orders values (2, 9000000000), (3, 1)',
          'update orders set y = 1 where id = 1',
          'update orders set y = 2',
          'delete from orders where id = 1',
        ]) {
          await world.database.pool.query(text);
          expect(await takeChanges(world.pool), text).toContainEqual({
            key: 'public.orders(who)',
            link: null,
            mask: null,
          });
        }
      },
    );
  });

  test('columns past the 62nd share a bit', async () => {
    const names = Array.from({ length: 70 }, (_, n) => `c${n}`);
    await within(
      `create table contacts (id int primary key, ${names.map((name) => `${name} int`).join(', ')}); insert into contacts values (1), (2)`,
      'contacts: { table: contacts }',
      async (world) => {
        const masks: (string | null)[] = [];
        for (const name of ['c0', 'c61', 'c62', 'c69'])
          masks.push(...(await world.step(`update contacts set ${name} = 5 where id = 1`)).map((row) => row.mask));
        expect(masks).toEqual(['1', String(2n ** 61n), String(2n ** 62n), String(2n ** 62n)]);
        await world.step('update contacts set c61 = 7, c65 = 7');
      },
    );
  });

  test('arrays of domains, whose bases have plain comparisons', async () => {
    const columns = ['clocks clock[]', 'prices price[]', 'labels word[]', 'levels levels', 'lists list[]'];
    await within(
      `create domain clock as timestamp(3); create domain price as numeric; create domain word as text; create domain level as int check (value > 0);
     create domain levels as level[]; create domain list as int[];
     create table contacts (id int primary key, ${columns.join(', ')}); insert into contacts values (1), (2)`,
      'contacts: { table: contacts }',
      async (world) => {
        const masks: (string | null)[] = [];
        const step = async (text: string): Promise<void> => {
          masks.push(...(await world.step(text)).map((row) => row.mask));
        };
        await step(`update contacts set clocks = '{2024-05-01}' where id = 1`);
        await step(`update contacts set prices = '{1.0}' where id = 1`);
        await step(`update contacts set labels = '{a}' where id = 1`);
        await step(`update contacts set levels = '{1,2}' where id = 1`);
        await step(`update contacts set lists = array['{1}'::list] where id = 1`);
        expect(masks).toEqual(['1', '2', '4', '8', '16']);
        expect(
          await world.step(
            `update contacts set clocks = '{2024-05-01}', levels = '{1,2}', labels = '{a}' where id = 1`,
          ),
        ).toEqual([]);
        await step(`update contacts set levels = '{1,2,3}', prices = '{2}'`);
        expect(masks.slice(5)).toEqual(['10', '10']);
      },
    );
  });

  test('names that would break out of quotes', async () => {
    const table = `we"ird \\ 'table' $segmentd$ $$`;
    const quoted = `"${table.replaceAll('"', '""')}"`;
    const column = `c'"\\\n;drop table contacts--`;
    const quotedColumn = `"${column.replaceAll('"', '""')}"`;
    await within(
      `create table contacts (id int primary key, ${quotedColumn} text, o int, n int, k int, i int, r int, keys int, masks int, changed int, old_key int, tier int);
     create table ${quoted} (${quotedColumn} int, "id" int, rows int);
     create index on ${quoted} (${quotedColumn});
     insert into contacts (id) values (1), (2); insert into ${quoted} values (1, 1, 1), (2, 2, 2)`,
      JSON.stringify({ contacts: { table: 'contacts' }, relations: { r1: { table: quoted, contact: column } } }),
      async (world) => {
        await world.step(`update contacts set ${quotedColumn} = 'x' where id = 1`);
        await world.step(
          `update contacts set ${quotedColumn} = 'y', o = 1, n = 1, k = 1, i = 1, r = 1, keys = 1, masks = 1, changed = 1, old_key = 1, tier = 1`,
        );
        await world.step(`update ${quoted} set rows = 5`);
        await world.step(`update ${quoted} set ${quotedColumn} = 1`);
        await world.database.pool.query('drop schema segmentd, segmentd_internal cascade');
      },
    );
  });

  test('three hops: each table captures its own link, and a linked row that changes counts as a whole', async () => {
    await within(
      `create table contacts (id int primary key); create table orders (id int primary key, who int, code text unique);
     create table items (id int primary key, order_code text, sku text); create table notes (id int, item int, body text);
     create index on orders (who); create index on items (order_code); create index on notes (item);
     insert into contacts values (1), (2); insert into orders values (1, 1, 'a'), (2, 2, 'b'); insert into items values (1, 'a', 's'), (2, 'b', 't'); insert into notes values (1, 1, 'n')`,
      `contacts: { table: contacts }
relations:
  orders: { table: orders, contact: who, exclude: [code] }
  items: { table: items, through: orders, on: { order_code: code } }
  notes: { table: notes, through: items, on: { item: id } }`,
      async (world) => {
        expect(planSources(world.catalogue).map((plan) => [plan.key, plan.kind, plan.targets, plan.via])).toEqual([
          ['public.contacts(id)', 'contact', [], undefined],
          ['public.orders(who)', 'direct', ['code'], undefined],
          ['public.items(order_code)', 'through', ['id'], { source: 'public.orders(who)', column: 'code' }],
          ['public.notes(item)', 'through', [], { source: 'public.items(order_code)', column: 'id' }],
        ]);
        expect(await world.step(`update notes set body = 'm'`)).toMatchObject([
          { key: 'public.notes(item)', link: '1' },
        ]);
        expect(await world.step(`update items set id = 9 where id = 1`)).toEqual([
          { key: 'public.items(order_code)', link: 'a', mask: null },
        ]);
        expect(await world.step(`update orders set code = code || '!'`)).toEqual(
          expect.arrayContaining([
            { key: 'public.orders(who)', link: '1', mask: null },
            { key: 'public.orders(who)', link: '2', mask: null },
          ]),
        );
      },
    );
  });

  test('a table that is contacts and relation at once, and one with two links', async () => {
    await within(
      `create table people (id int primary key, referrer int references people on delete set null, name text); create index on people (referrer);
     create table messages (id int primary key, sender int, recipient int, body text); create index on messages (sender); create index on messages (recipient);
     insert into people values (1, null, 'a'), (2, 1, 'b'), (3, 1, 'c'); insert into messages values (1, 1, 2, 'x')`,
      `contacts: { table: people }
relations:
  referrals: { table: people, contact: referrer }
  sent: { table: messages, contact: sender }
  received: { table: messages, contact: recipient }`,
      async (world) => {
        const said = async (text: string) => (await world.step(text)).map((row) => `${row.key} ${row.link}`).sort();
        expect(await said(`update people set name = 'z' where id = 2`)).toEqual([
          'public.people(id) 2',
          'public.people(referrer) 1',
        ]);
        expect(await said(`update messages set body = 'y'`)).toEqual([
          'public.messages(recipient) 2',
          'public.messages(sender) 1',
        ]);
        expect(await said(`update messages set recipient = 3`)).toEqual([
          'public.messages(recipient) 2',
          'public.messages(recipient) 3',
          'public.messages(sender) 1',
        ]);
      },
    );
  });

  test('a session that writes many rows first plans nothing that hurts it later', async () => {
    await within(
      `create table contacts (id int primary key, x int, y text); insert into contacts select n, n from generate_series(1, 3000) n`,
      'contacts: { table: contacts }',
      async (world) => {
        const { rows } = await world.database.pool.query<{ settings: string[] | null }>(
          `select proconfig as settings from pg_proc where proname like 'capture%'`,
        );
        const settings = ['search_path=pg_catalog, pg_temp', 'jit=off'];
        expect(rows.filter((row) => row.settings !== null).map((row) => row.settings)).toEqual(
          Array.from({ length: kind === 'row' ? 1 : 4 }, () => settings),
        );
        expect(await world.step('update contacts set x = x + 1')).toHaveLength(3_000);
        await world.step('update contacts set x = x + 1 where id <= 1000');
        await world.step('update contacts set y = $$z$$ where id = 1');
        await world.step('update contacts set id = id + 100000');
      },
    );
  });

  test('citext, where the server has it', async () => {
    await within(
      `do $$ begin if exists (select from pg_available_extensions where name = 'citext') then create extension citext; else create domain citext as text; end if; end $$;
     create table contacts (id int primary key, email citext); insert into contacts values (1, 'a')`,
      'contacts: { table: contacts }',
      async (world) => {
        expect(world.catalogue.contacts.fields.get('email')?.family).toBe('text');
        expect(await world.step(`update contacts set email = 'A'`), 'another case is another value').toHaveLength(1);
        expect(await world.step(`update contacts set email = 'A'`)).toHaveLength(0);
      },
    );
  });

  test('deferred constraints: keys that are equal for a moment are captured', async () => {
    await within(
      `create table contacts (id int primary key deferrable initially deferred, x int);
     create table shops (id int primary key); create table orders (id int primary key, who int, shop int references shops deferrable initially deferred); create index on orders (who);
     insert into contacts values (1, 1), (2, 2); insert into orders values (1, 1)`,
      'contacts: { table: contacts }\nrelations: { orders: { table: orders, contact: who } }',
      async (world) => {
        await world.step('update contacts set id = 3 - id');
        await world.step(
          `begin; update contacts set id = 5 where id = 1; insert into orders values (2, 5, 9); insert into contacts values (9), (7); insert into shops values (9); commit`,
        );
      },
    );
  });
});

/** Every way of writing to odd tables, each held against the oracle: what changed is in the outbox, and nothing else. */
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { from as copyFrom } from 'pg-copy-streams';
import { ODD_CONFIG, ODD_SCHEMA } from '../catalogue/odd-schema.ts';
import { createCaptureWorld, KINDS, type CaptureWorld } from './capture-world.ts';

let world: CaptureWorld;
const PERSON = '"C R M"."Per""son"';
const SALE = '"select"."table"';
const GROUP = '"select"."group"';
const id = (n: number): string => `'00000000-0000-4000-8000-${String(n).padStart(12, '0')}'`;
const idOf = (n: string): string => `('00000000-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;

describe.each(KINDS)('%s triggers', (kind) => {
  beforeAll(async () => {
    world = await createCaptureWorld(
      `${ODD_SCHEMA}
     alter table ${SALE} add foreign key ("user") references ${PERSON} on delete cascade on update cascade;
     alter table ${GROUP} add foreign key ("table") references ${SALE} on delete set null;`,
      ODD_CONFIG,
      'uuid',
      kind,
    );
    await world.database.pool.query(`
    insert into ${PERSON} ("Id", "order", attributes, tags, score) select ${idOf('n')}, 'o' || n % 3, '{"plan":"pro"}', '{a,b}', n
      from generate_series(1, 40) n;
    insert into ${SALE} select n, ${idOf('1 + n % 30')}, 'w' || n % 4, '2026-01-01' from generate_series(1, 90) n;
    insert into ${GROUP} ("table", "when", n) select 1 + n % 80, '2026-01-01', n from generate_series(1, 160) n`);
  });
  afterAll(() => world.end());

  const SET = (column: string, text: string): string =>
    `update ${PERSON} set ${column} = ${text} where "Id" in (${id(3)}, ${id(4)})`;

  test.each([
    // rows that come
    `insert into ${PERSON} ("Id", "order") values (${id(101)}, 'x')`,
    `insert into ${PERSON} ("Id") select ${idOf('n')} from generate_series(401, 420) n`,
    `insert into ${SALE} values (201, null, 'no person', now()), (202, ${id(1)}, 'a', now()), (203, ${id(1)}, 'b', now())`,
    `insert into ${GROUP} ("table") values (1), (1), (2), (null)`,
    // one row, many rows, no rows
    `update ${PERSON} set "order" = 'new' where "Id" = ${id(5)}`,
    `update ${PERSON} set "order" = "order", score = score`,
    `update ${PERSON} set "order" = 'of all'`,
    `update ${PERSON} set "order" = 'none' where false`,
    `update ${PERSON} set amount = 5`,
    `update ${PERSON} set "__proto__" = 'not a field'`,
    `update ${SALE} set "where" = 'one' where "from" = 7`,
    `update ${SALE} set "where" = 'some', at = now() where "from" < 9`,
    `update ${GROUP} set n = n + 1 where "table" < 4`,
    `delete from ${GROUP} where "table" = 11`,
    `delete from ${SALE} where "from" in (31, 32)`,
    `delete from ${PERSON} where false`,
    // every kind of column, to a value, to nothing and back
    ...[
      ['"e-mail"', `'x@y'`],
      ['code', `'a'`],
      ['mood', `'Good'`],
      ['moods', `'{so-so}'`],
      ['tags', `'{b,a}'`],
      ['tags', `'{}'`],
      ['numbers', `'{1,null}'`],
      ['ids', `array[${id(1)}::uuid]`],
      ['matrix', `'{z}'`],
      ['attributes', `'{"plan":null}'`],
      ['raw', `'{"a": 1}'`],
      ['raw', `'{"a":1}'`],
      ['born', `'2000-02-29'`],
      ['seen', `'infinity'`],
      ['local', `'2026-01-01 00:00:00.000001'`],
      ['score', `'NaN'`],
      ['ratio', `'-0'`],
      ['ratio', `'NaN'`],
      ['level', '7'],
      ['nick', `'nick'`],
      ['vip', 'true'],
      ['folded', `'Ä'`],
      ['folded', `'ä'`],
      ['place', `'(1,2)'`],
      ['doc', `'<a/>'`],
      ['"newsletter?"', 'false'],
    ].flatMap(([column = '', value = '']) => [SET(column, value), SET(column, value)]),
    SET('(folded, raw, place, mood)', `(null, null, null, null)`),
    // who a row belongs to; before Postgres 15 a person who comes to another partition takes the sales along (the foreign key sees a deletion)
    `update ${PERSON} set "Id" = ${id(301)} where "Id" = ${id(1)}`,
    `update ${PERSON} set "Id" = ${idOf('500 + score::integer')} where score between 6 and 9`,
    `update ${SALE} set "user" = ${id(12)} where "from" = 9`,
    `update ${SALE} set "user" = null where "from" in (10, 11)`,
    `update ${SALE} set "user" = ${id(13)}, "where" = 'was no person' where "user" is null`,
    `update ${GROUP} set "table" = "table" + 1 where "table" < 4`,
    `update ${GROUP} set "table" = null where "table" = 20`,
    `alter table ${GROUP} drop constraint group_table_fkey; update ${SALE} set "from" = "from" + 1000 where "from" in (40, 41)`,
    // two at once
    `insert into ${SALE} values (1040, ${id(14)}, 'again', now()), (500, ${id(14)}, 'first', now()) on conflict ("from") do update set "where" = 'twice'`,
    `insert into ${SALE} values (500, ${id(15)}, 'x', now()) on conflict ("from") do update set "user" = excluded."user"`,
    `insert into ${SALE} values (500, ${id(15)}, 'x', now()) on conflict do nothing`,
    // straight to a partition, and from one to another
    `update "C R M".person_0 set "order" = 'straight'`,
    `update "C R M".person_1 set "order" = 'half way'`,
    `update "C R M".person_1a set "order" = 'to the leaf', vip = true`,
    `delete from "C R M".person_1a where "Id" in (select "Id" from "C R M".person_1a order by "Id" desc limit 1)`,
    `update ${PERSON} set "Id" = ${idOf('600 + score::integer')}, "order" = 'other partition' where "Id" in (${id(20)}, ${id(21)}, ${id(22)}, ${id(23)})`,
    // what foreign keys do
    `delete from ${PERSON} where "Id" = ${id(25)}`,
    `update ${PERSON} set "Id" = ${id(326)} where "Id" = ${id(26)}`,
  ])('%s', async (text) => {
    await world.step(text);
  });

  test('one statement that deletes, inserts and updates is captured as three changes', async () => {
    const captured = await world.step(
      `with removed as (delete from ${SALE} where "from" = 43 returning *), come as (insert into ${SALE} select "from" + 600, "user", 'moved', at from removed)
   update ${PERSON} set "order" = 'cte' where "Id" in (select "user" from removed)`,
      { exact: false },
    );
    expect(captured.map((row) => row.key).sort()).toEqual([
      'C R M.Per"son(Id)',
      'select.table(user)',
      'select.table(user)',
    ]);
  });

  test.runIf(inject('serverVersion') >= 15)('MERGE (Postgres 15 and newer)', async () => {
    const captured =
      await world.step(`merge into ${SALE} s using (values (500, 'merged'), (9000, 'new'), (44, 'removed')) as v("from", w) on s."from" = v."from"
    when matched and v.w = 'removed' then delete when matched then update set "where" = v.w
    when not matched then insert values (v."from", ${id(14)}, v.w, now())`);
    expect(captured.length).toBeGreaterThanOrEqual(2);
  });

  test('COPY', async () => {
    const captured = await world.step(async () => {
      const client = await world.database.pool.connect();
      try {
        await pipeline(
          Readable.from(
            Array.from(
              { length: 300 },
              (_, n) =>
                `${20_000 + n}\t00000000-0000-4000-8000-${String(30 + (n % 3)).padStart(12, '0')}\tcopied\t\\N\n`,
            ),
          ),
          client.query(copyFrom(`copy ${SALE} from stdin`)),
        );
      } finally {
        client.release();
      }
    });
    expect(captured.map((row) => [row.link?.slice(-2), row.mask]).sort()).toEqual([
      ['30', null],
      ['31', null],
      ['32', null],
    ]);
  });

  test('a mask says which columns, several rows of one contact are one row of the outbox', async () => {
    const { rows } = await world.database.pool.query<{
      column_name: string;
      mask: string;
    }>(`select c.column_name, (1::bigint << c.bit)::text as mask
    from segmentd_internal.source_column c join segmentd_internal.source s on s.id = c.source_id where s.kind = 'contact'`);
    const mask = (column: string): bigint => BigInt(rows.find((row) => row.column_name === column)?.mask ?? 0);
    await world.database.pool.query(`update ${PERSON} set vip = null`);
    const one = await world.step(`update ${PERSON} set vip = null, "order" = 'm' where "Id" = ${id(33)}`);
    expect(one.map((row) => BigInt(row.mask ?? -1))).toEqual([mask('order')]);
    const two = await world.step(
      `update ${PERSON} set vip = false, "order" = 'm2' where "Id" in (${id(33)}, ${id(34)})`,
    );
    expect(two.map((row) => BigInt(row.mask ?? -1))).toEqual([
      mask('order') | mask('vip'),
      mask('order') | mask('vip'),
    ]);
    const many = await world.step(`update ${SALE} set "where" = 'same' where "user" in (${id(31)}, ${id(32)})`);
    expect(many).toHaveLength(2);
  });

  test('a statement trigger says of a large statement who, not what', async () => {
    await world.database.pool.query(
      `insert into ${SALE} select 100000 + n, ('00000000-0000-4000-8000-' || lpad((30 + n % 8)::text, 12, '0'))::uuid, 'bulk', now() from generate_series(1, 1001) n`,
    );
    const captured = await world.step(`update ${SALE} set "where" = 'bulk 2' where "from" > 100000`);
    expect(captured).toHaveLength(8);
    expect(captured.every((row) => (row.mask === null) === (kind === 'statement'))).toBe(true);
    await world.step(`update ${SALE} set "where" = 'bulk 3' where "from" between 100001 and 101000`);
    await world.step(`delete from ${SALE} where "from" > 100000`);
  });

  test('TRUNCATE is everything in the source', async () => {
    const captured = await world.step(`truncate ${GROUP}`, { exact: false });
    expect(captured).toEqual([{ key: 'select.group(table)', link: null, mask: null }]);
    const all = await world.step(`truncate ${PERSON} cascade`, { exact: false });
    expect(new Set(all.map((row) => `${row.key} ${row.link}`))).toEqual(
      new Set(['C R M.Per"son(Id) null', 'select.table(user) null']),
    );
    expect(
      await world.step(`insert into ${PERSON} ("Id") select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid from generate_series(1, 40) n;
    insert into ${SALE} select n, ${id(3)}, 'w', now() from generate_series(60, 65) n`),
    ).toHaveLength(41);
  });

  test('a session that applies as a replica is captured too', async () => {
    const captured = await world.step(
      `begin; set local session_replication_role = replica; update ${SALE} set "where" = 'as a replica' where "from" = 60; commit`,
    );
    expect(captured).toHaveLength(1);
  });

  test('a role that may do nothing in segmentd writes as before', async () => {
    const role = `app_${world.database.name}`;
    await world.database.pool.query(
      `create role ${role}; grant usage on schema "select" to ${role}; grant select, insert, update, delete on ${SALE} to ${role}`,
    );
    try {
      await world.step(`begin; set local role ${role}; update ${SALE} set "where" = 'app' where "from" = 61; commit`);
    } finally {
      await world.database.pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  test('operators of a schema that comes before pg_catalog are not used', async () => {
    await world.database.pool.query(`create schema evil; grant usage on schema evil to public;
    create function evil.lie(text, text) returns boolean language plpgsql as $$ begin raise exception 'called'; end $$;
    create operator evil.= (function = evil.lie, leftarg = text, rightarg = text)`);
    await world.step(
      `begin; set local search_path = evil, pg_catalog; update ${SALE} set "where" = 'hijack' where "from" in (62, 63); commit`,
    );
  });
});

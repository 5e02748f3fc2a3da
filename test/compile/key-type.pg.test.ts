/** Every type of contact key, in all statements, with rows whose text sorts by another collation than the key. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Catalogue, KeyType } from '../../src/catalogue/catalogue.ts';
import { render, sql, type Fragment } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery, type CompiledSegment } from '../../src/compile/statement.ts';
import { field, fields } from '../condition/catalogue.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { conditionOf } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

function catalogueOf(type: KeyType, sqlType: string): Catalogue {
  return {
    contacts: {
      table: { schema: 'public', name: 'contact' },
      key: { column: 'Key', type, sqlType },
      fields: fields(field('contact', 'n', 'number', { sqlType: 'integer', integer: true })),
    },
    relations: new Map([
      [
        'orders',
        {
          name: 'orders',
          table: { schema: 'public', name: 'order' },
          link: { kind: 'contact', column: 'of', sqlType },
          fields: fields(field('orders', 'total', 'number')),
        },
      ],
    ]),
    timezone: 'UTC',
    timestamps: 'UTC',
  };
}

const uuid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

const types: [KeyType, string, string, readonly string[]][] = [
  ['integer', 'integer', 'integer', ['1', '2', '3', '4']],
  ['bigint', 'bigint', 'bigint', ['-5000000000', '2', '3', '9007199254740993']],
  ['uuid', 'uuid', 'uuid', [1, 2, 3, 4].map(uuid)],
  ['text', 'text', 'text', ['a', 'B', 'c', "d'"]],
  ['text', 'character varying(20)', 'text collate "und-x-icu"', ['a', 'B', 'c', "d'"]],
];

test.each(types)('%s, %s', async (type, sqlType, domain, keys) => {
  const icu = domain.includes('collate') ? ' collate "und-x-icu"' : '';
  await database.query(`
    drop schema if exists segmentd cascade; drop table if exists public.contact, public."order";
    create schema segmentd; create domain segmentd.contact_key as ${domain};
    create table segmentd.membership (segment_id int, contact_id segmentd.contact_key, primary key (segment_id, contact_id));
    create table public.contact ("Key" ${sqlType}${icu} primary key, n int);
    create table public."order" ("of" ${sqlType}, total numeric)`);
  await database.query(
    `insert into public.contact select k::${sqlType}, n from unnest($1::text[]) with ordinality as t(k, n)`,
    [keys],
  );
  await database.query(
    `insert into public."order" select k::${sqlType}, n from unnest($1::text[]) with ordinality as t(k, n), generate_series(1, n) where n > 1`,
    [keys],
  );
  await database.query(`insert into segmentd.membership select 9, k::${sqlType} from unnest($1::text[]) as t(k)`, [
    keys.slice(2),
  ]);

  const catalogue = catalogueOf(type, sqlType);
  const options = { segmentId: (): number => 9 };
  const [first, , third, last] = keys;
  const bucket = createHash('md5').update(`a seed:${third}`).digest().readUInt32BE(0) % 1_000;
  const condition = conditionOf(
    {
      and: [
        { '>=': [{ count: [v('orders')] }, 2] },
        { '>': [{ sum: [{ map: [v('orders'), v('total')] }] }, 3] },
        { some: [v('orders'), { '<': [v('total'), 4] }] },
        { in_segment: ['x'] },
        { '==': [{ bucket: ['a seed', 1_000] }, bucket] },
      ],
    },
    catalogue,
  );
  const segment: CompiledSegment = { id: 1, condition, timezone: 'UTC' };
  const run = async (fragment: Fragment, slots: Record<string, unknown>): Promise<Record<string, unknown>[]> => {
    const { text, bind } = render(fragment);
    return database.query(text, bind(slots));
  };
  const [sorted] = await database.query<{ keys: string[] }>(
    `select array_agg("Key"::text order by "Key") as keys from public.contact`,
  );
  const low = sorted?.keys[1];
  const after = sorted?.keys.slice(2) ?? [];

  const rechecked = await run(recheckQuery(catalogue, [segment], options), { contacts: [first, third, last] });
  expect(new Map(rechecked.map((row) => [String(row['contact_id']), row['segments']]))).toEqual(
    new Map([
      [first, []],
      [third, [1]],
      [last, []],
    ]),
  );
  const ranged = await run(rangeQuery(catalogue, [segment], { low: true, high: false }, options), { low });
  expect(new Map(ranged.map((row) => [String(row['contact_id']), row['segments']]))).toEqual(
    new Map(after.map((key) => [key, key === third ? [1] : []])),
  );
  const members = await run(sql`${memberQuery(catalogue, segment, { low: true, high: true }, options)} order by 1`, {
    low,
    high: after[after.length - 1],
  });
  expect(members.map((row) => String(row['contact_id']))).toEqual([third]);
});

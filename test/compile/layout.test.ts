/** The layout of SQL: white space changes and nothing else, for the statements of every operator. */
import { expect, test } from 'vitest';
import { fill, sql, written } from '../../src/compile/fragment.ts';
import { layOut, wordsOf } from '../../src/compile/layout.ts';
import { memberQuery, recheckQuery } from '../../src/compile/statement.ts';
import { normalise } from '../../src/condition/normalise.ts';
import { accepted, v } from '../condition/ask.ts';
import { shop } from '../condition/catalogue.ts';
import { samples } from '../condition/sample.ts';

function statements(json: unknown): readonly string[] {
  const segment = { id: 7, condition: normalise(accepted(json)), timezone: 'Europe/Madrid' };
  const options = { segmentId: () => 3 };
  return [memberQuery(shop, segment, { low: false, high: false }, options), recheckQuery(shop, [segment], options)].map(
    (one) => written(fill(fill(one, 'now', sql`now()`), 'contacts', sql`'{1}'::segmentd.contact_key[]`)),
  );
}

test.each(Object.entries(samples))('the statements of %s', (_, { json }) => {
  for (const text of statements(json)) {
    const laid = layOut(text);
    expect(wordsOf(laid)).toEqual(wordsOf(text));
    expect(layOut(laid)).toBe(laid);
    expect(laid).not.toMatch(/[ \t]$/m);
  }
});

test('a line a clause, a line a part of what does not fit', () => {
  const [members = ''] = statements({
    and: [
      { in: [v('country'), ['ES', 'PT']] },
      { '>=': [{ count: [{ filter: [v('orders'), { in_last: [v('placed_at'), 90, 'day'] }] }] }, 3] },
      {
        or: [{ is_empty: [v('email')] }, { has_any: [v('tags'), ['vip', 'press']] }, { icontains: [v('email'), 'x'] }],
      },
    ],
  });
  expect(layOut(members)).toMatchInlineSnapshot(`
    "select c."id"::segmentd.contact_key as contact_id
    from "public"."contacts" as c
    left join (
      select "t0"."f1" as k, count(*) as "s0"
      from (
        select "r0"."placed_at" as "f0", "r0"."contact_id" as "f1"
        from "public"."orders" as "r0"
        where "r0"."contact_id" in (
          select c."id"
          from "public"."contacts" as c
          where c."country" = any('{"ES","PT"}'::text[])
            and (
              (c."email"::text is null or c."email"::text = '')
              or c."tags" && '{"vip","press"}'::text[]
              or lower(
                c."email"::text collate "pg_catalog"."und-x-icu"
              ) like lower('%x%'::text collate "pg_catalog"."und-x-icu")
            )
        )
      ) as "t0"
      where ("t0"."f0" > (now() - '2160 hours'::interval) and "t0"."f0" <= now())
      group by "t0"."f1"
    ) as "a0_0" on "a0_0".k = c."id"
    where c."country" = any('{"ES","PT"}'::text[])
      and coalesce("a0_0"."s0", 0) >= '3'::bigint
      and (
        (c."email"::text is null or c."email"::text = '')
        or c."tags" && '{"vip","press"}'::text[]
        or lower(c."email"::text collate "pg_catalog"."und-x-icu") like lower(
          '%x%'::text collate "pg_catalog"."und-x-icu"
        )
      )"
  `);
});

test('texts, comments in texts, and brackets that do not match stay as they are', () => {
  for (const text of [
    `select 'a  (b  and  c' as x, E'\\'  or  ''' as y, "we  ird""(" from t where a = 'select  from'`,
    `select '--  no comment', '/*  nor this */', $1::text[], (a)[1] from t`,
    'select (a',
    'select a)',
    'select case when a then 1',
    '',
  ]) {
    const laid = layOut(text);
    expect(wordsOf(laid)).toEqual(wordsOf(text));
    for (const [quoted] of text.matchAll(/E?'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"/g)) expect(laid).toContain(quoted);
  }
});

test('the `from` of an operator and the `left` of a function begin no clause', () => {
  const long = Array.from({ length: 12 }, (_, n) => `c.column_${n} is distinct from 1`).join(' and ');
  expect(layOut(`select 1 from t where ${long}`)).toBe(
    `select 1\nfrom t\nwhere ${long.replaceAll(' and ', '\n  and ')}`,
  );
});

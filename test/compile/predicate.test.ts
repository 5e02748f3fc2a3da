/** The text of every leaf: positive with the column bare, negative its exact complement, values only as parameters. */
import { describe, expect, test } from 'vitest';
import { render } from '../../src/compile/fragment.ts';
import { memberQuery, rangeQuery, recheckQuery, type CompiledSegment } from '../../src/compile/statement.ts';
import { conditionOf, odd } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const OPTIONS = { segmentId: () => 7 };
const UUID = '00000000-0000-4000-8000-000000000000';

function member(json: unknown, catalogue = odd): { text: string; values: unknown[] } {
  const segment: CompiledSegment = { id: 1, condition: conditionOf(json, catalogue), timezone: 'Europe/Madrid' };
  const statement = render(memberQuery(catalogue, segment, { low: false, high: false }, OPTIONS));
  return { text: statement.text, values: statement.bind({ now: 'NOW' }) };
}

function where(json: unknown): string {
  const { text } = member(json);
  const [select, ...condition] = text.split(' where ');
  expect(select).toBe('select c."id"::segmentd.contact_key as contact_id from "public"."contact" as c');
  // A predicate that always holds leaves no WHERE.
  return condition.length === 0 ? 'true' : condition.join(' where ');
}

const DAY = `(c."ts" at time zone (case when c."ts" between timestamptz '4714-11-26 00:00:00+00 BC' and timestamptz '294276-12-30 00:00:00+00' then $2::text else 'UTC' end))::date`;

describe('leaves', () => {
  const table: [unknown, string, string][] = [
    [{ '==': [v('t'), 'x'] }, `c."t" = $1::text`, `(c."t" is null or not (c."t" = $1::text))`],
    [{ '!=': [v('t'), 'x'] }, `(c."t" is null or not (c."t" = $1::text))`, `c."t" = $1::text`],
    [{ '==': [v('ch'), 'x'] }, `c."ch"::text = $1::text`, `(c."ch"::text is null or not (c."ch"::text = $1::text))`],
    [
      { '==': [v('nd'), 'x'] },
      `(c."nd" collate "C") = $1::text`,
      `((c."nd" collate "C") is null or not ((c."nd" collate "C") = $1::text))`,
    ],
    [{ '<': [v('i8'), '18.5'] }, `c."i8" < $1::bigint`, `(c."i8" is null or not (c."i8" < $1::bigint))`],
    [{ '<': [v('i8'), '1' + '0'.repeat(25)] }, `c."i8" is not null`, `c."i8" is null`],
    [{ '==': [v('i8'), '18.5'] }, `false`, `true`],
    [{ '<': [v('num'), 5] }, `c."num" < $1::numeric`, `(c."num" is null or not (c."num" < $1::numeric))`],
    [
      { '>': [v('num'), 5] },
      `(c."num" > $1::numeric and not (c."num" = 'NaN'))`,
      `(c."num" is null or not ((c."num" > $1::numeric and not (c."num" = 'NaN'))))`,
    ],
    [{ '==': [v('f8'), '0.1'] }, `c."f8" = $1::float8`, `(c."f8" is null or not (c."f8" = $1::float8))`],
    [{ '==': [v('f8'), '0.10000000000000000555'] }, `false`, `true`],
    [
      { '==': [v('num'), null] },
      `(c."num" is null or c."num" = 'NaN')`,
      `(c."num" is not null and not (c."num" = 'NaN'))`,
    ],
    [v('b'), `c."b"`, `(c."b" is null or not (c."b"))`],
    [{ '==': [v('b'), false] }, `(not c."b")`, `(c."b" is null or not ((not c."b")))`],
    [{ '>=': [v('d'), '2024-01-01'] }, `c."d" >= $1::date`, `(c."d" is null or not (c."d" >= $1::date))`],
    [{ '==': [v('u'), UUID] }, `c."u" = $1::uuid`, `(c."u" is null or not (c."u" = $1::uuid))`],
    [
      { '<': [v('ts'), '2024-01-01T00:00:00Z'] },
      `c."ts" < $1::timestamptz`,
      `(c."ts" is null or not (c."ts" < $1::timestamptz))`,
    ],
    [
      { '<': [v('tl'), '2024-01-01T00:00:00Z'] },
      `c."tl" < ($1::timestamptz at time zone $2::text)`,
      `(c."tl" is null or not (c."tl" < ($1::timestamptz at time zone $2::text)))`,
    ],
    [
      { '==': [v('t'), v('vc')] },
      `c."t" = (c."vc" collate "C")`,
      `(c."t" is null or c."vc" is null or not (c."t" = (c."vc" collate "C")))`,
    ],
    [{ in: [v('t'), ['a', 'b']] }, `c."t" = any($1::text[])`, `(c."t" is null or not (c."t" = any($1::text[])))`],
    [
      { in: [v('i2'), [1, '2.5', 3]] },
      `c."i2" = any($1::bigint[])`,
      `(c."i2" is null or not (c."i2" = any($1::bigint[])))`,
    ],
    [{ in: ['a', v('t')] }, `c."t" like $1::text`, `(c."t" is null or not (c."t" like $1::text))`],
    [
      { ieq: [v('t'), 'a'] },
      `lower(c."t" collate "pg_catalog"."und-x-icu") = lower($1::text collate "pg_catalog"."und-x-icu")`,
      `(lower(c."t" collate "pg_catalog"."und-x-icu") is null or not (lower(c."t" collate "pg_catalog"."und-x-icu") = lower($1::text collate "pg_catalog"."und-x-icu")))`,
    ],
    [
      { is_empty: [v('t')] },
      `(c."t" is null or c."t" = '')`,
      `(c."t" is not null and (c."t" is null or not (c."t" = '')))`,
    ],
    [{ has_any: [v('tags'), ['a']] }, `c."tags" && $1::text[]`, `(c."tags" is null or not (c."tags" && $1::text[]))`],
    [
      { has_all: [v('vtags'), ['a']] },
      `c."vtags" @> $1::character varying[]`,
      `(c."vtags" is null or not (c."vtags" @> $1::character varying[]))`,
    ],
    [
      { has_any: [v('ints'), [1, 40_000]] },
      `c."ints" && $1::smallint[]`,
      `(c."ints" is null or not (c."ints" && $1::smallint[]))`,
    ],
    [{ has_all: [v('ints'), [1, 40_000]] }, `false`, `true`],
    [
      { in_last: [v('ts'), 30, 'day'] },
      `(c."ts" > ($1::timestamptz - $2::interval) and c."ts" <= $1::timestamptz)`,
      `(c."ts" is null or not ((c."ts" > ($1::timestamptz - $2::interval) and c."ts" <= $1::timestamptz)))`,
    ],
    [{ is_past: [v('ts')] }, `c."ts" <= $1::timestamptz`, `(c."ts" is null or not (c."ts" <= $1::timestamptz))`],
    [
      { is_future: [v('d')] },
      `c."d" > ($1::timestamptz at time zone $2::text)::date`,
      `(c."d" is null or not (c."d" > ($1::timestamptz at time zone $2::text)::date))`,
    ],
    [
      { before_last: [v('tl'), 1, 'week'] },
      `c."tl" <= (($1::timestamptz - $2::interval) at time zone $3::text)`,
      `(c."tl" is null or not (c."tl" <= (($1::timestamptz - $2::interval) at time zone $3::text)))`,
    ],
    [
      { in_next: [v('d'), 90, 'minute'] },
      `(c."d" > ($1::timestamptz at time zone $2::text)::date and c."d" <= (($1::timestamptz + $3::interval) at time zone $2::text)::date)`,
      `(c."d" is null or not ((c."d" > ($1::timestamptz at time zone $2::text)::date and c."d" <= (($1::timestamptz + $3::interval) at time zone $2::text)::date)))`,
    ],
    [
      { '==': [v('ts'), '2024-05-15'] },
      `(c."ts" >= ($1::date + (-1))::timestamp at time zone 'UTC' and c."ts" < ($1::date + 2)::timestamp at time zone 'UTC' and ${DAY} = $1::date)`,
      `(c."ts" is null or not (${DAY.replace('$2', '$1')} = $2::date))`,
    ],
    [
      { '>=': [{ age: [v('d')] }, 18] },
      `c."d" <= greatest((($1::timestamptz at time zone $2::text)::date - $3::interval)::date, (($1::timestamptz at time zone $2::text)::date + 1 - $3::interval)::date - 1)`,
      `(c."d" is null or not (c."d" <= greatest((($1::timestamptz at time zone $2::text)::date - $3::interval)::date, (($1::timestamptz at time zone $2::text)::date + 1 - $3::interval)::date - 1)))`,
    ],
    [
      { '==': [v('j.text'), 'pro'] },
      `((c."j" #>> $1::text[]) = $2::text and jsonb_typeof(c."j" #> $1::text[]) = 'string')`,
      `((case when jsonb_typeof(c."j" #> $1::text[]) = 'string' then (c."j" #>> $1::text[]) end) is null or not ((case when jsonb_typeof(c."j" #> $1::text[]) = 'string' then (c."j" #>> $1::text[]) end) = $2::text))`,
    ],
    [
      { before_last: [v('j.at'), 1, 'day'] },
      `segmentd.json_instant((c."j" #>> $1::text[])) <= ($2::timestamptz - $3::interval)`,
      `(segmentd.json_instant((c."j" #>> $1::text[])) is null or not (segmentd.json_instant((c."j" #>> $1::text[])) <= ($2::timestamptz - $3::interval)))`,
    ],
    [
      { some: [v('orders'), { '>': [v('units'), 5] }] },
      `exists (select from "public"."Order" as "r0" where "r0"."contact_id" = c."id" and "r0"."units" > $1::bigint)`,
      `not exists (select from "public"."Order" as "r0" where "r0"."contact_id" = c."id" and "r0"."units" > $1::bigint)`,
    ],
    [
      { none: [v('items'), { '==': [v('orders.note'), 'x'] }] },
      `not exists (select from "public"."item" as "r0" join "public"."Order" as "r1" on "r1"."id" = "r0"."order_id" where "r1"."contact_id" = c."id" and "r1"."note" = $1::text)`,
      `exists (select from "public"."item" as "r0" join "public"."Order" as "r1" on "r1"."id" = "r0"."order_id" where "r1"."contact_id" = c."id" and "r1"."note" = $1::text)`,
    ],
    [
      { in_segment: ['vips'] },
      `exists (select from segmentd.membership m where m.segment_id = 7 and m.contact_id = c."id")`,
      `not exists (select from segmentd.membership m where m.segment_id = 7 and m.contact_id = c."id")`,
    ],
  ];
  test.each(table.map(([json, positive, negative]) => [JSON.stringify(json), json, positive, negative] as const))(
    '%s',
    (_, json, positive, negative) => {
      expect(where(json)).toBe(positive);
      expect(where({ '!': [json] })).toBe(negative);
    },
  );
});

describe('groups', () => {
  test('negation travels to the leaves', () => {
    expect(where({ '!': [{ or: [v('b'), { and: [{ '==': [v('t'), 'x'] }, { '!': [v('b')] }] }] }] })).toBe(
      `((c."b" is null or not (c."b")) and ((c."t" is null or not (c."t" = $1::text)) or c."b"))`,
    );
  });
});

describe('existence', () => {
  const orders = { filter: [v('orders'), { '>': [v('units'), 5] }] };
  const exists = where({ some: [v('orders'), { '>': [v('units'), 5] }] });
  test.each([
    ['>=', 1],
    ['>', 0],
    ['!=', 0],
    ['>', '0.5'],
  ] as const)('count %s %s is EXISTS', (operator, number) => {
    expect(where({ [operator]: [{ count: [orders] }, number] })).toBe(exists);
  });
  test.each([
    ['==', 0],
    ['<', 1],
    ['<=', 0],
  ] as const)('count %s %s is NOT EXISTS', (operator, number) => {
    expect(where({ [operator]: [{ count: [orders] }, number] })).toBe(`not ${exists}`);
  });
  test('other counts also see contacts without rows', () => {
    const { text } = member({ '<': [{ count: [orders] }, 3] });
    expect(text).toContain('left join (select');
    expect(text).toContain(`where coalesce("a0_0"."s0", 0) < $2::bigint`);
    expect(text).not.toContain('having');
  });
});

describe('statements', () => {
  const segments = (count: number, json: (index: number) => unknown): CompiledSegment[] =>
    Array.from({ length: count }, (_, index) => ({
      id: count - index,
      condition: conditionOf(json(index)),
      timezone: 'Europe/Madrid',
    }));
  const orders = { filter: [v('orders'), { '==': [v('note'), 'x'] }] };

  test('`now` is one parameter, allotted only where time is used', () => {
    const timeless = render(
      recheckQuery(
        odd,
        segments(2, () => v('b')),
        OPTIONS,
      ),
    );
    expect(timeless.text).not.toContain('timestamptz');
    const timed = render(
      recheckQuery(
        odd,
        segments(9, (index) => ({ in_last: [v('ts'), index + 1, 'day'] })),
        OPTIONS,
      ),
    );
    expect(timed.bind({ now: 'NOW', contacts: [] }).filter((value) => value === 'NOW')).toHaveLength(1);
    expect(timed.text).not.toMatch(/now\(\)|current_/);
  });

  test('a relation is read once, equal aggregates are computed once', () => {
    const { text } = render(
      recheckQuery(
        odd,
        segments(20, (index) => ({ '>': [{ count: [orders] }, index + 1] })),
        OPTIONS,
      ),
    );
    expect(text.match(/"Order"/g)).toHaveLength(1);
    expect(text.match(/count\(\*\)/g)).toHaveLength(1);
  });

  test('ids ascend whatever the order of the segments', () => {
    expect(
      render(
        recheckQuery(
          odd,
          segments(3, () => true),
          OPTIONS,
        ),
      ).text,
    ).toContain('array[1, 2, 3]::int[]');
  });

  test('no segment at all', () => {
    expect(render(recheckQuery(odd, [], OPTIONS)).text).toContain('array[]::int[]');
  });

  test('leaves, expressions and constants that repeat are computed once', () => {
    const { text } = render(
      recheckQuery(
        odd,
        segments(12, (index) => ({
          and: [{ icontains: [v('t'), 'a'] }, { icontains: [v('t'), `b${index}`] }, { anniversary_today: [v('d')] }],
        })),
        OPTIONS,
      ),
    );
    expect(text.match(/lower\("c"/g)).toHaveLength(1);
    expect(text.match(/extract\(month from "c"/g)).toHaveLength(1);
    expect(text.match(/make_date/g)).toHaveLength(2);
  });

  test('a range binds only the ends that it has', () => {
    const open = render(
      rangeQuery(
        odd,
        segments(1, () => v('b')),
        { low: false, high: false },
        OPTIONS,
      ),
    );
    expect(open.bind()).toEqual([]);
    const upper = render(
      rangeQuery(
        odd,
        segments(1, () => ({ '>': [{ count: [orders] }, 2] })),
        { low: false, high: true },
        OPTIONS,
      ),
    );
    expect(upper.text.match(/<= \$(\d)::bigint/g)).toHaveLength(2);
    expect(upper.text).not.toMatch(/"(id|contact_id)" > /);
    expect(upper.bind({ high: '9' }).toSorted()).toEqual(['2', '9', 'x']);
  });

  test('more aggregates than a row has columns', () => {
    const many = segments(1_600, (index) => ({
      '>': [{ count: [{ filter: [v('orders'), { '>': [v('units'), index] }] }] }, 1],
    }));
    const { text } = render(recheckQuery(odd, many, OPTIONS));
    expect(text).toContain('as "a0_1"');
  });

  test('what a user wrote is never in the text', () => {
    const evil = `x'; drop table contact; --`;
    const conditions = [
      { '==': [v('t'), evil] },
      { icontains: [v('t'), evil] },
      { has_any: [v('tags'), [evil]] },
      { some: [v('orders'), { in: [v('note'), [evil, 'y']] }] },
    ];
    for (const json of conditions) {
      const { text, values } = member(json);
      expect(text).not.toContain('drop');
      expect(JSON.stringify(values)).toContain('drop table');
    }
  });

  test('LIKE specials are data', () => {
    expect(member({ starts_with: [v('t'), String.raw`50%_\x`] }).values).toEqual([String.raw`50\%\_\\x%`]);
  });
});

/** Positive leaves reach the index on their column. With sequential scans priced out, a leaf that cannot still shows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, sql } from '../../src/compile/fragment.ts';
import { memberQuery } from '../../src/compile/statement.ts';
import type { TestDatabase } from '../support/database.ts';
import { conditionOf, odd, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  await database.query(`
    insert into public.contact (id, t, vc, i2, i8, num, f8, b, d, ts, tl, u, tags, j)
      select n, 'name' || n, 'v' || n, n % 30000, n, n / 7.0, n / 7.0, n % 97 = 0, date '1950-01-01' + n, now() - n * interval '1 hour',
        now() - n * interval '1 hour', gen_random_uuid(), array['t' || n % 500], jsonb_build_object('at', '2024-01-01T00:00:00Z', 'text', 'p' || n)
      from generate_series(1, 3000) as n;
    insert into public."Order" (id, contact_id, note, units, placed_at) select n, n, 'o' || n, n, now() - n * interval '1 hour' from generate_series(1, 3000) as n;
    create index by_t on public.contact (t text_pattern_ops);
    create index by_fold on public.contact (lower(t collate "und-x-icu") text_pattern_ops);
    create index by_vc on public.contact (vc);
    create index by_i2 on public.contact (i2);
    create index by_num on public.contact (num);
    create index by_f8 on public.contact (f8);
    create index by_b on public.contact (b) where b;
    create index by_d on public.contact (d);
    create index by_ts on public.contact (ts);
    create index by_tl on public.contact (tl);
    create index by_u on public.contact (u);
    create index by_tags on public.contact using gin (tags);
    create index by_j_at on public.contact (segmentd.json_instant(j #>> '{at}'));
    create index by_j_text on public.contact ((j #>> '{text}'));
    create index by_vc_day on public.contact ((segmentd.text_timestamp(vc, 'DD/MM/YYYY')::date));
    create index by_t_number on public.contact (segmentd.text_number(t));
    create index by_contact on public."Order" (contact_id);
    create index by_placed on public."Order" (placed_at);
    analyze;`);
});

afterAll(() => database.drop());

const cases: [string, unknown][] = [
  ['by_t', { '==': [v('t'), 'name5'] }],
  ['by_t', { in: [v('t'), ['name5', 'name6']] }],
  ['by_t', { starts_with: [v('t'), 'name12'] }],
  ['by_t', { starts_with: [v('t'), ['name12', 'name34']] }],
  ['by_fold', { ieq: [v('t'), 'NAME5'] }],
  ['by_fold', { istarts_with: [v('t'), 'NAME12'] }],
  ['by_fold', { istarts_with: [v('t'), ['NAME12', 'NAME34']] }],
  ['by_vc', { '==': [v('vc'), 'v5'] }],
  ['by_i2', { '<': [v('i2'), '18.5'] }],
  ['by_i2', { in: [v('i2'), [5, 6]] }],
  ['by_num', { '>': [v('num'), 420] }],
  ['by_f8', { '<=': [v('f8'), '0.5'] }],
  ['by_b', v('b')],
  ['by_d', { '<=': [18, { age: [v('d')] }, 19] }],
  ['by_d', { in_period: [v('d'), 'month', 0] }],
  ['by_d', { in_last: [v('d'), 3, 'day'] }],
  ['by_ts', { in_last: [v('ts'), 1, 'day'] }],
  ['by_ts', { is_future: [v('ts')] }],
  ['by_ts', { in_last: [v('ts'), 1, 'month'] }],
  ['by_ts', { before_last: [v('ts'), 3, 'month'] }],
  ['by_tl', { in_next: [v('tl'), 1, 'quarter'] }],
  ['by_d', { before_last: [v('d'), 1, 'year'] }],
  ['by_j_at', { in_last: [v('j.at'), 1, 'month'] }],
  ['by_d', { is_future: [v('d')] }],
  ['by_ts', { before_last: [v('ts'), 120, 'day'] }],
  ['by_ts', { '==': [v('ts'), '2024-05-15'] }],
  ['by_ts', { in: [v('ts'), Array.from({ length: 12 }, (_, n) => `2024-05-${n + 10}`)] }],
  ['by_ts', { in_period: [v('ts'), 'week', -1] }],
  ['by_tl', { in_last: [v('tl'), 1, 'day'] }],
  ['by_tl', { '>=': [v('tl'), '2024-05-15T00:00:00Z'] }],
  ['by_u', { '==': [v('u'), '00000000-0000-4000-8000-000000000000'] }],
  ['by_tags', { has_any: [v('tags'), ['t5', 't6']] }],
  ['by_tags', { has_all: [v('tags'), ['t5']] }],
  ['by_j_at', { in_last: [v('j.at'), 1, 'day'] }],
  ['by_vc_day', { in_last: [v('vc day'), 3, 'day'] }],
  ['by_vc_day', { '==': [v('vc day'), '2024-05-15'] }],
  ['by_vc_day', { '<=': [18, { age: [v('vc day')] }, 19] }],
  ['by_t_number', { '>': [v('t number'), 420] }],
  ['by_t_number', { in: [v('t number'), [5, 6]] }],
  ['by_j_text', { '==': [v('j.text'), 'p5'] }],
  ['by_contact', { and: [{ '==': [v('t'), 'name5'] }, { some: [v('orders'), { '>': [v('units'), 1] }] }] }],
  ['by_placed', { some: [v('orders'), { in_last: [v('placed_at'), 3, 'hour'] }] }],
  ['by_placed', { '>=': [{ count: [{ filter: [v('orders'), { in_last: [v('placed_at'), 3, 'hour'] }] }] }, 2] }],
  ['by_contact', { and: [{ '==': [v('t'), 'name5'] }, { '>=': [{ count: [v('orders')] }, 2] }] }],
];

test.each(cases.map(([index, json]) => [index, JSON.stringify(json), json] as const))(
  '%s serves %s',
  async (index, _, json) => {
    const segment = { id: 1, condition: conditionOf(json), timezone: 'Europe/Madrid' };
    const statement = render(
      sql`explain (costs off) ${memberQuery(odd, segment, { low: false, high: false }, { segmentId: () => 1 })}`,
    );
    const client = await database.pool.connect();
    try {
      await client.query('begin; set local enable_seqscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        statement.text,
        statement.bind({ now: new Date().toISOString() }),
      );
      await client.query('rollback');
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(new RegExp(`(using|on) ${index}\\b`));
    } finally {
      client.release();
    }
  },
);

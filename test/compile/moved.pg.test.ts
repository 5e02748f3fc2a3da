/** Instants moved by a fixed duration: at both ends of Postgres' range, infinite ones, wall clocks over a change of clocks, rows. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, matching, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const plus = (of: unknown, ...length: unknown[]) => ({ plus: [of, ...length] });
const minus = (of: unknown, ...length: unknown[]) => ({ minus: [of, ...length] });

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  await database.query(`
    insert into public.contact (id, ts, tl, j) values
      (1, '2024-05-01 10:00+00', '2024-05-01 12:00', '{"at": "2024-05-01T12:00:00Z"}'),
      (2, '2024-05-01 10:00+00', '2024-05-01 12:00:00.000001', '{"at": "2024-05-01T12:00:00.000001Z"}'),
      (3, '294276-12-31 23:59:59.999999+00', 'infinity', '{"at": "9999-12-31T23:59:59Z"}'),
      (4, '4714-11-24 00:00+00 BC', '-infinity', '{"at": "0001-01-01T00:00:00Z"}'),
      (5, 'infinity', '294276-12-31 23:59:59.999999', null),
      (6, '-infinity', '4714-11-24 00:00 BC', '{"at": null}'),
      (7, null, '2024-03-31 01:30', '{"at": 7}'),
      (8, '2024-03-31 01:00+00', null, '{"at": "2024-03-31T03:00:00Z"}'),
      (9, '2024-03-31 01:00+00', '2024-03-31 03:30', '{"at": "2024-10-27T03:00:00Z"}');
    insert into public."Order" (id, contact_id, placed_at) values
      (1, 1, '2024-05-01 11:00+00'), (2, 1, '2024-05-01 12:00+00'), (3, 3, '294276-12-31 23:00+00'), (4, 5, '-infinity'), (5, 8, null);`);
});

afterAll(() => database.drop());

test('all statements, against the evaluator', async () => {
  const last = { max_of: [{ map: [v('orders'), v('placed_at')] }] };
  const values = ['ts', 'tl', 'j.at'].map(v);
  const lengths = [
    [2, 'hour'],
    [1, 'minute'],
    [36_500, 'day'],
    [1, 'week'],
  ];
  const leaves = lengths.flatMap((length) =>
    [...values, last].flatMap((one) =>
      [plus(one, ...length), minus(one, ...length)].flatMap((moved) => [
        ...[...values, last].map((other) => ({ '<=': [other, moved] })),
        { '==': [moved, v('j.at')] },
        { '==': [moved, null] },
        { '>': [moved, '2024-05-01'] },
        { in: [moved, ['2024-05-01T12:00:00Z', '2024-05-02']] },
        { '<': [moved, plus(v('ts'), 1, 'day')] },
      ]),
    ),
  );
  for (const timestamps of ['UTC', 'Europe/Madrid'])
    expect(await compareAll(database, leaves, { timestamps })).toBe(9 * leaves.length);
});

test('what a person worked out', async () => {
  expect(await matching(database, { '<=': [v('tl'), plus(v('ts'), 2, 'hour')] })).toContain(1);
  expect(await matching(database, { '<=': [v('tl'), plus(v('ts'), 2, 'hour')] })).not.toContain(2);
  expect(await matching(database, { '==': [v('j.at'), plus(v('ts'), 2, 'hour')] })).toEqual([1, 8]);
  // Beyond the range it is infinite, and nothing raises.
  expect(await matching(database, { '>': [plus(v('ts'), 1, 'minute'), '9999-12-31'] })).toEqual([3, 5]);
  expect(await matching(database, { '<': [minus(v('ts'), 1, 'minute'), '0001-01-01'] })).toEqual([4, 6]);
  expect(await matching(database, { '==': [plus(v('ts'), 1, 'day'), v('ts')] })).toEqual([5, 6]);
  // In Madrid the clock leaps from 2:00 to 3:00 on that day: two hours of its clock are one hour.
  const madrid = { timestamps: 'Europe/Madrid' };
  expect(await matching(database, { '==': [plus(v('ts'), 30, 'minute'), v('tl')] }, madrid)).toEqual([3, 9]);
  const first = { min_of: [{ map: [v('orders'), v('placed_at')] }] };
  expect(
    await matching(database, { '==': [plus(first, 1, 'hour'), { max_of: [{ map: [v('orders'), v('placed_at')] }] }] }),
  ).toEqual([1, 5]);
});

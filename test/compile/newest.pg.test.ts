/** The newest and the oldest rows: ties by the key, rows without a time, filters inside and around, many ways to one row. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, matching, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const newest = (count: number, rows: unknown = v('orders')) => ({ newest: [count, rows] });
const oldest = (count: number, rows: unknown = v('orders')) => ({ oldest: [count, rows] });
const filter = (rows: unknown, where: unknown) => ({ filter: [rows, where] });
const paid = { '==': [v('status'), 'paid'] };
const sum = (rows: unknown) => ({ sum: [{ map: [rows, v('units')] }] });

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  // Units are powers of two, so that a sum says which rows were taken.
  await database.query(`
    insert into public.contact (id, num, ts) select n, n, '2024-05-02 10:00+00' from generate_series(1, 6) n;
    insert into public."Order" (id, contact_id, status, units, note, placed_at) values
      (10, 1, 'paid', 1, 'a', '2024-05-01 10:00+00'), (9, 1, 'new', 2, 'b', '2024-05-02 10:00+00'),
      (11, 1, 'paid', 4, 'a', '2024-05-02 10:00+00'), (8, 1, 'new', 8, 'b', '2024-05-03 10:00+00'),
      (20, 2, 'paid', 1, 'a', null), (21, 2, 'paid', 2, null, null), (22, 2, 'new', 4, 'a', '2024-05-01 10:00+00'),
      (30, 3, 'new', 1, 'a', 'infinity'), (31, 3, 'paid', 2, 'b', '-infinity'), (32, 3, 'paid', 4, 'c', '2024-05-01 10:00+00'),
      (40, 4, null, 1, null, '2024-05-01 10:00+00'), (50, 5, 'paid', 1, 'z', '2024-05-14 12:00+00'), (51, 5, 'new', 2, 'z', '2024-05-15 12:00+00');
    insert into public.item (id, order_id, sku, price, made_at) values
      (1, 10, 'A', 1, '2024-05-01 10:00'), (2, 10, 'B', 2, '2024-05-01 11:00'), (3, 11, 'A', 3, '2024-05-01 11:00'), (4, 8, 'C', 4, null),
      (5, 20, 'A', 5, '2024-05-01 10:00'), (6, 51, 'A', 6, '2024-05-01 10:00'), (7, 50, 'B', 7, '2024-05-01 10:00');`);
});

afterAll(() => database.drop());

async function sums(rows: unknown): Promise<readonly (readonly number[])[]> {
  const found: number[][] = [];
  for (let units = 1; units <= 15; units += 1) {
    const contacts = await matching(database, { '==': [sum(rows), units] });
    if (contacts.length > 0) found.push([units, ...contacts]);
  }
  return found;
}

test('what a person worked out', async () => {
  // The order by time of 1: 10, 9 and 11 (at the same time, 9 first), 8. Of 2: 22, then 20 and 21 without a time.
  expect(await sums(newest(2))).toEqual([[1, 4], [3, 5], [5, 3], [6, 2], [12, 1]]); // prettier-ignore
  expect(await sums(oldest(2))).toEqual([[1, 4], [3, 1, 5], [5, 2], [6, 3]]); // prettier-ignore
  // Inside: the newest of those that are paid. Around: those of the newest that are paid.
  expect(await sums(newest(1, filter(v('orders'), paid)))).toEqual([[1, 5], [2, 2], [4, 1, 3]]); // prettier-ignore
  expect(await sums(filter(newest(1), paid))).toEqual([]);
  expect(await sums(filter(newest(2), paid))).toEqual([[1, 5], [2, 2], [4, 1, 3]]); // prettier-ignore
  expect(await sums(newest(1, filter(newest(3), paid)))).toEqual([[1, 5], [2, 2], [4, 1, 3]]); // prettier-ignore
  expect(await matching(database, { '==': [{ count: [newest(2)] }, 2] })).toEqual([1, 2, 3, 5]);
  expect(await matching(database, { some: [newest(1), paid] })).toEqual([]);
  expect(await matching(database, { all: [newest(2), { '>=': [v('units'), 4] }] })).toEqual([1]);
  expect(await matching(database, { none: [newest(1), paid] })).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await matching(database, { '==': [{ first: [newest(2), v('units')] }, 4] })).toEqual([1, 2, 3]);
});

test('all statements, against the evaluator', async () => {
  const where = [paid, { '==': [v('note'), 'a'] }, { in_last: [v('placed_at'), 1, 'day'] }, { '!': [paid] }];
  const rows = [1, 2, 3].flatMap((count) =>
    [newest, oldest].flatMap((limit) => [
      limit(count),
      ...where.flatMap((one) => [limit(count, filter(v('orders'), one)), filter(limit(count), one)]),
      filter(limit(count, filter(v('orders'), where[0])), where[1]),
      limit(1, filter(limit(count), where[0])),
      oldest(1, limit(count)),
    ]),
  );
  const leaves = rows.flatMap((one) => [
    { '>=': [{ count: [one] }, 1] },
    { '==': [sum(one), 5] },
    { '>': [{ max_of: [{ map: [one, v('units')] }] }, { count: [v('orders')] }] },
    { '==': [{ last: [one, v('status')] }, 'paid'] },
  ]);
  expect(await compareAll(database, leaves)).toBe(6 * leaves.length);
});

test('rows that go through others, with conditions on the rows in between', async () => {
  const between = { '==': [v('orders.note'), 'a'] };
  const rows = [1, 2].flatMap((count) => [
    newest(count, v('items')),
    oldest(count, filter(v('items'), between)),
    filter(newest(count, v('items')), between),
    filter(newest(count, filter(v('items'), between)), { '>': [v('orders.total'), 0] }),
  ]);
  const leaves = rows.flatMap((one) => [
    { '>': [{ count: [one] }, 0] },
    { '>=': [{ sum: [{ map: [one, v('price')] }] }, 3] },
    { '==': [{ count_distinct: [{ map: [one, v('sku')] }] }, 1] },
    { in: [{ first: [one, v('sku')] }, ['A', 'B']] },
  ]);
  expect(await compareAll(database, leaves)).toBe(6 * leaves.length);
});

const before = { '<': [v('placed_at'), v('outer.placed_at')] };
/** Of the orders before the one around, the newest. */
const previous = newest(1, filter(v('orders'), before));

test('inside the rows of another relation, and with fields of the rows around', async () => {
  const fresh = { '==': [v('status'), 'new'] };
  // The order before it, by the key where two are at the same time. An order without a time is before nothing.
  expect(await matching(database, { some: [v('orders'), { and: [fresh, { some: [previous, paid] }] }] })).toEqual([1, 3, 5]); // prettier-ignore
  expect(await matching(database, { some: [v('orders'), { '==': [{ first: [previous, v('units')] }, 4] }] })).toEqual([1, 3]); // prettier-ignore
  expect(await matching(database, { some: [v('orders'), { '==': [sum(newest(2, filter(v('orders'), before))), 6] }] })).toEqual([1, 3]); // prettier-ignore
  // The limit comes first: of the newest order alone is asked whether it is before the one around.
  expect(await matching(database, { some: [v('orders'), { some: [newest(1), before] }] })).toEqual([]);
  // Before the contact's own time: the order 10 of 1; 22 of 2; 32 of 3; 40 of 4; none of 5.
  expect(await sums(newest(1, filter(v('orders'), { '<': [v('placed_at'), v('contact.ts')] })))).toEqual([[1, 1, 4], [4, 2, 3]]); // prettier-ignore
});

test('limits inside rows and around them, in all statements, against the evaluator', async () => {
  const around = [
    before,
    { '!=': [v('id'), v('outer.id')] },
    { and: [before, { '>=': [v('units'), v('contact.num')] }] },
    { and: [{ '==': [v('note'), v('outer.note')] }, { in_last: [v('outer.placed_at'), 2, 'day'] }] },
  ];
  const inner = [1, 2].flatMap((count) =>
    [newest, oldest].flatMap((limit) =>
      around.flatMap((where) => [
        limit(count, filter(v('orders'), where)),
        filter(limit(count), where),
        filter(limit(count, filter(v('orders'), where)), paid),
        limit(1, filter(oldest(2), where)),
      ]),
    ),
  );
  const asked = inner.flatMap((rows) => [
    { '>=': [{ count: [rows] }, 1] },
    { '>': [sum(rows), v('units')] },
    { '==': [{ last: [rows, v('status')] }, v('status')] },
    { '>': [{ max_of: [{ map: [rows, v('outer.units')] }] }, 1] },
  ]);
  const items = [
    { '==': [{ count: [newest(2, filter(v('items'), { '<=': [v('made_at'), v('outer.placed_at')] }))] }, 2] },
    {
      in: [
        { first: [newest(1, filter(v('items'), { '==': [v('orders.note'), v('outer.note')] })), v('sku')] },
        ['A', 'B'],
      ],
    },
    {
      '>': [
        { sum: [{ map: [filter(oldest(3, v('items')), { '==': [v('orders.note'), v('outer.note')] }), v('price')] }] },
        2,
      ],
    },
  ];
  const leaves = [
    ...asked.map((leaf) => ({ some: [v('orders'), leaf] })),
    ...asked.slice(0, 10).map((leaf) => ({ '==': [{ count: [newest(2, filter(v('orders'), leaf))] }, 1] })),
    ...items.flatMap((leaf) => [
      { some: [v('orders'), leaf] },
      { some: [newest(2), leaf] },
      { '>': [sum(newest(1, filter(v('orders'), leaf))), 1] },
    ]),
    ...[1, 2].flatMap((count) =>
      [{ '<': [v('placed_at'), v('contact.ts')] }, { '>=': [v('units'), v('outer.num')] }].flatMap((where) => [
        { '>': [sum(newest(count, filter(v('orders'), where))), 2] },
        { '>=': [{ count: [filter(oldest(count), where)] }, 1] },
        { some: [oldest(count), where] },
        { '==': [{ max_of: [{ map: [oldest(count), v('contact.num')] }] }, 3] },
      ]),
    ),
  ];
  expect(await compareAll(database, leaves)).toBe(6 * leaves.length);
});

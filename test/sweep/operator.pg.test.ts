/**
 * Every time-dependent operator, on fields of contacts and of relations: the contact enters and leaves at the expected
 * microsecond, by sweeps alone. Contact n belongs to case n.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 240_000 });

let world: SweepWorld;
beforeAll(async () => {
  world = await sweepWorld();
});
afterAll(() => world?.end());

const v = (name: string): unknown => ({ var: name });
const recent = (name: string, n = 1, unit = 'hour'): unknown => ({ in_last: [v(name), n, unit] });
const paid = { '==': [v('status'), 'paid'] };

interface Case {
  readonly name: string;
  readonly condition: unknown;
  /** Columns of the contact, then its orders `(status, total, placed_at)`, then their items `(sent_at, made_at)`. */
  readonly contact?: string;
  readonly orders?: readonly string[];
  readonly items?: readonly string[];
  /** Member from … to (exclusive); '' without an end. */
  readonly member: readonly (readonly [from: string, to: string])[];
}

const START = '2024-05-15T12:00:00.000000Z';

const CASES: readonly Case[] = [
  {
    name: 'in_last',
    condition: recent('seen_at'),
    contact: `seen_at = '2024-05-15T12:30:00.000001Z'`,
    member: [['2024-05-15T12:30:00.000001Z', '2024-05-15T13:30:00.000001Z']],
  },
  {
    name: 'before_last',
    condition: { before_last: [v('seen_at'), 90, 'minute'] },
    contact: `seen_at = '2024-05-15T12:30:00Z'`,
    member: [['2024-05-15T14:00:00.000000Z', '']],
  },
  {
    name: 'in_next',
    condition: { in_next: [v('seen_at'), 1, 'hour'] },
    contact: `seen_at = '2024-05-15T14:00:00Z'`,
    member: [['2024-05-15T13:00:00.000000Z', '2024-05-15T14:00:00.000000Z']],
  },
  {
    name: 'not in_last',
    condition: { '!': [recent('seen_at')] },
    contact: `seen_at = '2024-05-15T11:30:00Z'`,
    member: [['2024-05-15T12:30:00.000000Z', '']],
  },
  // 30 and 31 March are after 29 February by a month that ends with it.
  {
    name: 'in_last of months',
    condition: { in_last: [v('renews_on'), 1, 'month'] },
    contact: `renews_on = '2025-01-30'`,
    member: [['2025-01-29T23:00:00.000000Z', '2025-02-28T23:00:00.000000Z']],
  },
  {
    name: 'before_last of a quarter',
    condition: { before_last: [v('seen_at'), 1, 'quarter'] },
    contact: `seen_at = '2024-05-15T22:30:00Z'`,
    member: [['2024-08-15T22:00:00.000000Z', '']],
  },
  {
    name: 'in_next of months, at the end of one',
    condition: { in_next: [v('renews_on'), 1, 'month'] },
    contact: `renews_on = '2024-08-31'`,
    member: [['2024-07-30T22:00:00.000000Z', '2024-08-30T22:00:00.000000Z']],
  },
  {
    name: 'in_next of a year, of a wall clock',
    condition: { in_next: [v('local_at'), 1, 'year'] },
    contact: `local_at = '2025-05-20 09:00'`,
    member: [['2024-05-19T22:00:00.000000Z', '2025-05-20T13:00:00.000000Z']],
  },
  {
    name: 'known_for in months',
    condition: { known_for: [2, 'month'] },
    contact: `created_at = '2024-04-30T12:00:00Z'`,
    member: [['2024-06-29T22:00:00.000000Z', '']],
  },
  {
    name: 'in_last of a month, of an instant in jsonb',
    condition: { in_last: [v('attributes.seen'), 1, 'month'] },
    contact: `attributes = '{"seen": "2024-05-15T14:40:00+02:00"}'`,
    member: [['2024-05-15T12:40:00.000000Z', '2024-06-14T22:00:00.000000Z']],
  },
  {
    name: 'is_past',
    condition: { is_past: [v('seen_at')] },
    contact: `seen_at = '2024-05-15T12:30:00.000001Z'`,
    member: [['2024-05-15T12:30:00.000001Z', '']],
  },
  {
    name: 'is_future, of a date',
    condition: { is_future: [v('renews_on')] },
    contact: `renews_on = '2024-05-16'`,
    member: [['', '2024-05-15T22:00:00.000000Z']],
  },
  {
    name: 'not is_past, of a wall clock',
    condition: { '!': [{ is_past: [v('local_at')] }] },
    contact: `local_at = '2024-05-15 08:45'`,
    member: [['', '2024-05-15T12:45:00.000000Z']],
  },
  {
    name: 'is_future, of the last instant of the orders',
    condition: { is_future: [{ max_of: [{ map: [v('orders'), v('placed_at')] }] }] },
    orders: [`'paid', 1, '2024-05-15T11:30:00Z'`, `'paid', 1, '2024-05-15T12:50:00Z'`],
    member: [['', '2024-05-15T12:50:00.000000Z']],
  },
  {
    name: 'is_past, of infinity',
    condition: { is_past: [v('seen_at')] },
    contact: `seen_at = 'infinity'`,
    member: [],
  },
  {
    name: 'is_past, of what ever was',
    condition: { is_past: [v('renews_on')] },
    contact: `renews_on = '-infinity'`,
    member: [['', '']],
  },
  {
    name: 'known_for',
    condition: { known_for: [2, 'hour'] },
    contact: `created_at = '2024-05-15T12:30:00Z'`,
    member: [['2024-05-15T14:30:00.000000Z', '']],
  },
  // A date is its local midnight, in Madrid two hours before UTC's.
  {
    name: 'in_last of a date',
    condition: recent('renews_on', 1, 'day'),
    contact: `renews_on = '2024-05-16'`,
    member: [['2024-05-15T22:00:00.000000Z', '2024-05-16T22:00:00.000000Z']],
  },
  {
    name: 'in_next of a date',
    condition: { in_next: [v('renews_on'), 2, 'hour'] },
    contact: `renews_on = '2024-05-16'`,
    member: [['2024-05-15T20:00:00.000000Z', '2024-05-15T22:00:00.000000Z']],
  },
  // A wall clock is read in Havana, four hours after UTC.
  {
    name: 'in_last of a wall clock',
    condition: recent('local_at'),
    contact: `local_at = '2024-05-15 09:00'`,
    member: [['2024-05-15T13:00:00.000000Z', '2024-05-15T14:00:00.000000Z']],
  },
  {
    name: 'in_last of an instant in jsonb',
    condition: recent('attributes.seen'),
    contact: `attributes = '{"seen": "2024-05-15T14:40:00+02:00"}'`,
    member: [['2024-05-15T12:40:00.000000Z', '2024-05-15T13:40:00.000000Z']],
  },
  {
    name: 'a date in jsonb',
    condition: recent('attributes.since', 24, 'hour'),
    contact: `attributes = '{"since": "2024-05-16"}'`,
    member: [['2024-05-15T22:00:00.000000Z', '2024-05-16T22:00:00.000000Z']],
  },
  {
    name: 'today, of an instant',
    condition: { in_period: [v('seen_at'), 'day', 0] },
    contact: `seen_at = '2024-05-15T22:30:00Z'`,
    member: [['2024-05-15T22:00:00.000000Z', '2024-05-16T22:00:00.000000Z']],
  },
  {
    name: 'today, of a wall clock',
    condition: { in_period: [v('local_at'), 'day', 0] },
    contact: `local_at = '2024-05-15 18:30'`,
    member: [['2024-05-15T22:00:00.000000Z', '2024-05-16T22:00:00.000000Z']],
  },
  {
    name: 'next month',
    condition: { in_period: [v('renews_on'), 'month', 1] },
    contact: `renews_on = '2024-06-10'`,
    member: [['', '2024-05-31T22:00:00.000000Z']],
  },
  {
    name: 'last week',
    condition: { in_period: [v('seen_at'), 'week', -1] },
    contact: `seen_at = '2024-05-15T09:00:00Z'`,
    member: [['2024-05-19T22:00:00.000000Z', '2024-05-26T22:00:00.000000Z']],
  },
  {
    name: 'not this year',
    condition: { '!': [{ in_period: [v('renews_on'), 'year', 0] }] },
    contact: `renews_on = '2025-01-01'`,
    member: [
      ['', '2024-12-31T23:00:00.000000Z'],
      ['2025-12-31T23:00:00.000000Z', ''],
    ],
  },
  {
    name: 'age',
    condition: { '>=': [{ age: [v('born')] }, 18] },
    contact: `born = '2006-05-16'`,
    member: [['2024-05-15T22:00:00.000000Z', '']],
  },
  {
    name: 'age of one born on 29 February',
    condition: { '==': [{ age: [v('born')] }, 20] },
    contact: `born = '2004-02-29'`,
    member: [['', '2025-02-27T23:00:00.000000Z']],
  },
  {
    name: 'age in neighbours',
    condition: { in: [{ age: [v('born')] }, [18, 16, 17]] },
    contact: `born = '2006-05-16'`,
    member: [['', '2025-05-15T22:00:00.000000Z']],
  },
  {
    name: 'age in, with a gap',
    condition: { in: [{ age: [v('born')] }, [16, 18, 40]] },
    contact: `born = '2006-05-16'`,
    member: [['2024-05-15T22:00:00.000000Z', '2025-05-15T22:00:00.000000Z']],
  },
  {
    name: 'age between',
    condition: { '<': [17.5, { age: [v('born')] }, 18] },
    contact: `born = '2006-05-16'`,
    member: [],
  },
  {
    name: 'anniversary_in_next',
    condition: { anniversary_in_next: [v('born'), 7] },
    contact: `born = '1990-05-23'`,
    member: [
      ['2024-05-15T22:00:00.000000Z', '2024-05-23T22:00:00.000000Z'],
      ['2025-05-15T22:00:00.000000Z', '2025-05-23T22:00:00.000000Z'],
    ],
  },
  {
    name: 'anniversary_in_last, of an instant',
    condition: { anniversary_in_last: [v('seen_at'), 7] },
    contact: `seen_at = '2020-05-22T22:30:00Z'`,
    member: [
      ['2024-05-22T22:00:00.000000Z', '2024-05-30T22:00:00.000000Z'],
      ['2025-05-22T22:00:00.000000Z', '2025-05-30T22:00:00.000000Z'],
    ],
  },
  {
    name: 'anniversary in this week',
    condition: { anniversary_in_period: [v('born'), 'week', 0] },
    contact: `born = '1990-05-26'`,
    member: [
      ['2024-05-19T22:00:00.000000Z', '2024-05-26T22:00:00.000000Z'],
      ['2025-05-25T22:00:00.000000Z', '2025-06-01T22:00:00.000000Z'],
    ],
  },
  {
    name: 'anniversary in next month, of 29 February in jsonb',
    condition: { anniversary_in_period: [v('attributes.since'), 'month', 1] },
    contact: `attributes = '{"since": "2004-02-29"}'`,
    member: [
      ['2024-12-31T23:00:00.000000Z', '2025-01-31T23:00:00.000000Z'],
      ['2025-12-31T23:00:00.000000Z', ''],
    ],
  },
  {
    name: 'anniversary_today, of a wall clock',
    condition: { anniversary_today: [v('local_at')] },
    contact: `local_at = '2020-05-16 17:30'`,
    member: [
      ['2024-05-15T22:00:00.000000Z', '2024-05-16T22:00:00.000000Z'],
      ['2025-05-15T22:00:00.000000Z', '2025-05-16T22:00:00.000000Z'],
    ],
  },
  {
    name: 'anniversary_today',
    condition: { anniversary_today: [v('born')] },
    contact: `born = '2004-02-29'`,
    member: [['2025-02-27T23:00:00.000000Z', '2025-02-28T23:00:00.000000Z']],
  },
  {
    name: 'some',
    condition: { some: [v('orders'), { and: [paid, recent('placed_at')] }] },
    orders: [`'paid', 1, '2024-05-15T11:20:00Z'`, `'open', 1, '2024-05-15T12:20:00Z'`],
    member: [['', '2024-05-15T12:20:00.000000Z']],
  },
  {
    name: 'none',
    condition: { none: [v('orders'), recent('placed_at')] },
    orders: [`'paid', 1, '2024-05-15T12:20:00Z'`],
    member: [
      ['', '2024-05-15T12:20:00.000000Z'],
      ['2024-05-15T13:20:00.000000Z', ''],
    ],
  },
  {
    name: 'all',
    condition: { all: [v('orders'), { before_last: [v('placed_at'), 1, 'hour'] }] },
    orders: [`'paid', 1, '2024-05-15T11:20:00Z'`, `'paid', 1, '2024-05-15T11:40:00Z'`],
    member: [['2024-05-15T12:40:00.000000Z', '']],
  },
  {
    name: 'count',
    condition: { '>=': [{ count: [{ filter: [v('orders'), recent('placed_at')] }] }, 2] },
    orders: [`'paid', 1, '2024-05-15T12:10:00Z'`, `'paid', 1, '2024-05-15T12:30:00Z'`],
    member: [['2024-05-15T12:30:00.000000Z', '2024-05-15T13:10:00.000000Z']],
  },
  {
    name: 'sum',
    condition: { '>': [{ sum: [{ map: [{ filter: [v('orders'), recent('placed_at')] }, v('total')] }] }, '5.5'] },
    orders: [`'paid', 3, '2024-05-15T12:10:00Z'`, `'paid', 3, '2024-05-15T12:50:00Z'`],
    member: [['2024-05-15T12:50:00.000000Z', '2024-05-15T13:10:00.000000Z']],
  },
  {
    name: 'avg',
    condition: { '<': [{ avg: [{ map: [{ filter: [v('orders'), recent('placed_at')] }, v('total')] }] }, 3] },
    orders: [`'paid', 1, '2024-05-15T12:10:00Z'`, `'paid', 5, '2024-05-15T12:50:00Z'`],
    member: [['2024-05-15T12:10:00.000000Z', '2024-05-15T12:50:00.000000Z']],
  },
  {
    name: 'max_of in a window',
    condition: { in_last: [{ max_of: [{ map: [v('orders'), v('placed_at')] }] }, 1, 'hour'] },
    orders: [`'paid', 1, '2024-05-15T11:30:00Z'`, `'paid', 1, '2024-05-15T11:50:00Z'`],
    member: [['', '2024-05-15T12:50:00.000000Z']],
  },
  {
    name: 'first in a window',
    condition: { before_last: [{ first: [v('orders'), 'placed_at', paid] }, 1, 'hour'] },
    orders: [`'open', 1, '2024-05-15T11:00:00Z'`, `'paid', 1, '2024-05-15T11:50:00Z'`],
    member: [['2024-05-15T12:50:00.000000Z', '']],
  },
  {
    name: 'last of the rows of a window',
    condition: { '==': [{ last: [v('orders'), 'status', { before_last: [v('placed_at'), 1, 'hour'] }] }, 'paid'] },
    orders: [
      `'open', 1, '2024-05-15T10:00:00Z'`,
      `'paid', 1, '2024-05-15T11:30:00Z'`,
      `'open', 1, '2024-05-15T11:45:00Z'`,
    ],
    member: [['2024-05-15T12:30:00.000000Z', '2024-05-15T12:45:00.000000Z']],
  },
  {
    name: 'two hops',
    condition: { some: [v('items'), recent('sent_at')] },
    orders: [`'paid', 1, null`],
    items: [`'2024-05-15T12:25:00Z', null`],
    member: [['2024-05-15T12:25:00.000000Z', '2024-05-15T13:25:00.000000Z']],
  },
  {
    name: 'two hops, a wall clock',
    condition: { some: [v('items'), recent('made_at')] },
    orders: [`'paid', 1, null`],
    items: [`null, '2024-05-15 08:25'`],
    member: [['2024-05-15T12:25:00.000000Z', '2024-05-15T13:25:00.000000Z']],
  },
  {
    name: 'the row in the middle',
    condition: { some: [v('items'), recent('orders.placed_at')] },
    orders: [`'paid', 1, '2024-05-15T12:35:00Z'`],
    items: ['null, null'],
    member: [['2024-05-15T12:35:00.000000Z', '2024-05-15T13:35:00.000000Z']],
  },
  {
    name: 'nested',
    condition: { if: [recent('seen_at'), { '!': [{ some: [v('orders'), recent('placed_at')] }] }, false] },
    contact: `seen_at = '2024-05-15T12:05:00Z'`,
    orders: [`'paid', 1, '2024-05-15T11:40:00Z'`],
    member: [['2024-05-15T12:40:00.000000Z', '2024-05-15T13:05:00.000000Z']],
  },
  {
    name: 'never',
    condition: {
      or: [recent('seen_at'), { in_period: [v('renews_on'), 'day', 0] }, { anniversary_today: [v('born')] }],
    },
    contact: `seen_at = 'infinity', renews_on = '5874897-12-31', born = '-infinity'`,
    member: [],
  },
];

function expected(one: Case, at: string): boolean {
  return one.member.some(([from, to]) => (from === '' || from <= at) && (to === '' || at < to));
}

function justBefore(instant: string): string {
  const micros = BigInt(Date.parse(`${instant.slice(0, 19)}Z`)) * 1000n + BigInt(instant.slice(20, 26)) - 1n;
  return `${new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19)}.${String(micros % 1_000_000n).padStart(6, '0')}Z`;
}

async function check(at: string): Promise<void> {
  await world.at(at);
  await world.settle();
  const rows = await world.query<{ key: string; contact: string }>(
    `select m.segment_key as key, m.contact_id::text as contact from segmentd.member m`,
  );
  const members = new Set(rows.map((row) => `${row.key} ${row.contact}`));
  const wrong = CASES.flatMap((one, n) =>
    members.has(`case-${n} ${n}`) === expected(one, at)
      ? []
      : [`${one.name} should ${expected(one, at) ? '' : 'not '}match`],
  );
  expect(wrong, at).toEqual([]);
}

test('with every operator of time, contacts enter and leave on time', async () => {
  await world.at(START);
  for (const [n, { condition, contact, orders = [], items = [] }] of CASES.entries()) {
    await world.query('insert into public.contacts (id) values ($1)', [n]);
    if (contact !== undefined) await world.query(`update public.contacts set ${contact} where id = ${n}`);
    let order = '';
    for (const values of orders)
      [{ id: order } = { id: '' }] = await world.query<{ id: string }>(
        `insert into public.orders (contact_id, status, total, placed_at) values (${n}, ${values}) returning id::text`,
      );
    for (const values of items)
      await world.query(`insert into public.order_items (order_id, sent_at, made_at) values (${order}, ${values})`);
    await world.create(`case-${n}`, condition);
  }
  await check(START);
  const instants = [...new Set(CASES.flatMap((one) => one.member.flat()))].filter((at) => at > START).toSorted();
  expect(instants.length).toBeGreaterThan(25);
  for (const at of instants) {
    await check(justBefore(at));
    await check(at);
  }
  await world.exact();
  const reasons = await world.query('select distinct reason from segmentd.membership_event order by 1');
  expect(reasons).toEqual([{ reason: 'edit' }, { reason: 'time' }]);
});

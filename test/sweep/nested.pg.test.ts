/**
 * Rows inside rows under random histories of every table and of the clock: what is stored stays what SQL of its own answers, both ways.
 * An inner row that changes, and an inner row whose time comes, re-checks its contact.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { random, seed, type Random } from '../support/random.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, signed_up timestamptz, city text);
  create table public.carts (id bigint primary key, contact_id bigint, at timestamptz, worth numeric);
  create table public.orders (id bigint primary key, contact_id bigint, placed_at timestamptz, status text, total numeric);
  create table public.items (id bigint primary key, order_id bigint, sku text);
  create index on public.carts (contact_id); create index on public.orders (contact_id); create index on public.items (order_id);
  create index on public.carts (at); create index on public.orders (placed_at); create index on public.contacts (signed_up)`;
const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
  carts: { table: public.carts, contact: contact_id, time: at }
  orders: { table: public.orders, contact: contact_id, time: placed_at }
  items: { table: public.items, through: orders, on: { order_id: id } }
`;
const v = (name: string): unknown => ({ var: name });
const after = { '>': [v('placed_at'), v('outer.at')] };
const now = 'segmentd.instant()';

/** By the segment's key: its condition, and the same as SQL over the contact `c`. */
const cases: Readonly<Record<string, readonly [unknown, string]>> = {
  abandoned: [
    { some: [v('carts'), { and: [{ before_last: [v('at'), 2, 'hour'] }, { none: [v('orders'), after] }] }] },
    `exists (select from carts k where k.contact_id = c.id and k.at <= ${now} - interval '2 hours'
       and not exists (select from orders o where o.contact_id = c.id and o.placed_at > k.at))`,
  ],
  cooled: [
    {
      some: [v('carts'), { all: [v('orders'), { or: [{ before_last: [v('placed_at'), 1, 'hour'] }, after] }] }],
    },
    `exists (select from carts k where k.contact_id = c.id and exists (select from orders o where o.contact_id = c.id) and not exists
       (select from orders o where o.contact_id = c.id and not coalesce(o.placed_at <= ${now} - interval '1 hour' or o.placed_at > k.at, false)))`,
  ],
  twice: [
    {
      some: [
        v('items'),
        { some: [v('items'), { and: [{ '==': [v('sku'), v('outer.sku')] }, { '!=': [v('id'), v('outer.id')] }] }] },
      ],
    },
    `exists (select from items i join orders o on o.id = i.order_id join items j on j.sku = i.sku and j.id <> i.id
       join orders p on p.id = j.order_id where o.contact_id = c.id and p.contact_id = c.id)`,
  ],
  kept: [
    {
      '>=': [
        {
          count: [
            {
              filter: [
                v('orders'),
                {
                  and: [
                    { '==': [v('status'), 'paid'] },
                    {
                      none: [
                        v('orders'),
                        {
                          and: [{ '==': [v('status'), 'refunded'] }, { '>=': [v('placed_at'), v('outer.placed_at')] }],
                        },
                      ],
                    },
                  ],
                },
              ],
            },
          ],
        },
        2,
      ],
    },
    `(select count(*) from orders o where o.contact_id = c.id and o.status = 'paid' and not exists
       (select from orders r where r.contact_id = c.id and r.status = 'refunded' and r.placed_at >= o.placed_at)) >= 2`,
  ],
  early: [
    {
      some: [
        v('orders'),
        { and: [{ '<': [v('placed_at'), v('contact.signed_up')] }, { is_past: [v('contact.signed_up')] }] },
      ],
    },
    `exists (select from orders o where o.contact_id = c.id and o.placed_at < c.signed_up) and c.signed_up <= ${now}`,
  ],
  above: [
    {
      some: [
        v('orders'),
        {
          '>': [
            v('total'),
            {
              avg: [
                {
                  map: [
                    {
                      filter: [
                        v('carts'),
                        { and: [{ in_last: [v('at'), 1, 'day'] }, { '<': [v('at'), v('outer.placed_at')] }] },
                      ],
                    },
                    v('worth'),
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
    `exists (select from orders o where o.contact_id = c.id and o.total > (select avg(k.worth) from carts k where k.contact_id = c.id
       and k.at > ${now} - interval '1 day' and k.at <= ${now} and k.at < o.placed_at))`,
  ],
};

let world: SweepWorld;
beforeAll(async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
  await world.at('2024-05-15T12:00:00Z');
  for (const [key, [condition]] of Object.entries(cases)) await world.create(key, condition);
  await world.settle();
});
afterAll(() => world.end());

/** Stored members against SQL of its own, and against the compiled statements. @returns how many members there are */
async function exact(): Promise<number> {
  let members = 0;
  for (const [key, [, sql]] of Object.entries(cases)) {
    const wanted = await world.query<{ id: string }>(
      `select c.id::text as id from public.contacts c where ${sql} order by c.id`,
    );
    const stored = await world.members(key);
    expect(stored, key).toEqual(wanted.map(({ id }) => id));
    members += stored.length;
  }
  await world.exact();
  return members;
}

test('an inner row that is inserted, deleted or crosses re-checks its contact', async () => {
  await world.query(`insert into public.contacts values (1, '2024-05-15 10:00Z', 'a');
    insert into public.carts values (1, 1, '2024-05-15 10:30Z', 5)`);
  await world.settle();
  const is = async (key: string): Promise<boolean> => (await world.members(key)).includes('1');
  expect(await is('abandoned')).toBe(false);
  await world.at('2024-05-15T12:29:59.999999Z');
  await world.settle();
  expect(await is('abandoned')).toBe(false);
  await world.at('2024-05-15T12:30:00Z');
  await world.settle();
  expect(await is('abandoned'), 'two hours after the cart').toBe(true);
  await world.query(`insert into public.orders values (1, 1, '2024-05-15 10:30:00.000001Z', 'paid', 10)`);
  await world.settle();
  expect([await is('abandoned'), await is('cooled')], 'an order after it').toEqual([false, true]);
  await world.query(`update public.orders set placed_at = '2024-05-15 10:30Z' where id = 1`);
  await world.settle();
  expect(await is('abandoned'), 'an order at the same time is not after it').toBe(true);
  await world.query(`update public.orders set placed_at = '2024-05-15 12:00Z' where id = 1;
    update public.carts set at = '2024-05-15 12:10Z' where id = 1`);
  await world.settle();
  expect(await is('cooled')).toBe(false);
  await world.at('2024-05-15T13:00:00Z');
  await world.settle();
  expect(await is('cooled'), 'an hour after the inner row').toBe(true);
  await world.query('delete from public.orders');
  await world.settle();
  expect(await is('cooled'), 'no inner row').toBe(false);
  await exact();
});

const CONTACTS = 12;
const ROWS = 30;

/** One write, in SQL. Times lie around the clock, in steps of half an hour. */
function write(r: Random, minutes: number): string {
  const time = (): string => {
    if (r.chance(0.1)) return 'null';
    const away = minutes + 30 * (r.below(60) - 56);
    return `timestamptz '2024-05-16 00:00Z' + interval '${away} minutes'`;
  };
  const contact = (): string => (r.chance(0.05) ? 'null' : String(1 + r.below(CONTACTS)));
  const id = 1 + r.below(ROWS);
  const status = r.pick(['paid', 'refunded']);
  const sku = r.pick(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  const amount = r.below(20);
  const all = 'on conflict (id) do update set';
  switch (r.below(9)) {
    case 0:
      return `insert into public.contacts values (${1 + r.below(CONTACTS)}, ${time()}, 'x') ${all} signed_up = excluded.signed_up`;
    case 1:
    case 2:
      return `insert into public.carts values (${id}, ${contact()}, ${time()}, ${amount}) ${all} contact_id = excluded.contact_id, at = excluded.at, worth = excluded.worth`;
    case 3:
    case 4:
      return `insert into public.orders values (${id}, ${contact()}, ${time()}, '${status}', ${amount}) ${all} contact_id = excluded.contact_id, placed_at = excluded.placed_at, status = excluded.status`;
    case 5:
      return `update public.orders set total = ${amount}, status = '${status}' where id between ${id} and ${id + 3}`;
    case 6:
      return `insert into public.items values (${id}, ${1 + r.below(ROWS)}, '${sku}') ${all} order_id = excluded.order_id, sku = excluded.sku`;
    case 7:
      return `delete from public.${r.pick(['carts', 'orders', 'items'])} where id = ${id}`;
    default:
      return `delete from public.contacts where id = ${1 + r.below(4)}`;
  }
}

test.each([1, 2])('a random history ends with nothing missing and nothing extra (%i)', async (run) => {
  const r = random(seed() + run);
  let minutes = run * 5_000;
  let members = 0;
  await world.query(
    'delete from public.contacts; delete from public.carts; delete from public.orders; delete from public.items',
  );
  for (let round = 0; round < 12; round += 1) {
    minutes += 10 * r.below(20);
    await world.at(new Date(Date.UTC(2024, 4, 16) + minutes * 60_000).toISOString());
    for (let writes = round === 0 ? 90 : r.below(15); writes > 0; writes -= 1) await world.query(write(r, minutes));
    await world.settle();
    members += await exact();
  }
  expect(members).toBeGreaterThan(50);
});

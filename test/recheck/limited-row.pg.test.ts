/** Segments over the newest rows follow every change: a row that leaves lets another in, also by its time, its key, or the clock. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, name text, "limit" numeric);
  create table public.orders (id bigint primary key, contact_id bigint references public.contacts, status text, total numeric, at timestamptz);
  create index on public.orders (contact_id);
  insert into public.contacts select n, 'c' || n, 1 from generate_series(1, 4) n;
  insert into public.orders values
    (1, 1, 'paid', 1, '2024-05-01 10:00+00'), (2, 1, 'paid', 2, '2024-05-02 10:00+00'), (3, 1, 'new', 4, '2024-05-03 10:00+00'),
    (4, 2, 'new', 1, '2024-05-01 10:00+00'), (5, 2, 'paid', 2, null), (6, 3, 'new', 9, '2024-05-01 10:00+00')`;

const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
  orders: { table: public.orders, contact: contact_id, time: at }
timezone: UTC
`;

const v = (name: string) => ({ var: name });
const paid = { '==': [v('status'), 'paid'] };
const conditions = {
  inside: { '==': [{ sum: [{ map: [{ newest: [1, { filter: [v('orders'), paid] }] }, v('total')] }] }, 2] },
  around: { some: [{ newest: [2, v('orders')] }, paid] },
  oldest: { '==': [{ first: [{ oldest: [1, v('orders')] }, v('status')] }, 'new'] },
  all: { all: [{ newest: [2, v('orders')] }, { '>=': [v('total'), 2] }] },
  // A new order right after one that is paid.
  previous: {
    some: [
      v('orders'),
      {
        and: [
          { '==': [v('status'), 'new'] },
          { some: [{ newest: [1, { filter: [v('orders'), { '<': [v('at'), v('outer.at')] }] }] }, paid] },
        ],
      },
    ],
  },
  // Of the orders above the contact's limit the newest is paid.
  above: {
    '==': [
      { last: [{ newest: [1, { filter: [v('orders'), { '>': [v('total'), v('contact.limit')] }] }] }, v('status')] },
      'paid',
    ],
  },
} as const;

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld({ tables: TABLES, config: CONFIG });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

/** Each change, and the members of the segments after it, which a person worked out. */
const changes: readonly (readonly [
  sql: string,
  members: Readonly<Record<keyof typeof conditions, readonly string[]>>,
])[] = [
  [
    'select 1',
    { inside: ['1', '2'], around: ['1', '2'], oldest: ['2', '3'], all: ['1', '3'], previous: ['1'], above: ['2'] },
  ],
  // The newest paid row leaves: an older one comes in its place.
  [
    `update public.orders set status = 'new' where id = 2`,
    { inside: ['2'], around: ['2'], oldest: ['2', '3'], all: ['1', '3'], previous: ['1'], above: ['2'] },
  ],
  // A row becomes the newest by its time alone.
  [
    `update public.orders set at = '2024-06-01' where id = 1`,
    { inside: ['2'], around: ['1', '2'], oldest: ['1', '2', '3'], all: ['3'], previous: [], above: ['2'] },
  ],
  // Of rows at the same time the greater key is the newer.
  [
    `update public.orders set at = '2024-05-01 10:00+00' where id = 5`,
    { inside: ['2'], around: ['1', '2'], oldest: ['1', '2', '3'], all: ['3'], previous: [], above: ['2'] },
  ],
  [
    `insert into public.orders values (7, 2, 'new', 5, '2024-05-01 10:00+00'), (8, 2, 'new', 5, '2024-05-01 10:00+00')`,
    { inside: ['2'], around: ['1'], oldest: ['1', '2', '3'], all: ['2', '3'], previous: [], above: [] },
  ],
  [
    `update public.orders set id = 70 where id = 5; update public.orders set id = 0 where id = 8`,
    { inside: ['2'], around: ['1', '2'], oldest: ['1', '2', '3'], all: ['2', '3'], previous: [], above: ['2'] },
  ],
  [
    `delete from public.orders where id = 3`,
    { inside: ['2'], around: ['1', '2'], oldest: ['1', '2', '3'], all: ['2', '3'], previous: [], above: ['2'] },
  ],
  [
    `update public.orders set contact_id = 4 where id = 70`,
    { inside: ['4'], around: ['1', '4'], oldest: ['1', '2', '3'], all: ['3', '4'], previous: [], above: ['4'] },
  ],
  // The contact's own row decides which of its orders are asked.
  [
    `update public.contacts set "limit" = 0 where id = 1`,
    { inside: ['4'], around: ['1', '4'], oldest: ['1', '2', '3'], all: ['3', '4'], previous: [], above: ['1', '4'] },
  ],
  // A row inside the rows moves before another.
  [
    `update public.orders set at = '2024-05-01' where id = 1`,
    { inside: ['4'], around: ['1', '4'], oldest: ['2', '3'], all: ['3', '4'], previous: ['1'], above: ['4'] },
  ],
];

test('built, drained and verified', async () => {
  for (const [key, condition] of Object.entries(conditions)) await segmentd.segments.create({ key, condition });
  await using worker = segmentd.worker({ pollInterval: 50 });
  await worker.start();
  for (const key of Object.keys(conditions)) await segmentd.segments.untilLive(key);
  for (const [sql, members] of changes) {
    await world.database.query(sql);
    await segmentd.admin.wait();
    const found = await Promise.all(
      Object.keys(conditions).map(async (key) => [
        key,
        (await segmentd.members.list(key)).map(({ contactId }) => contactId),
      ]),
    );
    expect(Object.fromEntries(found), sql).toEqual(members);
  }
  for (const key of Object.keys(conditions))
    for (const contact of ['1', '2', '3', '4']) {
      const { computed, stored } = await segmentd.segments.explain(key, contact);
      expect(computed, `${key}, contact ${contact}`).toBe(stored?.member);
    }
  expect((await segmentd.admin.verify()).filter(({ missing, extra }) => missing.length + extra.length > 0)).toEqual([]);
});

test('time alone lets another row in, and an explanation says when', async () => {
  await world.database.query(
    `insert into public.orders values (100, 3, 'paid', 1, now() - interval '1 day'), (101, 3, 'new', 1, now() - interval '3 days')`,
  );
  // The newest row older than two days.
  const condition = {
    '==': [
      { last: [{ newest: [1, { filter: [v('orders'), { before_last: [v('at'), 2, 'day'] }] }] }, v('status')] },
      'paid',
    ],
  };
  await segmentd.segments.create({ key: 'late', condition });
  await using worker = segmentd.worker({ pollInterval: 50 });
  await worker.start();
  await segmentd.segments.untilLive('late');
  const explained = await segmentd.segments.explain('late', '3');
  expect(explained).toMatchObject({ stored: { member: false } });
  const [row] = await world.database.query<{ at: string }>(
    `select to_char((at + interval '48 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from public.orders where id = 100`,
  );
  expect(JSON.stringify(explained)).toContain(row?.at);
});

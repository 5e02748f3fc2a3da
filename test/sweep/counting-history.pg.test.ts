/**
 * Random histories of relations of which not every row counts: rows are deleted softly and brought back, expire as time passes, move, and
 * change their owner, under two workers. They end exact, both ways, by plain SQL and by our own statements.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { waitUntilVisible } from '../../src/worker/wait.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { SCALE } from '../race/schedule.ts';
import { random, type Random } from '../support/random.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 600_000 });

const BEGIN = Date.UTC(2024, 4, 15, 12);
const [CONTACTS, FIRMS, ORDERS, GRANTS] = [40, 6, 80, 100];

const TABLES = `
  create table public.contacts (id bigint primary key, firm_id bigint, age integer);
  create table public.firms (id bigint primary key, name text, closes_at timestamptz);
  create table public.orders (id bigint primary key, contact_id bigint, total integer, deleted boolean);
  create table public.grants (id bigint primary key, order_id bigint, size integer, expires_at timestamptz);
  create index on public.contacts (firm_id); create index on public.firms (closes_at); create index on public.orders (contact_id);
  create index on public.grants (order_id); create index on public.grants (expires_at);
  insert into public.firms select n, (array['Acme', 'Bolt'])[1 + n % 2] from generate_series(1, ${FIRMS}) n;
  insert into public.contacts select n, 1 + n % ${FIRMS}, n from generate_series(1, ${CONTACTS}) n;
  insert into public.orders select n, 1 + n % ${CONTACTS}, n % 9, n % 3 = 0 from generate_series(1, ${ORDERS}) n;
  insert into public.grants select n, 1 + n % ${ORDERS}, n % 5 from generate_series(1, ${GRANTS}) n;`;

const CONFIG = `
contacts: { table: public.contacts, key: id }
relations:
  firm: { table: public.firms, on: { id: firm_id }, where: {"!": [{"is_past": [{"var": "closes_at"}]}]} }
  orders: { table: public.orders, contact: contact_id, where: {"!=": [{"var": "deleted"}, true]} }
  grants: { table: public.grants, through: orders, on: { order_id: id }, where: {"or": [{"==": [{"var": "expires_at"}, null]}, {"in_next": [{"var": "expires_at"}, 1, "hour"]}]} }
`;

const v = (name: string) => ({ var: name });
const FIRM = `select f.* from firms f where f.id = c.firm_id and (f.closes_at is null or f.closes_at > segmentd.instant())`;
const ORDER = `select o.* from orders o where o.contact_id = c.id and o.deleted is not true`;
const GRANT = `select g.* from grants g join orders o on o.id = g.order_id where o.contact_id = c.id and o.deleted is not true
  and (g.expires_at is null or g.expires_at > segmentd.instant() and g.expires_at <= segmentd.instant() + interval '1 hour')`;
/** Condition, and the same as SQL over contact `c`. */
const SEGMENTS: Readonly<Record<string, readonly [unknown, string]>> = {
  acme: [{ '==': [v('firm.name'), 'Acme'] }, `exists (select from (${FIRM}) f where f.name = 'Acme')`],
  no_firm: [{ '==': [v('firm.name'), null] }, `not exists (select from (${FIRM}) f where f.name is not null)`],
  buyers: [{ some: [v('orders'), { '>': [v('total'), 4] }] }, `exists (select from (${ORDER}) o where o.total > 4)`],
  granted: [{ '>=': [{ sum: [{ map: [v('grants'), v('size')] }] }, 3] }, `(select sum(size) from (${GRANT}) g) >= 3`],
  bare: [{ none: [v('grants'), true] }, `not exists (${GRANT})`],
  both: [
    { and: [{ in_segment: ['granted'] }, { '!=': [v('firm.name'), 'Bolt'] }] },
    `(select sum(size) from (${GRANT}) g) >= 3 and not exists (select from (${FIRM}) f where f.name = 'Bolt')`,
  ],
};

let world: SweepWorld;
let workers: Worker[] = [];
beforeEach(async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await world.end();
});

/** A change of one of the tables; each lane writes rows of its own. */
function statement(r: Random, lane: number): string {
  const own = (most: number): number => 1 + lane + 2 * r.below(most / 2);
  const later = `segmentd.instant() + make_interval(mins => ${r.below(100) - 20})`;
  switch (r.below(9)) {
    case 0:
      return `update orders set deleted = not coalesce(deleted, false) where id = ${own(ORDERS)}`;
    case 1:
      return `update orders set contact_id = ${1 + r.below(CONTACTS)}, total = ${r.below(9)} where id = ${own(ORDERS)}`;
    case 2:
      return `update firms set closes_at = ${r.pick(['null', later])} where id = ${own(FIRMS)}`;
    case 3:
      return `update contacts set firm_id = ${r.pick(['null', String(1 + r.below(FIRMS + 1))])} where id = ${own(CONTACTS)}`;
    case 4:
      return `delete from grants where id = ${own(GRANTS)}`;
    case 5:
      return `insert into grants values (${own(GRANTS)}, ${1 + r.below(ORDERS)}, ${r.below(5)}, ${later}) on conflict (id) do update set order_id = excluded.order_id`;
    case 6:
      return `delete from contacts where id = ${own(CONTACTS)}`;
    case 7:
      return `insert into contacts values (${own(CONTACTS)}, ${1 + r.below(FIRMS)}) on conflict (id) do nothing`;
    default:
      return `update grants set expires_at = ${r.pick(['null', later, later])} where id = ${own(GRANTS)}`;
  }
}

async function exact(): Promise<void> {
  for (const [key, [, sql]] of Object.entries(SEGMENTS)) {
    const wanted = await world.query<{ id: string }>(
      `select c.id::text as id from public.contacts c where ${sql} order by c.id`,
    );
    expect(await world.members(key), key).toEqual(wanted.map(({ id }) => id));
  }
  await world.exact();
}

test.each([91, 92, 93])('a history in which rows begin and cease to count ends exact (seed %i)', async (seed) => {
  const r = random(seed);
  let now = BEGIN;
  const tick = async (seconds: number): Promise<void> => {
    now += seconds * 1_000;
    await world.at(new Date(now).toISOString());
  };
  await tick(0);
  for (const [key, [condition]] of Object.entries(SEGMENTS)) await world.create(key, condition);
  await world.settle();
  await exact();
  workers = [1, 2].map((drains) => world.worker({ drains, batchSize: 40 }));
  await Promise.all(workers.map((worker) => worker.start()));
  const settled = () => waitUntilVisible(world.pool, { timeoutMs: 60_000, catalogue: world.catalogue });
  const seen = new Set<string>();
  for (let round = 0; round < 5 * SCALE; round += 1) {
    await Promise.all([
      ...[0, 1].map(async (lane) => {
        for (let turns = 15; turns > 0; turns -= 1)
          await world.query(Array.from({ length: 1 + r.below(3) }, () => statement(r, lane)).join('; '));
      }),
      (async () => {
        for (let turns = 5; turns > 0; turns -= 1) await tick(r.below(120));
      })(),
    ]);
    await settled();
    await exact();
    for (const key of Object.keys(SEGMENTS)) if ((await world.members(key)).length > 0) seen.add(key);
    // Time alone moves who is left.
    await tick(r.pick([60, 600, 1_800]));
    await settled();
    await exact();
  }
  expect(seen, 'each segment had members').toEqual(new Set(Object.keys(SEGMENTS)));
});

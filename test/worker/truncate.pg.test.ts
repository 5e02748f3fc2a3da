/** TRUNCATE is captured: one rebuild, no warning; a rewrite that no trigger reports is found as ever, beside a TRUNCATE too. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { install } from '../../src/capture/install.ts';
import { acceptDrift } from '../../src/capture/drift.ts';
import { planSources } from '../../src/capture/source.ts';
import { CatalogueWatch } from '../../src/worker/catalogue-watch.ts';
import { Registry } from '../../src/followed/registry.ts';
import { adult, payer, spanish, type Meaning } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ capture: async ({ pool }, catalogue) => void (await install(pool, catalogue)) });
});
afterAll(() => world.end());
beforeEach(async () => {
  await world.begin(
    `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 40);
     insert into orders (id, contact_id, status) values (1, 1, 'paid'), (2, 2, 'paid')`,
    { payer, spanish, adult },
  );
  await acceptDrift(
    world.pool,
    world.catalogue,
    planSources(world.catalogue).map((plan) => plan.key),
  );
});

const watch = (): CatalogueWatch =>
  new CatalogueWatch(
    world.pool,
    new Registry(world.catalogue),
    () => Promise.resolve(world.catalogue),
    () => {},
  );
const found = async (): Promise<string[]> => (await watch().inspect()).map((one) => `${one.kind} ${one.source}`);
const requests = async (): Promise<string[]> =>
  (
    await world.pool.query<{ asked: string }>(
      `select s.key || ' ' || r.reason as asked from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id order by r.id`,
    )
  ).rows.map((row) => row.asked);
const resolve = async (): Promise<void> => {
  const pool = await world.workerPool('resolver', 1);
  const client = await pool.connect();
  try {
    const session = new world.code.DrainSession(client, 'bigint');
    await session.prepare();
    await world.code.resolve(session, new Registry(world.catalogue), 1_000);
  } finally {
    client.release(true);
  }
};
const reasons = async (): Promise<string[]> =>
  (
    await world.pool.query<{ event: string }>(
      `select s.key || ' ' || e.contact_id || ' ' || e.kind || ' ' || e.reason as event from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id where e.reason <> 'edit' order by e.id`,
    )
  ).rows.map((row) => row.event);

const TRUNCATES = [
  { what: 'before its row was consumed', first: async () => {} },
  { what: 'after its row was consumed', first: resolve },
];

test.each(TRUNCATES)(
  'the watch that looks $what reports no drift, and the TRUNCATE makes one request',
  async ({ first }) => {
    await world.pool.query('truncate orders');
    await first();
    expect(await found()).toEqual([]);
    await resolve();
    expect(await found()).toEqual([]);
    expect(await requests()).toEqual(['payer related']);
    await world.settle();
    await world.exact();
    expect(await requests()).toEqual([]);
    expect(await found()).toEqual([]);
    expect(await world.members('payer')).toEqual([]);
  },
);

test('a change beside a TRUNCATE carries a reason of its own, also where a build comes before the drain', async () => {
  const pool = await world.workerPool('builder');
  await world.pool.query(`begin; truncate orders; update contacts set country = 'ES' where id = 2; commit`);
  await world.settle();
  await found();
  await world.pool.query(`insert into orders (id, contact_id, status) values (3, 3, 'paid')`);
  await world.code.rebuildOwed(pool, new Registry(world.catalogue), { connections: 2, wait: async () => {} });
  await world.settle();
  await world.exact();
  expect(await reasons()).toEqual(expect.arrayContaining(['spanish 2 entered contact', 'payer 3 entered related']));
  expect(await reasons()).not.toContainEqual(expect.stringContaining('repair'));
});

const BOTH: Meaning = {
  condition: { and: [spanish.condition, payer.condition] },
  sql: `${spanish.sql} and ${payer.sql}`,
};

test('contacts that leave by a TRUNCATE leave as deleted', async () => {
  await world.want({ both: BOTH });
  await world.settle();
  await world.pool.query(`truncate contacts; insert into contacts (id, country, age) values (3, 'ES', 10)`);
  expect(await found()).toEqual([]);
  await world.settle();
  await world.exact();
  expect(await reasons()).not.toContainEqual(expect.stringContaining('repair'));
});

test.each([
  ['VACUUM FULL', ['vacuum full orders']],
  [
    'ALTER TYPE USING',
    [
      'alter table orders alter column status type text using upper(status)',
      `alter table orders alter column status type text using case when status = 'PAID' then 'open' else 'paid' end`,
    ],
  ],
])('%s is found, alone and after a TRUNCATE whose row was consumed', async (_, statements) => {
  for (const text of statements) await world.pool.query(text);
  expect(await found()).toEqual(['rewritten public.orders(contact_id)']);
  expect(await requests()).toEqual(['payer repair']);
  await world.settle();
  await world.exact();

  await world.pool.query(`truncate orders; insert into orders (id, contact_id, status) values (7, 3, 'paid')`);
  await resolve();
  for (const text of statements) await world.pool.query(text);
  expect(await found()).toEqual(['rewritten public.orders(contact_id)']);
  await world.settle();
  await world.exact();
  expect(await found()).toEqual([]);
});

test('a rewrite before a TRUNCATE that waits is in the rebuild of the TRUNCATE', async () => {
  await world.pool.query(
    `alter table orders alter column status type text using case when status = 'paid' then 'open' else 'paid' end`,
  );
  await world.pool.query('truncate orders');
  expect(await found()).toEqual([]);
  await world.settle();
  await world.exact();
  expect(await found()).toEqual([]);
});

test('another table that was rewritten meanwhile is found though a TRUNCATE waits', async () => {
  await world.pool.query(`truncate orders`);
  await world.pool.query('vacuum full contacts');
  expect(await found()).toEqual(['rewritten public.contacts(id)']);
  await world.settle();
  await world.exact();
});

/** Previews of tables that are too large to look at leaf by leaf, under a base filter, without time, with advice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type NamedContact, type PreviewNode, type Segmentd } from '../../src/index.ts';
import { exactAmount } from '../../src/preview/amount.ts';
import { estimateMovement } from '../../src/preview/edit-preview.ts';
import { inLimitedSession } from '../../src/preview/limited-session.ts';
import { planOf } from '../../src/preview/preview.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, country text, age integer, seen_at timestamptz, deleted boolean not null default false);
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null, status text, placed_at timestamptz);
  insert into public.contacts (id, country, age, seen_at, deleted)
    select i, (array['ES', 'PT', 'FR', 'IT'])[i % 4 + 1], i % 100, now() - make_interval(mins => i), i % 10 = 0 from generate_series(1, 40000) i;
  update public.contacts set country = 'MT' where id in (7, 77, 777);
  create index orders_contact on public.orders (contact_id);
  insert into public.orders (contact_id, status, placed_at) select i % 5000 + 1, 'paid', now() from generate_series(1, 20000) i;
  analyze`;
const CONFIG = `
contacts: { table: public.contacts, key: id, where: { "==": [{ "var": "deleted" }, false] } }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
`;
const spain = { '==': [{ var: 'country' }, 'ES'] };
const young = { '<': [{ var: 'age' }, 50] };
const buyers = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld({ tables: TABLES, config: CONFIG });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

const count = async (where: string) =>
  (
    await world.database.query<{ n: number }>(
      `select count(*)::int as n from public.contacts c where not deleted and ${where}`,
    )
  )[0]?.n;
const keysOf = (some: readonly NamedContact[]) => some.map(({ contactId }) => contactId);
const leaves = (node: PreviewNode): readonly PreviewNode[] =>
  node.kind === 'leaf' ? [node] : node.children.flatMap(leaves);
/** Of a sample of 5,000; five standard deviations and more. */
const about = (expected: number) => ({
  basis: 'sample',
  value: near(expected),
  low: expect.any(Number),
  high: expect.any(Number),
});
const near = (expected: number) =>
  expect.toSatisfy((value: number) => Math.abs(value - expected) < 2_000, `near ${expected}`);

test('a preview counts in and out exactly, estimates leaves from a sample, and keeps to the base filter', async () => {
  const result = await segmentd.segments.preview({ condition: { and: [spain, young, buyers] } });
  expect(result).toMatchObject({
    contacts: 36_000,
    in: await count(`country = 'ES' and age < 50 and exists (select from public.orders o where o.contact_id = c.id)`),
    basis: 'exact',
    amounts: { contacts: exactAmount(36_000) },
    mismatches: [],
    description: 'Deleted is no and Country is ES and Age is less than 50 and has orders where (Status is paid)',
  });
  expect(result.in + result.out).toBe(36_000);
  expect(result.condition.alone).toEqual(result.in);
  expect(leaves(result.condition)).toMatchObject([
    { amounts: { alone: about(36_000) } },
    { amounts: { alone: about(8_000), left: about(8_000) } },
    { amounts: { alone: about(18_000), left: about(4_000) } },
    { left: result.in, amounts: { alone: about(4_500) } },
  ]);
  expect(result.sample.length).toBe(10);
  const { rows } = await world.database.pool.query(
    'select country, age < 50 as young from public.contacts where id = any ($1::bigint[]) and not deleted',
    [keysOf(result.sample)],
  );
  expect(rows).toEqual(Array.from({ length: 10 }, () => ({ country: 'ES', young: true })));
});

test('a preview names the few contacts that a sample misses', async () => {
  expect(await segmentd.segments.preview({ condition: { '==': [{ var: 'country' }, 'MT'] } })).toMatchObject({
    in: 3,
    basis: 'exact',
    sample: expect.toSatisfy((some: NamedContact[]) => keysOf(some).toSorted().join() === '7,77,777'),
  });
  const rows = await segmentd.segments.preview({ condition: { '==': [{ var: 'country' }, 'MT'] } }, { mode: 'rows' });
  expect(rows.in).toBe(3);
  expect(keysOf(rows.sample).toSorted()).toEqual(['7', '77', '777']);
  expect(await segmentd.segments.preview({ condition: false })).toMatchObject({
    in: 0,
    out: 36_000,
    basis: 'exact',
    sample: [],
  });
  expect(await segmentd.segments.preview({ condition: true }, { sample: 3 })).toMatchObject({
    in: 36_000,
    out: 0,
    basis: 'exact',
    sample: { length: 3 },
  });
});

test('a preview without time has estimates, and says so', async () => {
  const result = await segmentd.segments.preview({ condition: spain }, { timeout: 1 });
  expect(result).toMatchObject({ basis: 'planner', bounds: null, sample: [] });
  expect(leaves(result.condition)).toMatchObject([{ alone: null }, { alone: result.in, left: result.in }]);
  expect(result.contacts).toBeGreaterThan(30_000);
  expect(result.in).toBeGreaterThan(1_000);
  expect(result.in).toBeLessThan(20_000);
});

test('a preview names indexes that would help, with the command', async () => {
  const { advice } = await segmentd.segments.preview({
    condition: { and: [{ '==': [{ var: 'country' }, 'MT'] }, { in_last: [{ var: 'seen_at' }, 30, 'day'] }] },
  });
  expect(advice).toEqual([
    {
      sentence: 'public.contacts has no index on seen_at: the worker scans it to see what time alone has changed.',
      command: 'create index concurrently on "public"."contacts" ("seen_at");',
    },
    {
      sentence:
        'public.contacts has no index on country: few contacts satisfy "Country is MT", and all are read to find them.',
      command: 'create index concurrently on "public"."contacts" ("country");',
    },
  ]);
  for (const { command } of advice) await world.database.pool.query(command);
  expect(
    (
      await segmentd.segments.preview({
        condition: { and: [{ '==': [{ var: 'country' }, 'MT'] }, { in_last: [{ var: 'seen_at' }, 30, 'day'] }] },
      })
    ).advice,
  ).toEqual([]);

  // Its key finds the contact, so that no other index is missing.
  const one = { and: [{ '==': [{ var: 'id' }, 7] }, { '==': [{ var: 'age' }, 7] }] };
  expect((await segmentd.segments.preview({ condition: one })).advice).toEqual([]);

  await world.database.pool.query('drop index public.orders_contact');
  expect((await segmentd.segments.preview({ condition: buyers }, { timeout: 500 })).advice).toEqual([
    {
      sentence: 'public.orders has no index on contact_id: every changed contact costs a scan of it.',
      command: 'create index concurrently on "public"."orders" ("contact_id");',
    },
  ]);
  await world.database.pool.query('create index orders_contact on public.orders (contact_id)');
});

test('the preview of an edit that cannot be counted in time is estimated from a sample', async () => {
  const id = await world.database.query<{ id: number }>(
    `insert into segmentd.segment (key, condition) values ('spain', $1) returning id`,
    [JSON.stringify(spain)],
  );
  await world.database.query(
    `insert into segmentd.membership (segment_id, contact_id, entered_at) select $1, c.id, now() from public.contacts c where not deleted and country = 'ES'`,
    [id[0]?.id],
  );
  const exact = await segmentd.segments.previewEdit('spain', { condition: young });
  expect(exact).toMatchObject({
    basis: 'exact',
    bounds: null,
    entering: await count(`age < 50 and country <> 'ES'`),
    leaving: await count(`age >= 50 and country = 'ES'`),
    live: false,
  });
  const catalogue = await segmentd.catalogue();
  const { id: segment = 0 } = id[0] ?? {};
  const estimate = await inLimitedSession(await segmentd.pool(), { timeout: 10_000 }, (session) =>
    estimateMovement(
      session,
      { catalogue, plan: { ...planOf(catalogue, young), id: segment }, segmentId: () => 0 },
      { sample: 3, members: 9_000 },
      '2026-01-01T00:00:00Z',
    ),
  );
  const bounds = { low: expect.any(Number), high: expect.any(Number) };
  const some = expect.toSatisfy((keys: string[]) => keys.length === 3);
  expect(estimate).toEqual({
    entering: near(exact.entering),
    // All members are few enough to be looked at.
    leaving: exact.leaving,
    basis: 'sample',
    bounds: { entering: bounds, leaving: { low: exact.leaving, high: exact.leaving } },
    keys: { entering: some, leaving: some },
  });
  expect(await segmentd.segments.previewEdit('spain', { condition: young }, { mode: 'estimate' })).toMatchObject({
    basis: 'sample',
    entering: estimate.entering,
    guard: { percent: null, leaving: exact.leaving, exceeds: false },
    sample: { leaving: expect.arrayContaining([{ contactId: expect.any(String), values: expect.any(Object) }]) },
  });
  await expect(segmentd.segments.previewEdit('spain', { condition: young }, { timeout: 1 })).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringMatching(/no time to count/),
  });
});

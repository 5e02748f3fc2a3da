/** Fields without an index that windows could use: workers look at them rarely and report that; `install --indexes` fixes it. */
import { afterEach, expect, test, vi } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { probeGroup } from '../../src/compile/edge-probe.ts';
import { install } from '../../src/capture/install.ts';
import { readTimeliness } from '../../src/membership/timeliness.ts';
import { Registry } from '../../src/followed/registry.ts';
import { Prober } from '../../src/sweep/prober.ts';
import { statusTable } from '../../src/cli/status-text.ts';
import { timeText } from '../../src/cli/segment-text.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: SweepWorld;
let worker: Worker | undefined;
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await world.end();
});

const TABLES = `
  create table public.contacts (id bigint primary key, seen_at timestamptz, slow_at timestamptz, born date);
  create table public.orders (id bigint primary key, contact_id bigint, placed_at timestamptz);
  create index on public.orders (contact_id); create index on public.contacts (seen_at);`;
const CONFIG = `
contacts: { table: public.contacts, key: id }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
timezone: UTC
`;

test('doctor names the missing index of a window, install --indexes creates it, and days need none', async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
  await world.at('2024-05-15T12:00:00Z');
  await world.create('quick', { in_last: [{ var: 'seen_at' }, 1, 'hour'] });
  await world.create('adult', { '>=': [{ age: [{ var: 'born' }] }, 18] });
  await world.create('slow', { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 1, 'hour'] }] });
  await world.settle();
  const reported = async (): Promise<unknown[]> =>
    (await doctor(world.pool, world.catalogue))
      .filter((finding) => finding.sentence.includes('windows are about'))
      .map(({ level, fix }) => ({ level, fix }));
  expect(await reported()).toEqual([
    { level: 'warn', fix: 'create index concurrently on "public"."orders" ("placed_at");' },
  ]);
  expect((await install(world.pool, world.catalogue, { indexes: true })).changes).toEqual([
    'created an index on public.orders (placed_at)',
  ]);
  expect(await reported()).toEqual([]);
  expect((await install(world.pool, world.catalogue, { indexes: true })).changes).toEqual([]);
  expect(timeText(await readTimeliness(world.pool, 'adult'))).toEqual([
    'Time        public.contacts.born: at local midnight',
  ]);
  expect(timeText(await readTimeliness(world.pool, 'quick'))).toEqual([
    'Time        public.contacts.seen_at: within a second',
  ]);
  expect(statusTable([])).toMatchObject([{ rows: [] }]);
});

test('an expensive field leaves the common statement, rests so that it costs 2 %, is reported, and comes back with an index', async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
  await world.at('2024-05-15T12:00:00Z');
  await world.create('quick', { in_last: [{ var: 'seen_at' }, 1, 'hour'] });
  await world.create('slow', { in_last: [{ var: 'slow_at' }, 1, 'hour'] });
  await world.settle();
  const { edges } = await new Registry(world.catalogue).current(world.pool);
  const asked: string[] = [];
  // Of 5 ms a look an eighth is for finding out what is expensive.
  const REST = 250 / (5 * (7 / 8));
  // A clock that only questions move: 30 ms for a look at the slow field, one for any other.
  let clock = 0;
  const client = await world.pool.connect();
  const query = client.query.bind(client) as (config: { text: string }) => Promise<unknown>;
  let slowness = 30;
  const slowed = {
    query: async (config: { name: string; text: string }) => {
      const slow = config.text.includes('"slow_at"');
      asked.push(slow ? (config.text.includes('"seen_at"') ? 'both' : 'slow') : 'quick');
      clock += slow ? slowness : 1;
      return query(config);
    },
  } as unknown as Parameters<Prober['probe']>[0];
  try {
    const prober = new Prober(world.catalogue, edges.byId, 't', undefined, () => clock);
    expect(prober.news().map(({ every }) => every)).toEqual([null, null]);
    await prober.probe(slowed);
    // The common question was slow; each group was asked for by itself: once to plan, and as it stays slow three times to be sure.
    expect(asked[0]).toBe('both');
    expect(asked.filter((one) => one === 'slow').length).toBe(4);
    const [news] = prober.news();
    expect(news?.every).toBe(Math.round(29 * REST));
    expect(news?.edges.length).toBe(2);
    // It was looked at just now; up to a look's time before that was saved.
    const sorted = clock;
    const lookAt = async (by: Prober, at: number): Promise<string[]> => {
      asked.length = 0;
      clock = sorted + at - 1;
      await by.probe(slowed);
      return [...asked];
    };
    expect(await lookAt(prober, Math.floor(29 * REST - 250))).toEqual(['quick']);
    expect(prober.news()).toEqual([]);
    expect(await lookAt(prober, Math.ceil(29 * REST - 250))).toEqual(['quick', 'slow']);
    // A sweep of much is charged as two looks.
    const [slow] = [...edges.byId.values()].filter(({ column }) => column === 'slow_at');
    if (slow) prober.spent(probeGroup(slow), 10_000);
    // Another set of edges does not forget what was learnt.
    const next = new Prober(world.catalogue, edges.byId, 'u', prober, () => clock);
    slowness = 2;
    expect(await lookAt(next, Math.floor(4 * 29 * REST - 250))).toEqual(['quick']);
    expect(next.cleanAsOf).toBeDefined();
    expect(await lookAt(next, Math.ceil(4 * 29 * REST - 250))).toEqual(['quick', 'slow']);
    expect(await lookAt(next, Math.ceil(4 * 29 * REST))).toEqual(['both']);
    expect(next.news().map(({ every }) => every)).toEqual([null, null]);
  } finally {
    client.release(true);
  }
});

test('of fields that are expensive only together, the most expensive leave and share 2 %; no field is clean while it waits', async () => {
  const columns = ['a_at', 'b_at', 'c_at', 'd_at', 'e_at'];
  world = await sweepWorld({
    tables: `create table public.contacts (id bigint primary key, ${columns.map((name) => `${name} timestamptz`).join(', ')})`,
    config: 'contacts: { table: public.contacts, key: id }\ntimezone: UTC',
  });
  await world.at('2024-05-15T12:00:00Z');
  for (const name of columns) await world.create(name, { before_last: [{ var: name }, 1, 'hour'] });
  await world.query(`insert into public.contacts (id, e_at) values (1, '2024-05-15T11:00:30Z')`);
  await world.settle();
  const { edges } = await new Registry(world.catalogue).current(world.pool);
  const client = await world.pool.connect();
  const query = client.query.bind(client) as (config: { text: string }) => Promise<unknown>;
  // 3 ms for a look at any field but the last, 4 for that one.
  let clock = 0;
  let busy = 0;
  let lastCosts = 4;
  const alone: string[] = [];
  const slowed = {
    query: async (config: { text: string }) => {
      const took = columns.reduce(
        (sum, name) => sum + (config.text.includes(`"${name}"`) ? (name === 'e_at' ? lastCosts : 3) : 0),
        0,
      );
      clock += took;
      busy += took;
      alone.push(...columns.filter((name) => took < 5 && config.text.includes(`"${name}"`)));
      return query(config);
    },
  } as unknown as Parameters<Prober['probe']>[0];
  try {
    const prober = new Prober(world.catalogue, edges.byId, 't', undefined, () => clock);
    await prober.probe(slowed);
    expect(prober.cleanAsOf).toBeDefined();
    for (let polls = 0; polls < 4_000; polls += 1) {
      alone.length = 0;
      await prober.probe(slowed);
      // In the second half something crosses at every look, and is swept.
      for (const name of polls < 2_000 ? [] : alone) {
        const [edge] = [...edges.byId.values()].filter(({ column }) => column === name);
        const took = 2 * (name === 'e_at' ? lastCosts : 3);
        if (edge) prober.spent(probeGroup(edge), took);
        clock += took;
        busy += took;
      }
      clock += 250;
    }
    // The sorting at the beginning included.
    expect(busy / clock).toBeLessThan(0.0201);
    expect(busy / clock).toBeGreaterThan(0.016);
    // What waits in a field that has left is not forgotten when it comes back to the common question.
    await world.at('2024-05-15T12:00:30Z');
    const [moved] = await world.query<{ at: string }>('select clock_timestamp()::text as at');
    lastCosts = 0;
    let found = 0;
    for (let polls = 0; polls < 100 && found === 0; polls += 1) {
      found = (await prober.probe(slowed)).crossing.length;
      clock += 250;
    }
    expect(found).toBe(1);
    const early = () => world.query('select $1::timestamptz < $2::timestamptz as early', [prober.cleanAsOf, moved?.at]);
    expect(await early()).toEqual([{ early: true }]);
    // Nor is it by a sweep of others; once it is swept itself, all is clean that was when it was asked for.
    const { crossing } = await prober.probe(slowed);
    expect(crossing.length).toBe(1);
    prober.swept([...edges.byId.keys()].filter((id) => !crossing.includes(id)));
    expect(await early()).toEqual([{ early: true }]);
    await prober.probe(slowed);
    prober.swept(crossing);
    expect(await early()).toEqual([{ early: false }]);
  } finally {
    client.release(true);
  }
});

test('status and show name the wait of an expensive field', async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
  await world.at('2024-05-15T12:00:00Z');
  await world.create('slow', { in_last: [{ var: 'slow_at' }, 1, 'hour'] });
  await world.settle();
  await world.query(`update segmentd_internal.edge set every = 30000`);
  expect(timeText(await readTimeliness(world.pool, 'slow'))).toEqual([
    'Time        public.contacts.slow_at: up to 30 s late: no usable index',
  ]);
  worker = world.worker({ pollInterval: 20 });
  await worker.start();
  await until(
    async () => (await world.query('select from segmentd_internal.edge where every is not null')).length === 0,
    {
      message: 'the worker finds it cheap',
    },
  );
});

test('an expensive field is swept in larger batches, so that crossings between its rare looks do not add up', async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
  await world.at('2024-05-15T12:00:00Z');
  await world.query(
    `insert into public.contacts (id, slow_at) select n, (case n % 25 when 0 then timestamptz '2024-05-15T11:30:00Z' when 1 then '2024-05-15T11:40:00Z' else '2024-05-01' end) + n * interval '1 millisecond' from generate_series(1, 300000) n`,
  );
  await world.create('slow', { in_last: [{ var: 'slow_at' }, 1, 'hour'] });
  await world.settle();
  worker = world.worker({ pollInterval: 20 });
  let batches: number[] = [];
  worker.events.on('swept', ({ queued }) => batches.push(queued));
  const members = async (): Promise<unknown> =>
    (await world.query<{ members: string }>(`select members from segmentd.segment_status where key = 'slow'`))[0]
      ?.members;
  await worker.start();
  await world.at('2024-05-15T12:40:00Z');
  await until(async () => (await members()) === '12000', {
    message: 'it is looked at, and found expensive',
    timeout: 60_000,
  });
  batches = [];
  await world.at('2024-05-15T12:55:00Z');
  await until(async () => (await members()) === '0', { message: 'all leave', timeout: 60_000 });
  expect(batches).toEqual([12_000]);
});

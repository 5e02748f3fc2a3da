/** Running workers: people leave by themselves, `wait` covers time, freshness is not claimed while a sweep is owed. */
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { verify } from '../../src/audit/verify.ts';
import type { Client } from '../../src/postgres/pool.ts';
import { waitUntilVisible } from '../../src/worker/wait.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const seen = { in_last: [{ var: 'seen_at' }, 1, 'minute'] };
const placed = { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 1, 'minute'] }] };

let world: SweepWorld;
let workers: Worker[] = [];
let holder: Client | undefined;
afterEach(async () => {
  holder?.release(true);
  holder = undefined;
  for (const worker of workers) await worker.stop();
  workers = [];
  await world.end();
});

async function start(count = 1): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  for (let n = 0; n < count; n += 1) {
    const worker = world.worker({ pollInterval: 50 });
    worker.events.on('error', ({ error }) => errors.push(error));
    workers.push(worker);
    await worker.start();
  }
  return errors;
}

async function live(): Promise<void> {
  await until(async () => (await world.query(`select from segmentd.segment where state <> 'live'`)).length === 0, {
    message: 'all segments live',
  });
}

test('a worker sweeps rows by the real clock that were written a second before they cross', async () => {
  world = await sweepWorld({ clock: 'real' });
  const errors = await start();
  await world.create('seen', seen);
  await world.create('placed', placed);
  await live();
  await world.query(
    `insert into public.contacts (id, seen_at) values (1, clock_timestamp() - interval '59 seconds'), (2, clock_timestamp() + interval '1 second'), (3, clock_timestamp())`,
  );
  await world.query(
    `insert into public.orders (contact_id, placed_at) values (2, clock_timestamp() - interval '59 seconds'), (3, clock_timestamp() + interval '1 second')`,
  );
  await until(
    async () => (await world.members('seen')).join() === '2,3' && (await world.members('placed')).join() === '3',
    { message: 'all contacts where time put them' },
  );
  const late = await world.query<{ contact: string; kind: string }>(
    `select e.contact_id::text as contact, e.kind from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id where s.key = 'seen' and e.reason = 'time' order by 1, 2`,
  );
  expect(late).toEqual([
    { contact: '1', kind: 'left' },
    { contact: '2', kind: 'entered' },
  ]);
  expect(await verify(world.pool, world.catalogue)).toMatchObject([
    { missing: [], extra: [], pending: 0 },
    { missing: [], extra: [], pending: 0 },
  ]);
  expect(errors).toEqual([]);
});

test('wait returns when windows that ran out before the call have let go, with two workers', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.query(
    `insert into public.contacts (id, seen_at) select n, '2024-05-15T12:00:00Z'::timestamptz + n * interval '1 second' from generate_series(-59, 60) n`,
  );
  const errors = await start(2);
  await world.create('seen', seen);
  await live();
  for (let second = 1; second <= 20; second += 1) {
    await world.at(`2024-05-15T12:00:${String(second).padStart(2, '0')}Z`);
    await waitUntilVisible(world.pool, { timeoutMs: 20_000, catalogue: world.catalogue });
    const members = await world.members('seen');
    expect(members.length).toBe(60);
    expect(members).toContain(String(second));
    expect(members).not.toContain(String(second - 60));
  }
  expect(errors).toEqual([]);
});

test('without a catalogue, wait trusts the heartbeat; and freshness is not claimed while a sweep is owed', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.query(`insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:59:30Z')`);
  await start();
  await world.create('seen', seen);
  await live();
  await waitUntilVisible(world.pool, { timeoutMs: 20_000 });
  holder = await world.pool.connect();
  await holder.query('begin');
  await holder.query('select from segmentd_internal.edge for update');
  await world.at('2024-05-15T12:00:30Z');
  const [worker] = workers;
  if (!worker) throw new Error('no worker');
  // Looks that began after the clock moved: the edges are held, so nothing can be swept.
  const [moved] = await world.query('select clock_timestamp()::text as at');
  for (let looks = 0; looks < 60; looks += 1) await once(worker.events, 'idle');
  const isFresh = async (): Promise<unknown> =>
    (
      await world.query('select i.fresh_as_of > $1::timestamptz as fresh from segmentd_internal.installation i', [
        moved?.['at'],
      ])
    )[0]?.['fresh'];
  expect(await isFresh()).toBe(false);
  expect(await world.members('seen')).toEqual(['1']);
  expect(
    (await verify(world.pool, world.catalogue, { patience: 0 })).map(({ missing, extra, pending }) => ({
      missing,
      extra,
      pending,
    })),
  ).toEqual([{ missing: [], extra: [], pending: 1 }]);
  await holder.query('rollback');
  await waitUntilVisible(world.pool, { timeoutMs: 20_000 });
  expect(await world.members('seen')).toEqual([]);
  expect(await isFresh()).toBe(true);
});

test('after a year without a worker, live changes are served between two batches, and all members become right', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.query(
    `insert into public.contacts (id, seen_at) select n, '2024-05-15T12:00:00Z'::timestamptz + n * interval '115 minutes' from generate_series(1, 4500) n`,
  );
  await world.create('seen', seen);
  await world.create('spanish', { '==': [{ var: 'country' }, 'ES'] });
  await world.settle();
  await world.at('2025-05-15T12:00:00Z');
  let sweeps = 0;
  let served = false;
  const worker = world.worker({
    pollInterval: 50,
    failpoint: {
      async sweep(step) {
        if (step !== 'raised') return;
        sweeps += 1;
        if (sweeps !== 2) return;
        // The rest of the year waits until the change is seen.
        await world.query(`update public.contacts set country = 'ES' where id = 4499`);
        await until(async () => (await world.members('spanish')).length === 1, { message: 'the live change' });
        served =
          (await world.query(`select from segmentd_internal.edge e where e.watermark < '2025-05-15T12:00:00Z'`))
            .length > 0;
      },
    },
  });
  workers.push(worker);
  await worker.start();
  await until(
    async () =>
      sweeps > 2 &&
      (await world.query(`select from segmentd_internal.edge e where e.watermark < '2025-05-15T12:00:00Z'`)).length ===
        0,
    { timeout: 60_000, message: 'the year is caught up' },
  );
  await waitUntilVisible(world.pool, { timeoutMs: 20_000, catalogue: world.catalogue });
  expect(served).toBe(true);
  await worker.stop();
  await world.exact();
});

/** The sizes of the sweeps after a midnight at which a window ends and 21 days begin or end. */
async function sweepsOfMidnight(): Promise<readonly number[]> {
  world = await sweepWorld();
  await world.at('2024-05-15T21:59:50Z');
  await world.query(
    `insert into public.contacts (id, seen_at, renews_on) values (1, '2024-05-15T21:59:00Z', '2024-05-16')`,
  );
  await world.create('seen', seen);
  for (let k = 0; k < 20; k += 1) await world.create(`day-${k}`, { in_period: [{ var: 'renews_on' }, 'day', k] });
  await world.settle();
  const worker = world.worker({ pollInterval: 50 });
  workers.push(worker);
  const sizes: number[] = [];
  worker.events.on('swept', ({ edges }) => sizes.push(edges));
  await worker.start();
  await world.at('2024-05-15T22:00:00Z');
  await until(
    async () =>
      (
        await world.query(
          `select from segmentd_internal.edge e where e.watermark < '2024-05-15T22:00:00Z' and e.definition -> 'boundary' ->> 'kind' = 'period'`,
        )
      ).length === 0,
    { timeout: 60_000, message: 'all days are swept' },
  );
  await waitUntilVisible(world.pool, { timeoutMs: 20_000, catalogue: world.catalogue });
  await worker.stop();
  await world.exact();
  expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(22);
  return sizes;
}

test('at midnight a worker sweeps windows first, and days a few at a time', { timeout: 180_000 }, async () => {
  // A look that takes too long on a busy machine leaves windows to the next one: then it is another schedule, and is played again.
  let sizes = await sweepsOfMidnight();
  for (let played = 1; sizes[0] !== 1 && played < 3; played += 1) {
    await world.end();
    sizes = await sweepsOfMidnight();
  }
  // The window's end, then days.
  expect(sizes.slice(0, 2)).toEqual([1, 4]);
});

test('a column that is dropped stops only its own edges', async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.query(`insert into public.contacts (id, seen_at) values (1, '2024-05-15T11:59:30Z')`);
  await world.query(`insert into public.orders (contact_id, placed_at) values (1, '2024-05-15T11:59:30Z')`);
  await start();
  await world.create('seen', seen);
  await world.create('placed', placed);
  await live();
  await world.query('alter table public.orders drop column placed_at');
  await world.at('2024-05-15T12:00:30Z');
  await until(async () => (await world.members('seen')).length === 0, { message: 'the other segment goes on' });
  expect(await world.members('placed')).toEqual(['1']);
});

test('freshness goes on while a contact crosses at every look', async () => {
  world = await sweepWorld({ clock: 'real' });
  await world.query(
    `insert into public.contacts (id, seen_at) select n, clock_timestamp() - interval '59 seconds' + n * interval '20 milliseconds' from generate_series(1, 10000) n`,
  );
  const errors = await start();
  await world.create('seen', seen);
  await live();
  for (let times = 0; times < 2; times += 1) await waitUntilVisible(world.pool, { timeoutMs: 45_000 });
  const [left] = await world.query<{ many: boolean }>(
    `select count(*) between 1 and 9999 as many from segmentd.membership_event where kind = 'left'`,
  );
  expect(left).toEqual({ many: true }); // they crossed all the while
  expect(errors).toEqual([]);
});

test('freshness goes on while writers never pause', async () => {
  world = await sweepWorld({ clock: 'real' });
  await world.query(
    `insert into public.contacts (id, seen_at) select n, clock_timestamp() from generate_series(1, 2000) n`,
  );
  const errors = await start();
  await world.create('seen', seen);
  await live();
  const over = new AbortController();
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let n = writer; !over.signal.aborted; n += 6) {
      await world.query(
        `update public.contacts set seen_at = clock_timestamp() - random() * interval '2 minutes' where id = $1`,
        [1 + (n % 2_000)],
      );
    }
  });
  try {
    for (let times = 0; times < 2; times += 1) await waitUntilVisible(world.pool, { timeoutMs: 45_000 });
  } finally {
    over.abort();
    await Promise.all(writers);
  }
  expect(errors).toEqual([]);
});

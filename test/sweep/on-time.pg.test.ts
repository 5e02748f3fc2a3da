/**
 * A sweep comes when the next row crosses, not at the next poll. The workers poll once an hour here, so that what arrives at all was
 * brought by the timer, or by the look after a drain.
 */
import { afterEach, expect, test, vi } from 'vitest';
import type { Worker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const HOUR = 3_600_000;
const seen = { in_last: [{ var: 'seen_at' }, 1, 'minute'] };
const placed = { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 1, 'minute'] }] };

let world: SweepWorld;
let workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  workers = [];
  await world.end();
});

/** Workers that have nothing to do until time moves something, or a commit rings. */
async function start(count = 1): Promise<{ readonly errors: unknown[]; readonly swept: () => number }> {
  const errors: unknown[] = [];
  let sweeps = 0;
  for (let n = 0; n < count; n += 1) {
    const worker = world.worker({ pollInterval: HOUR });
    worker.events.on('error', ({ error }) => errors.push(error));
    worker.events.on('swept', () => (sweeps += 1));
    workers.push(worker);
    await worker.start();
  }
  return { errors, swept: () => sweeps };
}

async function becomes(key: string, members: string): Promise<void> {
  await until(async () => (await world.members(key)).join() === members, { message: `${key} has ${members}` });
}

async function live(): Promise<void> {
  await world.create('seen', seen);
  await world.create('placed', placed);
  await world.settle();
}

/** A minute ago, but for the milliseconds until the window ends. */
const leavesIn = (ms: number): string => `clock_timestamp() - interval '1 minute' + interval '${ms} milliseconds'`;

test('rows that were there before the worker leave when their windows end', async () => {
  world = await sweepWorld({ clock: 'real' });
  await live();
  await world.query(
    `insert into public.contacts (id, seen_at) select n, ${leavesIn(4_000)} + n * interval '300 milliseconds' from generate_series(1, 5) n`,
  );
  await world.query(
    `insert into public.orders (contact_id, placed_at) select n, ${leavesIn(5_000)} from generate_series(1, 5) n`,
  );
  await world.settle();
  expect(await world.members('seen')).toHaveLength(5);
  const { errors, swept } = await start();
  await becomes('seen', '');
  await becomes('placed', '');
  await world.exact();
  expect(errors).toEqual([]);
  expect(swept()).toBeGreaterThan(2);
});

test('rows that are written to cross before the next look bring it forward', async () => {
  world = await sweepWorld({ clock: 'real' });
  await live();
  const { errors } = await start(2);
  for (const id of [1, 2, 3]) {
    await world.query(`insert into public.contacts (id, seen_at) values (${id}, ${leavesIn(1_500)})`);
    await becomes('seen', String(id));
    // Through another table, and sooner than the other row.
    await world.query(`insert into public.orders (contact_id, placed_at) values (${id}, ${leavesIn(900)})`);
    await becomes('placed', String(id));
    await becomes('placed', '');
    await becomes('seen', '');
  }
  await world.exact();
  expect(errors).toEqual([]);
});

test('a row that is written to cross later does not put off one that crosses sooner', async () => {
  world = await sweepWorld({ clock: 'real' });
  await live();
  const { errors } = await start();
  await world.query(`insert into public.contacts (id, seen_at) values (1, ${leavesIn(2_500)})`);
  await becomes('seen', '1');
  await world.query(`insert into public.contacts (id, seen_at) values (2, ${leavesIn(30_000)})`);
  await becomes('seen', '1,2');
  await becomes('seen', '2');
  expect(errors).toEqual([]);
});

test('an override ends at its moment', async () => {
  world = await sweepWorld({ clock: 'real' });
  await live();
  await world.query('insert into public.contacts (id) values (1)');
  const { errors } = await start();
  await world.query(
    `insert into segmentd.override (segment_id, contact_id, kind, expires_at)
     select s.id, 1, 'include', clock_timestamp() + interval '2 seconds' from segmentd.segment s where s.key = 'seen'`,
  );
  await becomes('seen', '1');
  await becomes('seen', '');
  expect(errors).toEqual([]);
});

/** What crosses by itself, what the team writes, and what is owed again: none of them stands behind a backlog of another. */
import { afterEach, expect, test } from 'vitest';
import type { Client } from '../../src/postgres/pool.ts';
import { drain } from '../../src/recheck/drain.ts';
import { DrainSession } from '../../src/recheck/drain-session.ts';
import { Registry } from '../../src/followed/registry.ts';
import { probeAll } from '../../src/sweep/probe.ts';
import { sweep } from '../../src/sweep/sweep.ts';
import { Drainer } from '../../src/worker/drainer.ts';
import { createEvents } from '../../src/worker/event.ts';
import { sweepWorld, type SweepWorld } from '../sweep/sweep-world.ts';
import { silentSignals } from '../support/signals.ts';

const MANY = 3_000;

let world: SweepWorld;
let client: Client | undefined;
afterEach(async () => {
  client?.release(true);
  client = undefined;
  await world.end();
});

async function begin(): Promise<DrainSession> {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  await world.create('seen', { in_last: [{ var: 'seen_at' }, 1, 'minute'] });
  await world.create('spanish', { '==': [{ var: 'country' }, 'ES'] });
  await world.create('sent', { some: [{ var: 'items' }, { '==': [{ var: 'sku' }, 'a'] }] });
  await world.query(
    `insert into public.contacts (id, seen_at) select n, timestamptz '2024-05-15T11:59:30Z' + n * interval '1 hour' from generate_series(0, ${MANY}) n`,
  );
  await world.query(`insert into public.orders (contact_id) select n from generate_series(0, ${MANY}) n`);
  await world.settle();
  expect(await world.members('seen')).toEqual(['0']);
  client = await world.pool.connect();
  const session = new DrainSession(client, 'bigint');
  await session.prepare();
  return session;
}

/** Appends all that crosses up to an instant. */
async function cross(at: string): Promise<void> {
  await world.at(at);
  const own = await world.pool.connect();
  try {
    const { edges } = await new Registry(world.catalogue).current(own);
    const { crossing } = await probeAll(own, world.catalogue, edges.byId);
    const stored = [...edges.byId].filter(([id]) => crossing.includes(id)).map(([id, edge]) => ({ id, edge }));
    await sweep(own, world.catalogue, stored, { batchSize: 100_000 });
  } finally {
    own.release(true);
  }
}

async function waiting(): Promise<number> {
  return (await world.query<{ n: number }>('select count(*)::int as n from segmentd_internal.change'))[0]?.n ?? NaN;
}

test('the first batch takes a crossing, however many changes came before it', async () => {
  const session = await begin();
  await world.query(`update public.contacts set country = 'FR' where id > 0`);
  await cross('2024-05-15T12:00:40Z');
  expect(await waiting()).toBeGreaterThan(MANY);
  await drain(session, new Registry(world.catalogue), { batchSize: 100 });
  expect(await world.members('seen')).toEqual([]);
  expect(await waiting()).toBeGreaterThan(MANY / 2);
});

test('the first batch takes a change, however many crossings came before it', async () => {
  const session = await begin();
  await cross('2025-05-15T12:00:00Z');
  await world.query(`update public.contacts set country = 'ES' where id = 7`);
  expect(await waiting()).toBeGreaterThan(MANY);
  await drain(session, new Registry(world.catalogue), { batchSize: 100 });
  expect(await world.members('spanish')).toEqual(['7']);
  expect(await waiting()).toBeGreaterThan(MANY / 2);
});

test('the first batch takes a recheck, however many changes came before it', async () => {
  const session = await begin();
  await world.query(
    `begin; update public.contacts set country = 'ES' where id = 0; delete from segmentd_internal.change; commit`,
  );
  await world.query(`update public.contacts set country = 'FR' where id > 0`);
  await world.query(
    `insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason) select segmentd_internal.shard('0'), s.id, 0, 'repair' from segmentd.segment s where s.key = 'spanish'`,
  );
  await drain(session, new Registry(world.catalogue), { batchSize: 100 });
  expect(await world.members('spanish')).toEqual(['0']);
  expect(await waiting()).toBeGreaterThan(MANY / 2);
});

test('links that wait to be followed keep neither waiting', async () => {
  await begin();
  for (let n = 0; n < 5; n += 1)
    await world.query(
      `insert into public.order_items (order_id, sku) select n, 'a' from generate_series(${n * 500 + 1}, ${n * 500 + 500}) n`,
    );
  await cross('2024-05-15T12:00:40Z');
  const links: number[] = [];
  const drainer = new Drainer(world.pool, new Registry(world.catalogue), {
    batchSize: 100,
    pollInterval: 10,
    events: createEvents(),
    signals: silentSignals(),
    async at(step) {
      if (step !== 'written' || links.length > 0) return;
      links.push(
        (
          await world.query<{ n: number }>(
            'select count(*)::int as n from segmentd_internal.change where contact_id is null',
          )
        )[0]?.n ?? NaN,
      );
    },
  });
  await drainer.once();
  expect(links[0]).toBeGreaterThan(1_000);
  await world.exact();
});

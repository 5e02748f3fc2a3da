/** Rechecks that wait where no change does. */
import { afterEach, expect, test } from 'vitest';
import type { Client } from '../../src/postgres/pool.ts';
import { drain } from '../../src/recheck/drain.ts';
import { DrainSession } from '../../src/recheck/drain-session.ts';
import { Registry } from '../../src/followed/registry.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { sweepWorld, type SweepWorld } from '../sweep/sweep-world.ts';

let world: SweepWorld;
let client: Client | undefined;
let worker: Worker | undefined;
afterEach(async () => {
  client?.release(true);
  client = undefined;
  await worker?.stop();
  worker = undefined;
  await world.end();
});

/** A change of which the outbox says nothing, and a recheck of its contact. */
async function drift(id: number): Promise<void> {
  await world.query(
    `begin; update public.contacts set country = 'ES' where id = ${id}; delete from segmentd_internal.change; commit`,
  );
  await world.query(
    `insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason)
    select segmentd_internal.shard($1), s.id, $1::text::segmentd.contact_key, 'repair' from segmentd.segment s`,
    [String(id)],
  );
}

test('a shard that holds only rechecks is drained, by one batch and by a running worker', async () => {
  world = await sweepWorld();
  await world.query(`insert into public.contacts (id, country) select n, 'FR' from generate_series(1, 3) n`);
  await world.create('spanish', { '==': [{ var: 'country' }, 'ES'] });
  await world.settle();
  await drift(2);
  client = await world.pool.connect();
  const session = new DrainSession(client, 'bigint');
  await session.prepare();
  expect(await drain(session, new Registry(world.catalogue), { batchSize: 100 })).toMatchObject({
    idle: false,
    changes: 0,
    contacts: 1,
  });
  expect(await world.members('spanish')).toEqual(['2']);

  await drift(3);
  worker = world.worker({ pollInterval: 20, auditPeriod: 0 });
  await worker.start();
  await until(async () => (await world.members('spanish')).join() === '2,3', {
    message: 'the worker takes the recheck',
  });
  expect(await world.query('select from segmentd_internal.recheck')).toEqual([]);
  await world.exact();
});

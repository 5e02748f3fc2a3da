/** `run --once` beside a session that holds a lock: it retries, as the loops of a worker do. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlState } from '../../src/base/error.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

test('once retries while another session holds the row of a member', async () => {
  await world.begin(`insert into contacts (id, country) values (1, 'ES'), (2, 'FR'), (3, 'ES')`, { spanish });
  await world.pool.query(`update contacts set country = 'FR' where id = 1`);
  const holder = await world.pool.connect();
  await using worker = createWorker({ databaseUrl: world.url, queue: null });
  const errors: unknown[] = [];
  worker.events.on('error', ({ error }) => errors.push(error));
  try {
    await holder.query('begin');
    await holder.query('select from segmentd.membership m where m.contact_id = 1 for update');
    const done = worker.once();
    await until(() => errors.length > 1, { message: 'two vain tries' });
    expect(await world.members('spanish')).toEqual(['1', '3']);
    await holder.query('rollback');
    await done;
  } finally {
    holder.release(true);
  }
  expect(new Set(errors.map(sqlState))).toEqual(new Set(['55P03']));
  expect(await world.members('spanish')).toEqual(['3']);
  await world.exact();
});

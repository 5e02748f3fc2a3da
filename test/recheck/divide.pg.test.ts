/** Many segments are evaluated by several statements, and one contact that is too much for one statement makes them smaller. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DrainSession } from '../../src/recheck/drain-session.ts';
import { Registry } from '../../src/followed/registry.ts';
import { adult, foreign, minor, payer, spanish, within, without } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

test('at most a thousand segments share a statement; halves of that, and never more than sixteen statements', async () => {
  const client = await world.pool.connect();
  try {
    const session = new DrainSession(client, 'bigint');
    expect([session.together(3), session.together(1_000), session.together(5_000)]).toEqual([1_000, 1_000, 1_000]);
    expect([session.divide(5_000), session.together(5_000)]).toEqual([true, 500]);
    expect([session.divide(5_000), session.together(5_000)]).toEqual([true, 313]);
    expect([session.divide(5_000), session.together(5_000)]).toEqual([false, 313]);
  } finally {
    client.release();
  }
});

test('members are the same whatever segments share a statement, also where segments read segments', async () => {
  await world.begin(
    `insert into contacts (id, country, age) select n, (array['ES', 'FR', null])[1 + n % 3], n from generate_series(1, 40) n; insert into orders (id, contact_id, status) select n, n, 'open' from generate_series(1, 40) n`,
    {
      adult,
      minor,
      spanish,
      foreign,
      payer,
      inside: within('spanish'),
      outside: without('spanish'),
      further: within('inside'),
    },
  );
  const pool = await world.workerPool('divided', 1);
  const client = await pool.connect();
  try {
    const session = new DrainSession(client, 'bigint');
    await session.prepare();
    while (session.divide(8)) expect(session.together(8)).toBeLessThan(8);
    expect(session.together(8)).toBe(1);
    const registry = new Registry(world.catalogue);
    await world.pool.query(
      `update contacts set country = 'ES', age = age - 9 where id % 2 = 0; update orders set status = 'paid' where id < 20; delete from contacts where id = 3; insert into contacts (id, country, age) values (99, 'ES', 50)`,
    );
    for (let idle = false; !idle;)
      ({ idle } = await world.code.drain(session, registry, { batchSize: 10, exact: true }));
    await world.settle();
    await world.exact();
  } finally {
    client.release(true);
  }
});

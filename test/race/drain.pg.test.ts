/** Drains and resolves against writers and against each other. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { castOf, sequence, type Cast } from '../support/world-actor.ts';
import { bought, spanish, spanishAdult, twicePaid, without } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { interleavings, play, sampled, SCALE, type Actor } from './schedule.ts';

vi.setConfig({ testTimeout: 600_000 });

let world: World;
let cast: Cast;

beforeAll(async () => {
  world = await createWorld();
  cast = castOf(world);
});
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10)`;
const ORDERS = `insert into orders (id, contact_id, status) values (1, 1, 'paid'), (2, 1, 'paid'), (3, 2, 'paid'); insert into order_items (id, order_id, sku) values (1, 1, 'A'), (2, 3, 'B')`;

/** The team's writes wait for each other only. */
async function every(
  orders: Iterable<readonly string[]>,
  begin: () => Promise<void>,
  actors: readonly Actor[],
): Promise<void> {
  for (const order of orders) {
    await begin();
    const { waited } = await play(world.pool, actors, order);
    const ours = [...waited].filter(
      ([name, holders]) => name.startsWith('W') && [...holders].some((holder) => !holder.startsWith('W')),
    );
    expect(ours, order.join(' ')).toEqual([]);
    await world.settle();
    const wrong = await world.wrong();
    if (wrong.length > 0) throw new Error(`after ${order.join(' ')}:\n${wrong.join('\n')}`);
  }
}

test('a drain and a write end exact in every order', async () => {
  const begin = async (): Promise<void> => {
    await world.begin(PEOPLE, { spanish, spanishAdult }, { again: 'pair' });
    await world.pool.query(`update contacts set country = 'PT' where id = 1`);
  };
  const W = await cast.write(
    'W',
    `update contacts set country = 'FR' where id = 1; update contacts set country = 'ES' where id = 2`,
  );
  await every(interleavings({ D: 7, W: 2 }), begin, [await cast.drain('D'), W]);
});

test('of two drains of one contact, the one with the older row never writes last', async () => {
  const begin = async (): Promise<void> => {
    await world.begin(PEOPLE, { spanish }, { again: 'two' });
    await world.pool.query(`update contacts set country = 'PT' where id = 1`);
    await world.pool.query(`update contacts set country = 'ES' where id = 1`);
  };
  const steps = ['consumed', 'timed'];
  const actors = [
    await cast.drain('D1', { steps }),
    await cast.drain('D2', { steps }),
    await cast.write('W', `update contacts set country = 'FR' where id = 1`),
  ];
  await every(sampled({ D1: 3, D2: 3, W: 2 }, 60 * SCALE, 1), begin, actors);
});

test('a batch that is rolled back ends exact, also when a key changes or a contact is deleted and inserted again', async () => {
  const begin = () => world.begin(PEOPLE, { spanish, others: without('spanish') }, { again: 'keys' });
  const W = await cast.write('W', `update contacts set id = 9 where id = 1; delete from contacts where id = 3`);
  const W2 = sequence('W2', [
    await cast.write('W2', `update contacts set country = 'ES' where id = 2`),
    await cast.write(
      'W2',
      `insert into contacts (id, country) values (3, 'FR'), (1, 'ES') on conflict (id) do update set country = excluded.country`,
    ),
  ]);
  const D2 = sequence('D2', [
    await cast.drain('D2', { steps: [], failAt: 'written' }),
    await cast.drain('D2', { steps: ['written'] }),
  ]);
  await every(sampled({ D1: 3, D2: 3, W: 2, W2: 4 }, 50 * SCALE, 8), begin, [
    await cast.drain('D1', { steps: ['segments-locked', 'written'] }),
    D2,
    W,
    W2,
  ]);
});

test('an item that is inserted while its order moves to another contact ends exact in every order', async () => {
  const begin = () => world.begin(`${PEOPLE}; ${ORDERS}`, { bought, twicePaid }, { again: 'hop' });
  const I = await cast.write('W item', `insert into order_items (id, order_id, sku) values (9, 3, 'A')`);
  const M = await cast.write('W move', `update orders set contact_id = 3 where id = 3`);
  const RD = sequence('RD', [await cast.resolve('RD'), await cast.drain('RD', { steps: [] })]);
  await every(interleavings({ 'W item': 2, 'W move': 2, RD: 2 }), begin, [I, M, RD]);
});

test('an item that moves to a moving order ends exact when the order is deleted and inserted again', async () => {
  const begin = () => world.begin(`${PEOPLE}; ${ORDERS}`, { bought, twicePaid }, { again: 'hop moves' });
  const I = await cast.write(
    'W item',
    `update order_items set order_id = 2 where id = 1; update order_items set sku = 'A' where id = 2`,
  );
  const M = await cast.write('W move', `update orders set contact_id = 3, status = 'open' where id = 2`);
  const X = sequence('W order', [
    await cast.write('W order', 'delete from orders where id = 3'),
    await cast.write('W order', `insert into orders (id, contact_id, status) values (3, 3, 'paid')`),
  ]);
  const RD = sequence('RD', [
    await cast.resolve('RD'),
    await cast.drain('RD', { steps: [] }),
    await cast.resolve('RD'),
    await cast.drain('RD', { steps: [] }),
  ]);
  await every(sampled({ 'W item': 2, 'W move': 2, 'W order': 4, RD: 4 }, 50 * SCALE, 9), begin, [I, M, X, RD]);
});

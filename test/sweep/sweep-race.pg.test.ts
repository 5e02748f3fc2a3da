/** Sweeps against writers, drains, the clock, builds, edits and each other, in every order or in samples of them. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { interleavings, play, sampled, SCALE, type Actor } from '../race/schedule.ts';
import { memberFor, moved, spanish } from '../support/world-meaning.ts';
import { createTimedWorld, lately, ordered, packed, quiet, seen, unseen, type TimedWorld } from './timed-world.ts';

vi.setConfig({ testTimeout: 600_000 });

let timed: TimedWorld;
beforeAll(async () => {
  timed = await createTimedWorld();
});
afterAll(() => timed?.end());

const NOON = '2024-05-15T12:00:00Z';
/** Contact 1 leaves at 12:00:10, 2 enters then, 3 is about to be written. */
const PEOPLE = `insert into contacts (id, last_seen_at) values (1, '2024-05-15T11:59:10Z'), (2, '2024-05-15T12:00:10Z'), (3, null), (4, '2024-05-15T11:58:10Z')`;
const ORDERS = `${PEOPLE}; insert into orders (id, contact_id, placed_at) values (1, 1, '2024-05-15T11:59:10Z'), (2, 2, '2024-05-15T12:00:10Z'), (3, 3, null);
  insert into order_items (id, order_id, created_at) values (1, 1, '2024-05-15T11:59:10Z'), (2, 1, '2024-05-15T11:59:30Z'), (3, 2, '2024-05-15T12:00:10Z'), (4, 3, '2024-05-15T12:00:05Z')`;
/** The instant at which they cross, and no later: what is lost is not found again by the next crossing. */
const CROSSED = '2024-05-15T12:00:10Z';

async function every(
  orders: Iterable<readonly string[]>,
  begin: () => Promise<void>,
  actors: readonly Actor[],
  end = CROSSED,
): Promise<number> {
  let played = 0;
  for (const order of orders) {
    await begin();
    const { waited } = await play(timed.world.pool, actors, order);
    // Postgres' own vacuum may be in the way too; it has no name.
    const ours = [...waited].filter(
      ([name, holders]) =>
        name.startsWith('W') && [...holders].some((holder) => holder !== '' && !holder.startsWith('W')),
    );
    expect(ours, order.join(' ')).toEqual([]);
    await timed.clock(end);
    await timed.settle();
    const wrong = await timed.world.wrong();
    if (wrong.length > 0) throw new Error(`after ${order.join(' ')}:\n${wrong.join('\n')}`);
    played += 1;
  }
  return played;
}

test('a sweep and a write while the clock moves, every order', async () => {
  const begin = () => timed.begin(NOON, PEOPLE, { seen, quiet }, { again: 'write' });
  const W = await timed.cast.write(
    'W',
    `update contacts set last_seen_at = '2024-05-15T12:00:09.999999Z' where id = 3; update contacts set last_seen_at = '2024-05-15T12:00:10Z' where id = 1`,
  );
  const played = await every(interleavings({ T: 6, W: 2, C: 1 }), begin, [
    await timed.sweep('T'),
    W,
    timed.time('C', [CROSSED]),
  ]);
  expect(played).toBe(252);
});

test('a sweep and a drain while the clock moves, every order', async () => {
  const begin = async (): Promise<void> => {
    await timed.begin(NOON, PEOPLE, { seen, unseen }, { again: 'drain' });
    await timed.world.pool.query(
      `update contacts set last_seen_at = '2024-05-15T12:00:10Z' where id = 3; update contacts set country = 'ES', last_seen_at = '2024-05-15T12:00:10Z' where id = 1`,
    );
  };
  const actors = [
    await timed.sweep('T', { steps: ['raised', 'locked', 'queued'] }),
    await timed.cast.drain('D', { steps: ['consumed', 'segments-locked', 'timed'] }),
    timed.time('C', [CROSSED]),
  ];
  expect(await every(interleavings({ T: 4, D: 4, C: 1 }), begin, actors)).toBe(630);
});

test('a sweep, a write, a drain and the clock, every order', async () => {
  const begin = () => timed.begin(NOON, ORDERS, { seen, ordered }, { again: 'four' });
  const W = await timed.cast.write(
    'W',
    `update orders set placed_at = '2024-05-15T12:00:10Z' where id = 3; update contacts set last_seen_at = '2024-05-15T12:00:10Z' where id = 3`,
  );
  const actors = [
    await timed.sweep('T', { steps: ['queued'] }),
    W,
    await timed.cast.drain('D', { steps: ['timed'] }),
    timed.time('C', [CROSSED]),
  ];
  expect(await every(interleavings({ T: 2, W: 2, D: 2, C: 1 }), begin, actors)).toBe(630);
});

/** The clock after it has been read: an hour behind, or that of a host that took over and is 50 ms behind. */
const BEHIND = { 'an hour': '2024-05-15T11:00:10Z', '50 ms': '2024-05-15T12:00:09.950000Z' } as const;

test.each(Object.entries(BEHIND))('a clock that steps back %s in between loses nothing', async (_name, behind) => {
  const begin = () => timed.begin(NOON, PEOPLE, { seen }, { again: 'back' });
  const W = await timed.cast.write('W', `update contacts set last_seen_at = '2024-05-15T12:00:05Z' where id = 3`);
  const actors = [
    await timed.sweep('T', { steps: ['raised', 'queued'] }),
    W,
    await timed.cast.drain('D', { steps: ['timed'] }),
    timed.time('C', [CROSSED, behind]),
  ];
  await every(sampled({ T: 3, W: 2, D: 2, C: 2 }, 200 * SCALE, 1), begin, actors);
});

test('the past of a membership that a drain writes while sweeps pass, in samples', async () => {
  const segments = {
    spain: spanish,
    loyal: memberFor('spain', 1),
    came: moved('entered', 'spain', 1),
    went: moved('left', 'spain', 1),
    old: memberFor('loyal', 1),
  };
  const begin = () =>
    timed.begin(NOON, `insert into contacts (id, country) values (1, 'ES'), (2, 'FR'), (3, 'ES')`, segments, {
      again: 'past',
    });
  const W = await timed.cast.write(
    'W',
    `update contacts set country = 'PT' where id = 1; update contacts set country = 'ES' where id = 2`,
  );
  const actors = [
    await timed.sweep('T', { steps: ['raised', 'locked', 'queued'] }),
    await timed.cast.drain('D', { steps: ['consumed', 'timed', 'rechecked'], batches: 2 }),
    W,
    timed.time('C', ['2024-05-15T12:00:59.999999Z', '2024-05-15T12:01:00Z']),
  ];
  await every(sampled({ T: 4, D: 7, W: 2, C: 2 }, 40 * SCALE, 4), begin, actors, '2024-05-15T12:01:00Z');
});

test('two sweeps, two drains and a write', async () => {
  const begin = () => timed.begin(NOON, ORDERS, { seen, packed, lately }, { again: 'two' });
  const W = await timed.cast.write(
    'W',
    `update order_items set created_at = '2024-05-15T12:00:10Z' where id = 4; update contacts set last_seen_at = '2024-05-15T12:00:10Z' where id = 3`,
  );
  const actors = [
    await timed.sweep('T1', { steps: ['raised', 'locked', 'queued'], batchSize: 1 }),
    await timed.sweep('T2', { steps: ['raised', 'queued'] }),
    await timed.cast.drain('D1', { steps: ['consumed', 'timed'] }),
    await timed.cast.drain('D2', { steps: ['timed'] }),
    W,
    timed.time('C', ['2024-05-15T12:00:09.999999Z', CROSSED]),
  ];
  await every(sampled({ T1: 4, T2: 3, D1: 3, D2: 2, W: 2, C: 2 }, 1_300 * SCALE, 2), begin, actors);
});

test('an edit that brings an edge, its build, and a sweep', async () => {
  const begin = async (): Promise<void> => {
    await timed.begin(NOON, PEOPLE, { one: quiet });
    await timed.world.want({ one: seen });
    await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  };
  const W = await timed.cast.write('W', `update contacts set last_seen_at = '2024-05-15T12:00:10Z' where id = 3`);
  const actors = [
    await timed.cast.rebuild('B', { steps: ['barrier', 'chunk', 'parked'] }),
    await timed.sweep('T', { steps: ['raised', 'locked', 'queued'] }),
    await timed.cast.drain('D', { steps: ['timed'] }),
    W,
    timed.time('C', ['2024-05-15T12:00:09.999999Z', CROSSED]),
  ];
  await every(sampled({ B: 4, T: 4, D: 2, W: 2, C: 2 }, 400 * SCALE, 3), begin, actors);
});

test('a new segment beside one that shares its edge, with two builders', async () => {
  const begin = async (): Promise<void> => {
    await timed.begin(NOON, PEOPLE, { seen });
    await timed.world.want({ two: unseen, three: quiet });
    await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  };
  const actors = [
    await timed.cast.rebuild('B1', { steps: ['barrier', 'chunk'] }),
    await timed.cast.rebuild('B2', { steps: ['barrier'] }),
    await timed.sweep('T', { steps: ['raised', 'queued'] }),
    await timed.cast.drain('D', { steps: ['timed'] }),
    timed.time('C', [CROSSED]),
  ];
  await every(sampled({ B1: 3, B2: 2, T: 3, D: 2, C: 1 }, 300 * SCALE, 4), begin, actors);
});

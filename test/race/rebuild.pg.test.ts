/** Rebuilds against writers, drains, edits, requests and each other. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LOCK_NOT_AVAILABLE, sqlState } from '../../src/base/error.ts';
import { createTeam, PEOPLE as WORLD, SEGMENTS } from '../fault/random-team.ts';
import { copyWith, removeCopies } from '../support/edited-copy.ts';
import { castOf, sequence, type Cast } from '../support/world-actor.ts';
import { loadCode } from '../support/world-code.ts';
import { adult, minor, payer, spanish, within, without } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { shared, smallest } from './limit-edit.ts';
import { interleavings, play, sampled, SCALE, type Actor } from './schedule.ts';

vi.setConfig({ testTimeout: 600_000 });

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10), (4, 'FR', 5)`;
const CHANGE = `update contacts set country = 'FR', age = 5 where id = 1; update contacts set country = 'ES', age = 40 where id = 4; delete from contacts where id = 3`;

/** `one` is live as those in Spain; that it be the adults was accepted. */
async function edited(world: World): Promise<void> {
  await world.begin(PEOPLE, { one: spanish }, { again: 'edited' });
  await world.want({ one: adult });
  await world.code.acceptVersions(world.pool, world.catalogue);
}

async function every(
  world: World,
  orders: Iterable<readonly string[]>,
  begin: () => Promise<void>,
  actors: readonly Actor[],
): Promise<void> {
  for (const order of orders) {
    await begin();
    await play(world.pool, actors, order);
    await world.settle();
    const wrong = await world.wrong();
    if (wrong.length > 0) throw new Error(`after ${order.join(' ')}:\n${wrong.join('\n')}`);
  }
}

let world: World;
let cast: Cast;

const written = async (text = CHANGE, steps: readonly string[] = ['segments-locked', 'written']): Promise<Actor> =>
  sequence('WD', [await cast.write('W', text), await cast.drain('D', { steps })]);

describe('a rebuild ends exact', () => {
  beforeAll(async () => {
    world = await createWorld();
    cast = castOf(world);
  });
  afterAll(() => world.end());

  test('when a change is drained at any point of it, in every order', async () => {
    const actors = [await cast.rebuild('B', { steps: ['barrier', 'chunk', 'flipping'] }), await written()];
    await every(world, interleavings({ B: 4, WD: 5 }), () => edited(world), actors);
  });

  test('when two workers build the same segment during a change', async () => {
    const lapse = await cast.write('L', `update segmentd_internal.build set lease_until = '-infinity'`);
    const steps = ['barrier', 'chunk', 'flipping', 'flipped'];
    const actors = [
      await cast.rebuild('B1', { steps }),
      await cast.rebuild('B2', { steps }),
      lapse,
      await written(CHANGE, ['written']),
    ];
    await every(world, sampled({ B1: 5, L: 2, B2: 5, WD: 4 }, 50 * SCALE, 2), () => edited(world), actors);
  });

  test('when the segment is edited in the middle, during a change', async () => {
    const E = sequence('E', [
      await cast.write(
        'E1',
        `update segmentd.segment set condition = '${JSON.stringify(minor.condition)}' where key = 'one'`,
      ),
      await cast.accept('A'),
    ]);
    const B = sequence('B', [
      await cast.rebuild('B1', { steps: ['barrier', 'chunk', 'flipping'] }),
      await cast.rebuild('B1', { steps: ['chunk'] }),
    ]);
    await every(world, sampled({ B: 7, E: 3, WD: 4 }, 40 * SCALE, 3), () => edited(world), [
      B,
      E,
      await written(CHANGE, ['written']),
    ]);
  });

  test('when the segment is paused and resumed in the middle, during a change', async () => {
    const want = (state: string) =>
      cast.write('P', `update segmentd.segment set wanted_state = '${state}' where key = 'one'`);
    const P = sequence('P', [
      await want('paused'),
      await cast.request('Q'),
      await want('live'),
      await cast.request('Q'),
    ]);
    const actors = [
      await cast.rebuild('B', { steps: ['barrier', 'chunk', 'flipping'] }),
      P,
      await written(CHANGE, ['written']),
    ];
    await every(world, sampled({ B: 4, P: 6, WD: 4 }, 40 * SCALE, 4), () => edited(world), actors);
  });

  test('when a segment that it reads is deleted in the middle', async () => {
    // Refused since; what it did must not depend on that.
    await world.pool.query('alter table segmentd.segment disable trigger segment_in_use');
    const begin = async (): Promise<void> => {
      await world.begin(PEOPLE, { x: spanish, y: without('x') }, { again: 'deleted' });
      await world.pool.query(
        `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
      );
    };
    const P = sequence('P', [
      await cast.write('P', `delete from segmentd.segment where key = 'x'`),
      await cast.request('Q'),
    ]);
    const actors = [
      await cast.rebuild('B', { steps: ['barrier', 'chunk', 'flipping'] }),
      P,
      await written(CHANGE, ['written']),
    ];
    await every(world, sampled({ B: 4, P: 3, WD: 4 }, 30 * SCALE, 5), begin, actors);
  });

  test('when a segment that it reads is edited and changes', async () => {
    const begin = async (): Promise<void> => {
      await world.begin(PEOPLE, { x: spanish, z: without('x') }, { again: 'reader' });
      await world.want({ x: adult, y: within('x') });
      await world.code.acceptVersions(world.pool, world.catalogue);
    };
    const steps = ['barrier', 'chunk', 'flipping', 'flipped'];
    const D2 = sequence('D2', [
      await cast.drain('D2', { steps: [] }),
      await cast.drain('D2', { steps: ['segments-locked'] }),
    ]);
    const actors = [
      await cast.rebuild('B1', { steps }),
      await cast.rebuild('B2', { steps }),
      await written(CHANGE, ['written']),
      D2,
    ];
    await every(world, sampled({ B1: 7, B2: 5, WD: 4, D2: 3 }, 40 * SCALE, 6), begin, actors);
  });

  test('when a table is truncated in the middle', async () => {
    const begin = async (): Promise<void> => {
      await world.begin(
        `${PEOPLE}; insert into orders (id, contact_id, status) values (1, 1, 'paid'), (2, 2, 'open')`,
        { one: payer, two: spanish },
        { again: 'truncate' },
      );
      await world.pool.query(
        `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
      );
    };
    const W = await cast.write(
      'W',
      `truncate orders; insert into orders (id, contact_id, status) values (3, 3, 'paid')`,
    );
    const WRD = sequence('WRD', [W, await cast.resolve('R'), await cast.drain('D', { steps: ['written'] })]);
    await every(world, interleavings({ B: 4, WRD: 4 }), begin, [
      await cast.rebuild('B', { steps: ['barrier', 'chunk', 'flipping'] }),
      WRD,
    ]);
  });
});

describe('a rebuild with the smallest limits ends exact', () => {
  beforeAll(async () => {
    const code = await loadCode(copyWith(smallest));
    world = await createWorld({ code });
    cast = castOf(world);
  });
  afterAll(async () => {
    await world.end();
    removeCopies();
  });

  test('when a change is drained between any two chunks and rounds', async () => {
    const begin = async (): Promise<void> => {
      await world.begin(PEOPLE, { one: spanish, two: without('one') }, { again: 'small' });
      await world.want({ one: adult });
      await world.code.acceptVersions(world.pool, world.catalogue);
    };
    const actors = [
      await cast.rebuild('B', { steps: ['barrier', 'chunk', 'flipping'] }),
      await written(CHANGE, ['written']),
    ];
    await every(world, sampled({ B: 8, WD: 4 }, 40 * SCALE, 7), begin, actors);
  });
});

describe('a rebuild read by three connections, contact by contact', () => {
  beforeAll(async () => {
    const code = await loadCode(copyWith(shared));
    world = await createWorld({ code });
  });
  afterAll(async () => {
    await world.end();
    removeCopies();
  });

  test.each([71, 72])('ends exact after a random history (seed %i)', async (seed) => {
    const { code } = world;
    const builder = await world.workerPool('builder', 4);
    const drainer = await (await world.workerPool('drainer')).connect();
    const session = new code.DrainSession(drainer, 'bigint');
    await session.prepare();
    const registry = new code.Registry(world.catalogue);
    await world.begin(WORLD, SEGMENTS);
    const team = createTeam(world, seed);
    const over = new AbortController();
    const seen = { chunks: 0, connections: 0 };
    const builds = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await code.acceptVersions(builder, world.catalogue);
        await code.carryOutRequests(builder, registry);
        await code
          .rebuildOwed(builder, registry, {
            connections: 3,
            wait: (ms) => delay(ms),
            at: async (step) => {
              if (step !== 'chunk') return;
              seen.chunks += 1;
              seen.connections = Math.max(seen.connections, builder.totalCount);
            },
          })
          .catch(patient);
      }
    };
    const drains = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await code.resolve(session, registry, 1_000);
        await code.drain(session, registry, { batchSize: 20 }).catch(patient);
      }
    };
    const working = Promise.all([builds(), drains()]).finally(() => over.abort());
    while (!over.signal.aborted && seen.chunks < 500 * SCALE) {
      await team.write();
      if (team.pick(20) === 0) await team.steer();
    }
    over.abort();
    await working;
    drainer.release(true);
    await world.settle();
    await world.exact();
    expect(seen.connections).toBeGreaterThan(2);
  });
});

/** A lock that was not had in time is tried again, as the loops of a worker do. */
function patient(error: unknown): void {
  if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
}

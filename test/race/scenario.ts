/**
 * Directed schedules, each for a rule that some code without it would break. A scenario ends where nothing more is done:
 * what is then wrong is the finding. Our own code must find every one of them exact.
 */
import { sequence, type Cast } from '../support/world-actor.ts';
import { adult, bought, minor, none, payer, spanish, within, without, type Meaning } from '../support/world-meaning.ts';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';
import { OtherSchedule, play, type Actor } from './schedule.ts';

/** Something is wrong that membership does not show. */
export class Found extends Error {}

export type Scenario = (world: World, cast: Cast) => Promise<void>;

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10), (4, 'FR', 5)`;
const ORDERS = `${PEOPLE}; insert into orders (id, contact_id, status, total) values (1, 1, 'paid', 10), (2, 2, 'open', 20), (3, 3, 'paid', 5);
  insert into order_items (id, order_id, sku) values (1, 1, 'A'), (2, 2, 'B')`;

/** `one` is live with the first meaning, and the edit to the second was accepted. */
async function edited(world: World, from: Meaning, to: Meaning, data = PEOPLE): Promise<void> {
  await world.begin(data, { one: from });
  await world.want({ one: to });
  await world.code.acceptVersions(world.pool, world.catalogue);
}

/** A new segment, accepted and not built. */
async function proposed(world: World, meaning: Meaning, data = PEOPLE): Promise<void> {
  await world.begin(data);
  await world.want({ one: meaning });
  await world.code.acceptVersions(world.pool, world.catalogue);
}

/** The moves as a string of names. Everything is worked off afterwards. */
async function run(world: World, actors: readonly Actor[], order: string): Promise<void> {
  await play(world.pool, actors, order.split(' '));
  await world.settle();
}

const D_STEPS = { steps: ['written'] };
const set = (column: string, value: string, id: number): string =>
  `update contacts set ${column} = ${value} where id = ${id}`;

/** The second drain reads what the first has not committed. */
export const staleWrite: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { spanish });
  await world.pool.query(set('country', `'PT'`, 1));
  const W = await cast.write('W', set('country', `'ES'`, 1));
  await run(world, [await cast.drain('D1', D_STEPS), W, await cast.drain('D2', { steps: [] })], 'D1 W W D2 D1');
};

/** The second drain takes a change only, and not the recheck that the first holds. */
export const staleRecheck: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish });
  const free = await holdSlot(world);
  await world.pool.query(set('country', `'PT'`, 1));
  await play(world.pool, [await cast.drain('D3', { steps: [] })], ['D3']);
  await free();
  const W = await cast.write('W', set('country', `'ES'`, 1));
  await run(
    world,
    [await cast.drain('D1', D_STEPS), W, await cast.drain('D2', { steps: [], batchSize: 1 })],
    'D1 W W D2 D1',
  );
};

/** A flip between the first statement of a drain and its evaluation. */
export const flipAfterLock: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  await world.pool.query(set('country', `'ES'`, 4));
  await run(world, [await cast.drain('D', { steps: ['locked'] }), await cast.rebuild('B', { steps: [] })], 'D B D');
};

/** A build opens between a drain's lock and its consume. */
export const buildAfterLock: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  await world.pool.query(set('vip', 'true', 4));
  const W = await cast.write('W', set('age', '50', 4));
  await run(
    world,
    [await cast.drain('D', { steps: ['locked'] }), await cast.rebuild('B', { steps: ['chunk'] }), W],
    'D B W W D B',
  );
};

/** A change after the scan and before the flip. */
export const changeDuringBuild: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const WD = sequence('WD', [
    await cast.write('W', `${set('age', '5', 1)}; ${set('age', '5', 2)}; ${set('age', '50', 4)}`),
    await cast.drain('D', { steps: [] }),
  ]);
  await run(world, [await cast.rebuild('B', { steps: ['chunk'] }), WD], 'B WD WD WD B');
};

/** The same for a segment that was never live: only its build can be asked. */
export const changeDuringFirstBuild: Scenario = async (world, cast) => {
  await proposed(world, adult);
  const WD = sequence('WD', [
    await cast.write('W', `${set('age', '5', 1)}; ${set('age', '50', 4)}`),
    await cast.drain('D', { steps: [] }),
  ]);
  await run(world, [await cast.rebuild('B', { steps: ['chunk'] }), WD], 'B WD WD WD B');
};

/** The worker knew the segments before the build opened. */
export const warmWorkerDuringBuild: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  await world.pool.query(set('country', `'PT'`, 3));
  const D = await cast.drain('D', { steps: [] });
  await play(world.pool, [D], []);
  const W = await cast.write('W', `${set('age', '5', 1)}; ${set('age', '50', 4)}`);
  await run(world, [await cast.rebuild('B', { steps: ['chunk'] }), W, D], 'B W W D B');
};

/** The worker evaluates the version that was live before the flip. */
export const warmWorkerAfterFlip: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const D = await cast.drain('D', { steps: [] });
  const W = await cast.write('W', set('vip', 'true', 3));
  const B = await cast.rebuild('B', { steps: ['flipping'] });
  await play(world.pool, [B, W, D], ['B', 'W', 'W', 'D', 'B']);
  await run(world, [await cast.write('W', set('country', `'ES'`, 4)), D], 'W W D');
};

/** A drain evaluates the old version and parks, and commits after the flip. */
export const flipDuringDrain: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const B = await cast.rebuild('B', { steps: ['flipping'] });
  const WD = sequence('WD', [
    await cast.write('W', `${set('country', `'ES'`, 4)}; ${set('age', '5', 1)}`),
    await cast.drain('D', { steps: ['segments-locked'] }),
  ]);
  await run(world, [B, WD], 'B WD WD WD B WD');
};

/** A drain takes a member out under the old version; a scan that did not see it would find nothing to do for the new one. */
export const barrierDuringDrain: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  await world.pool.query(set('country', `'FR'`, 1));
  await run(
    world,
    [await cast.drain('D', D_STEPS), await cast.rebuild('B', { steps: ['barrier', 'chunk'] })],
    'D B B D B',
  );
};

/** A job that stalled before its flip wakes up after another did its work, and before that one has cleared up. */
export const twoBuilders: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const L = await cast.write('L', `update segmentd_internal.build set lease_until = '-infinity'`);
  const WD = sequence('WD', [await cast.write('W', set('age', '5', 2)), await cast.drain('D', { steps: [] })]);
  const [B1, B2] = [
    await cast.rebuild('B1', { steps: ['flipping'] }),
    await cast.rebuild('B2', { steps: ['flipped'] }),
  ];
  await run(world, [B1, WD, L, B2], 'B1 WD WD WD L L B2 B1 B2');
};

/** Work is refused because a build holds the slot. */
export const busySlot: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish });
  const free = await holdSlot(world);
  await world.pool.query(set('country', `'PT'`, 1));
  await play(world.pool, [await cast.drain('D', { steps: [] })], ['D']);
  await free();
  await world.settle();
};

/** The same for work that was in the queue already. */
export const busySlotQueued: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish });
  const free = await holdSlot(world);
  await world.pool.query(set('country', `'PT'`, 1));
  await play(world.pool, [await cast.drain('D1', { steps: [] }), await cast.drain('D2', { steps: [] })], ['D1', 'D2']);
  await free();
  await world.settle();
};

async function holdSlot(world: World): Promise<() => Promise<void>> {
  const { id } = await world.state('one');
  const holder = await world.pool.connect();
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock(7363, $1)', [id & 255]);
  return async () => {
    await holder.query('commit');
    holder.release();
  };
}

/** A staged contact is deleted before the flip. */
export const deletedDuringBuild: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const WD = sequence('WD', [
    await cast.write('W', 'delete from contacts where id = 2'),
    await cast.drain('D', { steps: [] }),
  ]);
  await run(world, [await cast.rebuild('B', { steps: ['chunk'] }), WD], 'B WD WD WD B');
};

/** A contact enters by the old version after the scan had staged it for the new one. */
export const enteredDuringBuild: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const WD = sequence('WD', [await cast.write('W', set('country', `'ES'`, 2)), await cast.drain('D', { steps: [] })]);
  await run(world, [await cast.rebuild('B', { steps: ['chunk'] }), WD], 'B WD WD WD B');
};

/** Everything of a source goes while a segment that reads it is built. */
export const truncateDuringBuild: Scenario = async (world, cast) => {
  await world.begin(ORDERS, { one: payer });
  await world.pool.query(
    `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
  );
  const WR = sequence('WR', [await cast.write('W', 'truncate orders'), await cast.resolve('R')]);
  await run(world, [await cast.rebuild('B', { steps: ['flipping'] }), WR], 'B WR WR WR B');
};

export const truncateDuringFirstBuild: Scenario = async (world, cast) => {
  await proposed(world, payer, ORDERS);
  const WR = sequence('WR', [await cast.write('W', 'truncate orders'), await cast.resolve('R')]);
  await run(world, [await cast.rebuild('B', { steps: ['flipping'] }), WR], 'B WR WR WR B');
};

/** All contacts go while a segment is paused. */
export const truncateWhilePaused: Scenario = async (world) => {
  await world.begin(PEOPLE, { one: spanish });
  await pause(world);
  await world.pool.query('truncate contacts');
  await world.settle();
};

export const deletedWhilePaused: Scenario = async (world) => {
  await world.begin(PEOPLE, { one: spanish });
  await pause(world);
  await world.pool.query('delete from contacts where id = 1');
  await world.settle();
};

/** Back from a pause, and not built yet: its members are those of the pause, all of them. */
export const resumedBeforeBuild: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish });
  await pause(world);
  await world.pool.query(set('country', `'PT'`, 1));
  await world.settle();
  await world.pool.query(`update segmentd.segment set wanted_state = 'live' where key = 'one'`);
  await play(world.pool, [await cast.request('Q')], []);
  await world.pool.query(set('country', `'ES'`, 2));
  await play(world.pool, [await cast.drain('D', { steps: [] })], []);
  const members = await world.members('one');
  if (members.join(' ') !== '1 3')
    throw new Found(`the members of the pause were 1 3, and before the build they are ${members.join(' ')}`);
  await world.settle();
};

async function pause(world: World): Promise<void> {
  await world.pool.query(`update segmentd.segment set wanted_state = 'paused' where key = 'one'`);
  await world.settle();
}

/** Paused before its flip: the build must not bring it back to life without what it missed. */
export const pauseDuringBuild: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const B = await cast.rebuild('B', { steps: ['flipping'] });
  const P = await cast.write('P', `update segmentd.segment set wanted_state = 'paused' where key = 'one'`);
  const WD = sequence('WD', [await cast.write('W', set('age', '5', 1)), await cast.drain('D', { steps: [] })]);
  await play(world.pool, [B, P, await cast.request('Q'), WD], ['B', 'P', 'P', 'Q', 'WD', 'WD', 'WD', 'B']);
};

/** Floors rise to the oldest running transaction, of other databases too: with one below the outbox no floor could be wrong. */
async function noneOlder({ pool }: World): Promise<void> {
  const passed =
    'select bool_and(c.xid < pg_snapshot_xmin(pg_current_snapshot())) as passed from segmentd_internal.change c';
  await until(async () => (await pool.query<{ passed: boolean }>(passed)).rows[0]?.passed, {
    timeout: 60_000,
    message: 'the end of older transactions',
  });
}

/** A batch that is rolled back after it had consumed; the same session goes on. */
export const rolledBack: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish });
  await world.pool.query(set('country', `'PT'`, 1));
  await noneOlder(world);
  await play(world.pool, [await cast.drain('D', { steps: [], failAt: 'written', batches: 1 })], ['D']);
  await play(world.pool, [await cast.drain('D', { steps: [], batches: Infinity })], ['D']);
};

/** An older transaction commits after a younger one was drained; the same session goes on. */
export const lateCommit: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish });
  const W = await cast.write('W', [set('country', `'PT'`, 1), `select`]);
  const V = await cast.write('V', `insert into contacts (id, country) select n, 'ES' from generate_series(100, 400) n`);
  const D = await cast.drain('D', { steps: [], batches: Infinity });
  await play(world.pool, [W, V, D], ['W', 'V', 'V', 'D', 'W', 'W']);
  await play(world.pool, [await cast.drain('D', { steps: [], batches: Infinity })], ['D']);
};

/** The same when the batch ended in the middle of a shard. */
export const lateCommitCut: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish });
  const W = await cast.write('W', [set('country', `'PT'`, 1), `select`]);
  const V = await Promise.all(
    Array.from({ length: 9 }, (_, n) =>
      cast.write(
        'V',
        `
    insert into contacts (id, country) select n, 'FR' from generate_series(1000, 100000) n
    where segmentd_internal.shard(n::text) = segmentd_internal.shard('1') order by n limit 1 offset ${n}`,
      ),
    ),
  );
  const D = await cast.drain('D', { steps: [], batchSize: 1 });
  await play(world.pool, [W, sequence('V', V), D], ['W', ...Array.from({ length: 18 }, () => 'V'), 'D', 'W', 'W']);
  const { rows: left } = await world.pool.query<{ contact: string }>(
    'select contact_id::text as contact from segmentd_internal.change',
  );
  const others = left.filter(({ contact }) => contact !== '1').length;
  if (others === 0 || others === 9 || others === left.length)
    throw new OtherSchedule(
      `the batch left ${left.map(({ contact }) => contact).join(', ')}: it was not cut before W committed`,
    );
  await play(world.pool, [await cast.drain('D', { steps: [], batches: Infinity })], ['D']);
};

/** x's drain began before y's build could be seen as its reader. */
export const readerBuiltDuringDrain: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { x: spanish });
  await world.want({ y: within('x') });
  await world.code.acceptVersions(world.pool, world.catalogue);
  await world.pool.query(set('country', `'PT'`, 1));
  await run(
    world,
    [await cast.drain('D', { steps: ['segments-locked'] }), await cast.rebuild('B', { steps: ['barrier', 'chunk'] })],
    'D B B D B',
  );
};

/** y's build opens and reads x between what a drain knows and the slot that it takes. */
export const readerBuiltBeforeGrant: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { x: spanish });
  await world.want({ y: within('x') });
  await world.code.acceptVersions(world.pool, world.catalogue);
  await world.pool.query(set('country', `'PT'`, 1));
  await run(
    world,
    [
      await cast.drain('D', { steps: [], before: 'try-slots' }),
      await cast.rebuild('B', { steps: ['barrier', 'chunk'] }),
    ],
    'D B B D B',
  );
};

/** Those who read x hear of its members. */
export const readerHears: Scenario = async (world) => {
  await world.begin(PEOPLE, { x: spanish, y: without('x') });
  await world.pool.query(`${set('country', `'PT'`, 1)}; ${set('country', `'ES'`, 2)}`);
  await world.settle();
};

/** x is edited; y, which reads it, follows. */
export const readerOfEdited: Scenario = async (world) => {
  await world.begin(PEOPLE, { x: spanish, y: without('x') });
  await world.want({ x: adult });
  await world.settle();
};

/** Both are new, and x cannot be built now. */
export const readerBeforeItsSegment: Scenario = async (world, cast) => {
  await world.begin(PEOPLE);
  await world.want({ y: without('x'), x: none });
  await world.code.acceptVersions(world.pool, world.catalogue);
  const caller = await world.pool.connect();
  await caller.query(`begin; select from segmentd.segment where key = 'x' for update`);
  await play(world.pool, [await cast.rebuild('B', { steps: [] })], ['B']);
  const { state } = await world.state('y');
  await caller.query('rollback');
  caller.release();
  if (state === 'live') throw new Found('everybody is in a segment of those who are not in x, and x was never built');
};

/** Changes of a table whose triggers are not there yet. */
export const builtBeforeCapture: Scenario = async (world, cast) => {
  await world.begin(ORDERS);
  await world.pool.query(
    `update segmentd_internal.source set installed_at = null where table_name = 'orders'; alter table orders disable trigger plain_row`,
  );
  await world.want({ one: payer });
  await world.code.acceptVersions(world.pool, world.catalogue);
  await play(world.pool, [await cast.rebuild('B', { steps: [] })], ['B']);
  await world.pool.query(`update orders set status = 'paid' where id = 2`);
  await world.pool.query(
    `update segmentd_internal.source set installed_at = clock_timestamp() where table_name = 'orders'; alter table orders enable trigger plain_row`,
  );
  await world.settle();
};

/** A worker that does not know a column which a segment reads. */
export const oldCatalogue: Scenario = async (world, cast) => {
  await world.begin(PEOPLE, { one: spanish, two: adult });
  const { contacts } = world.catalogue;
  const fields = new Map([...contacts.fields].filter(([name]) => name !== 'age'));
  await world.pool.query(set('age', '5', 1));
  await play(
    world.pool,
    [await cast.drain('D old', { steps: [], catalogue: { ...world.catalogue, contacts: { ...contacts, fields } } })],
    ['D old'],
  );
  await world.settle();
};

/** A later build of the segment stages while the former clears up. */
export const clearedUnderBuild: Scenario = async (world, cast) => {
  await edited(world, spanish, adult);
  const B1 = await cast.rebuild('B1', { steps: ['flipped'] });
  const E = await cast.write(
    'E',
    `update segmentd.segment set condition = '${JSON.stringify(minor.condition)}' where key = 'one'`,
  );
  await run(
    world,
    [B1, E, await cast.accept('A'), await cast.rebuild('B2', { steps: ['chunk'] })],
    'B1 E E A B2 B1 B2',
  );
};

/** An edit that is refused while the version before it is built for the first time. */
export const refusedDuringFirstBuild: Scenario = async (world, cast) => {
  await proposed(world, adult);
  const E = await cast.write(
    'E',
    `update segmentd.segment set condition = '{"==":[{"var":"contry"},"FR"]}' where key = 'one'`,
  );
  const WD = sequence('WD', [await cast.write('W', set('age', '50', 4)), await cast.drain('D', { steps: [] })]);
  await run(
    world,
    [await cast.rebuild('B', { steps: ['chunk'] }), E, await cast.accept('A'), WD],
    'B E E A WD WD WD B',
  );
};

/** An item comes while its order moves to another contact. */
export const orderMoves: Scenario = async (world, cast) => {
  await world.begin(ORDERS, { one: bought });
  const I = await cast.write('I', `insert into order_items (id, order_id, sku) values (9, 2, 'A')`);
  const M = await cast.write('M', 'update orders set contact_id = 4 where id = 2');
  const D = await cast.drain('D', { steps: [] });
  await run(world, [I, M, D, await cast.resolve('R')], 'I M M R D I R D');
};

/** A writer that began before anybody read the column. */
export const writerInFlight: Scenario = async (world, cast) => {
  await world.begin(PEOPLE);
  const W = await cast.write('W', set('age', '50', 4));
  const E = await cast.write(
    'E',
    `insert into segmentd.segment (key, condition) values ('one', '${JSON.stringify(adult.condition)}')`,
  );
  await run(world, [W, E, await cast.accept('A'), await cast.rebuild('B', { steps: [] })], 'W E E A B W');
};

/** Two transactions of the team update different rows of the same contacts, in opposite order. */
export const disjointWriters: Scenario = async (world, cast) => {
  await world.begin(`${ORDERS}; insert into orders (id, contact_id) values (11, 1), (12, 2)`, { one: payer });
  const pay = (id: number): string => `update orders set status = 'paid' where id = ${id}`;
  const [W, V] = [await cast.write('W', [pay(1), pay(2)]), await cast.write('V', [pay(12), pay(11)])];
  const { waited } = await play(world.pool, [W, V], ['W', 'V', 'W', 'V', 'W', 'V']).catch((error: unknown) => {
    throw new Found(String(error));
  });
  if (waited.size > 0) throw new Found(`${[...waited.keys()].join(' and ')} waited`);
  await world.settle();
};

/** More changes than anybody drains. */
export const longBacklog: Scenario = async (world) => {
  await world.begin(PEOPLE, { one: adult });
  await world.pool.query(`insert into contacts (id, age) select n, 30 from generate_series(100, 400) n`);
  await world.settle();
};

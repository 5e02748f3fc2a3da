/**
 * Directed schedules of time, each for a rule of PROTOCOL.md that some code without it would break. A scenario ends at
 * the instant at which something crossed, and no later: what is lost is not found again by the next crossing.
 */
import { play, type Actor } from '../race/schedule.ts';
import { french, memberFor, moved, spanish } from '../support/world-meaning.ts';
import { ordered, quiet, seen, unseen, type TimedWorld } from './timed-world.ts';

/** Something is wrong that membership does not show. */
export class Found extends Error {}

export type Scenario = (timed: TimedWorld) => Promise<void>;

const NOON = '2024-05-15T12:00:00Z';
const CROSSED = '2024-05-15T12:00:10Z';
/** Contact 1 leaves `seen` at 12:00:10, contact 2 enters then. */
const PEOPLE = `insert into contacts (id, last_seen_at) values (1, '2024-05-15T11:59:10Z'), (2, '2024-05-15T12:00:10Z'), (3, null)`;

async function run(timed: TimedWorld, actors: readonly Actor[], order: string): Promise<void> {
  await play(timed.world.pool, actors, order.split(' '));
  await timed.settle();
}

/** Crossing at the very instant of the sweep. */
export const exactly: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  await run(timed, [timed.time('C', [CROSSED]), await timed.sweep('T', { steps: [] })], 'C T');
};

/** The present moves to a microsecond before, then to the instant. */
export const microsecond: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  await timed.clock('2024-05-15T12:00:09.999999Z');
  await timed.settle();
  await timed.clock('2024-05-15T12:00:10.000400Z');
  await timed.world.pool.query(`update contacts set last_seen_at = '2024-05-15T12:00:10.000400Z' where id = 3`);
  await timed.settle();
};

/** A sweep dies between its steps. */
export const dies: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  await timed.clock(CROSSED);
  await run(timed, [await timed.sweep('T', { steps: [], failAt: 'queued' })], 'T');
};

/** The write commits after the sweep read the rows; its drain evaluates before anything else is raised. */
export const writeBehindSweep: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  const W = await timed.cast.write('W', `update contacts set last_seen_at = '2024-05-15T12:00:05Z' where id = 3`);
  const actors = [
    await timed.sweep('T', { steps: ['raised', 'queued'] }),
    W,
    await timed.cast.drain('D', { steps: [] }),
    timed.time('C', [CROSSED]),
  ];
  // The sweep takes 12:00:00 … 12:00:10 without the row; the row is then validated by whatever the drain takes for now.
  await run(timed, actors, 'C T T W W D T');
};

/** The row is committed and validated before it crosses; the sweep's view of the rows must not be older than that. */
export const snapshotBehindClock: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  const W = await timed.cast.write('W', `update contacts set last_seen_at = '2024-05-15T12:00:05Z' where id = 3`);
  const actors = [
    await timed.sweep('T', { steps: ['locked'] }),
    W,
    await timed.cast.drain('D', { steps: [] }),
    timed.time('C', ['2024-05-15T12:00:01Z', CROSSED]),
  ];
  await run(timed, actors, 'C T W W D C T T');
};

/** The clock goes back while a sweep that has read it is under way. */
export const clockBack: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  const W = await timed.cast.write('W', `update contacts set last_seen_at = '2024-05-15T12:00:05Z' where id = 3`);
  const actors = [
    await timed.sweep('T', { steps: ['raised', 'queued'] }),
    W,
    await timed.cast.drain('D', { steps: [] }),
    timed.time('C', [CROSSED, '2024-05-15T11:00:00Z']),
  ];
  await run(timed, actors, 'C T T C W W D T');
  await timed.clock(CROSSED);
  await timed.settle();
};

/** A contact that is queued for another reason, and validated for that before it crosses. */
export const queuedAlready: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  await timed.world.pool.query(
    `update contacts set country = 'ES', last_seen_at = '2024-05-15T11:59:10.000001Z' where id = 1; update contacts set last_seen_at = '2024-05-15T11:59:10Z' where id = 1`,
  );
  const actors = [
    await timed.cast.drain('D', { steps: ['timed'] }),
    await timed.sweep('T', { steps: [] }),
    timed.time('C', [CROSSED]),
  ];
  await run(timed, actors, 'D C T D');
};

/** A build is open while its edge is swept; the scan has passed the contact. */
export const buildOpen: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, {});
  await timed.world.want({ one: seen });
  await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  const actors = [
    await timed.cast.rebuild('B', { steps: ['parked'] }),
    await timed.sweep('T', { steps: [] }),
    await timed.cast.drain('D', { steps: [] }),
    timed.time('C', [CROSSED]),
  ];
  await run(timed, actors, 'B C T D B');
};

/** The new version's edge is crossed between its scan and its flip, and no sweep runs meanwhile. */
export const crossedBeforeFlip: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { one: quiet });
  await timed.world.want({ one: seen });
  await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  await run(timed, [await timed.cast.rebuild('B', { steps: ['parked'] }), timed.time('C', [CROSSED])], 'B C B');
};

/** The clock goes back between the barrier and the scan. */
export const backBehindBarrier: Scenario = async (timed) => {
  await timed.begin('2024-05-15T11:00:00Z', PEOPLE, {});
  await timed.clock('2024-05-15T12:00:20Z');
  await timed.world.want({ one: seen });
  await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  await run(
    timed,
    [await timed.cast.rebuild('B', { steps: ['barrier'] }), timed.time('C', ['2024-05-15T11:59:50Z'])],
    'B C B',
  );
  await timed.clock('2024-05-15T12:00:20Z');
  await timed.settle();
};

/** A build waits for its slot while the clock moves and another edge is swept: its own edge then begins at the later instant. */
export const slotAwaited: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { one: quiet });
  await timed.world.want({ one: seen });
  await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  await timed.world.pool.query(`update contacts set last_seen_at = '2024-05-15T11:30:00Z' where id = 3`);
  const actors = [
    await timed.cast.drain('D', { steps: ['timed'] }),
    await timed.cast.rebuild('B', { steps: [] }),
    await timed.sweep('T', { steps: [] }),
    timed.time('C', [CROSSED]),
  ];
  await run(timed, actors, 'D B C T D B');
};

/** A drain consumes the crossing of an edge to which a build links itself meanwhile. */
export const linkedMeanwhile: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  await timed.world.want({ two: unseen });
  await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  await play(timed.world.pool, [await timed.cast.drain('D', { steps: [] })], ['D']);
  const actors = [
    await timed.cast.rebuild('B', { steps: ['parked'] }),
    await timed.sweep('T', { steps: [] }),
    await timed.cast.drain('D', { steps: ['locked'] }),
    timed.time('C', [CROSSED]),
  ];
  // Something else makes the drain take its shards before the build is there.
  await timed.world.pool.query(`update contacts set vip = true`);
  await run(timed, actors, 'D B C T D B');
};

/** The drain's instant is read before what it consumes is there. */
export const instantBehindConsume: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  await timed.world.pool.query(`update contacts set country = 'ES'`);
  const actors = [
    await timed.cast.drain('D', { steps: ['locked'] }),
    await timed.sweep('T', { steps: [] }),
    timed.time('C', [CROSSED]),
  ];
  await run(timed, actors, 'D C T D');
};

/** A barrier that shares the edge of an open sweep. */
export const barrierDuringSweep: Scenario = async (timed) => {
  await timed.begin(NOON, PEOPLE, { seen });
  await timed.clock(CROSSED);
  await timed.world.want({ two: unseen });
  await timed.world.code.acceptVersions(timed.world.pool, timed.world.catalogue);
  const { waited } = await play(
    timed.world.pool,
    [await timed.sweep('T', { steps: ['queued'] }), await timed.cast.rebuild('B', { steps: [] })],
    ['T', 'B', 'T'],
  );
  if (waited.has('B')) throw new Found(`the barrier waited for ${[...(waited.get('B') ?? [])].join(', ')}`);
  await timed.settle();
};

/** Rows of a relation, through it to their contact. */
export const related: Scenario = async (timed) => {
  await timed.begin(
    NOON,
    `${PEOPLE}; insert into orders (id, contact_id, placed_at) values (1, 1, '2024-05-15T11:59:10Z'), (2, 2, '2024-05-15T12:00:10Z')`,
    { ordered },
  );
  await run(timed, [timed.time('C', [CROSSED]), await timed.sweep('T', { steps: [] })], 'C T');
};

/** More rows at one instant than a batch takes. */
export const ties: Scenario = async (timed) => {
  await timed.begin(
    NOON,
    `insert into contacts (id, last_seen_at) select n, '2024-05-15T12:00:10Z' from generate_series(1, 20) n`,
    { seen },
  );
  await timed.clock(CROSSED);
  await run(timed, [await timed.sweep('T', { steps: [], batchSize: 5 })], 'T');
};

const COUNTRIES = `insert into contacts (id, country) values (1, 'ES'), (2, 'FR'), (3, 'PT')`;

/** A member of long enough, and an event that runs out, by time alone. */
export const pastTurns: Scenario = async (timed) => {
  await timed.begin(NOON, COUNTRIES, {
    spain: spanish,
    loyal: memberFor('spain', 1),
    came: moved('entered', 'spain', 1),
  });
  await run(timed, [timed.time('C', ['2024-05-15T12:01:00Z']), await timed.sweep('T', { steps: [] })], 'C T');
};

/** The other segment's members move, and no time passes. */
export const pastMoves: Scenario = async (timed) => {
  await timed.begin(NOON, COUNTRIES, {
    spain: spanish,
    loyal: memberFor('spain', 1),
    went: moved('left', 'spain', 1),
  });
  await timed.clock('2024-05-15T12:02:00Z');
  await timed.settle();
  await timed.world.pool.query(`update contacts set country = 'PT' where id = 1`);
  await timed.settle();
};

/** Two segments are asked for the same length, and only the later one crosses. */
export const pastsApart: Scenario = async (timed) => {
  await timed.begin(NOON, COUNTRIES, {
    spain: spanish,
    france: french,
    ofSpain: memberFor('spain', 1),
    ofFrance: memberFor('france', 1),
  });
  await timed.clock('2024-05-15T12:00:05Z');
  await timed.world.pool.query(`update contacts set country = 'FR' where id = 3`);
  await timed.settle();
  await timed.clock('2024-05-15T12:01:00Z');
  await timed.settle();
  await timed.clock('2024-05-15T12:01:05Z');
  await timed.settle();
};

/** An edit rebuilds the other segment, and a member stays. */
export const keptByEdit: Scenario = async (timed) => {
  const { world } = timed;
  await timed.begin(NOON, COUNTRIES, { spain: spanish, loyal: memberFor('spain', 1) });
  await timed.clock('2024-05-15T12:00:30Z');
  await world.want({
    spain: { condition: { or: [spanish.condition, french.condition] }, sql: `(${spanish.sql} or ${french.sql})` },
  });
  await timed.settle();
  await timed.clock('2024-05-15T12:01:00Z');
  await timed.settle();
  const members = await world.members('loyal');
  if (members.join() !== '1') throw new Found(`a minute after contact 1 entered: ${members.join()}`);
};

/** Events before May were pruned; contact 1 left in April. */
export const beyondLog: Scenario = async (timed) => {
  const { world } = timed;
  const { pool } = world;
  await timed.begin('2024-04-20T12:00:00Z', COUNTRIES, { spain: spanish });
  await pool.query(`update contacts set country = 'PT' where id = 1`);
  await timed.settle();
  await timed.clock(NOON);
  await timed.settle();
  await pool.query(`begin; set local session_replication_role = replica; update segmentd_internal.installation set events_since = '2024-05-01 00:00+00';
    delete from segmentd.membership_event where at < '2024-05-01 00:00+00'; commit`);
  try {
    await world.want({ went: moved('left', 'spain', 60 * 24 * 30) });
    await timed.settle();
    if ((await world.state('went')).state === 'live')
      throw new Found(`who left: ${(await world.members('went')).join()}`);
  } finally {
    await pool.query('update segmentd_internal.installation set events_since = null');
  }
  // Of the rest nothing is asked here: the log is not whole.
  await timed.begin(NOON, COUNTRIES, {});
};

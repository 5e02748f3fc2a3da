/**
 * Random histories over segments that read segments, five deep: changes, edits that move references, pauses, failures and
 * rebuilds, with two workers. They end exact.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freezeSegment } from '../../src/lifecycle/freeze.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { createTeam, PEOPLE } from '../fault/random-team.ts';
import { adult, foreign, french, payer, spanish, within, without, type Meaning } from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { SCALE } from './schedule.ts';

vi.setConfig({ testTimeout: 900_000 });

const LEVELS = 6;
const WIDTH = 3;
const OWN: readonly Meaning[] = [spanish, french, foreign, adult, payer];
const keyOf = (level: number, place: number): string => `l${level}p${place}`;

/** A segment of a level reads one or two of the level below, negated or not, and something of its own. */
function meaningAt(level: number, pick: (below: number) => number): Meaning {
  const own = OWN[pick(OWN.length)] ?? spanish;
  if (level === 0) return own;
  const below = keyOf(level - 1, pick(WIDTH));
  const other = keyOf(pick(level), pick(WIDTH));
  const read = pick(2) === 0 ? within(below) : without(below);
  const also = pick(2) === 0 ? within(other) : without(other);
  switch (pick(4)) {
    case 0:
      return read;
    case 1:
      return { condition: { and: [read.condition, own.condition] }, sql: `(${read.sql} and ${own.sql})` };
    case 2:
      return { condition: { or: [read.condition, also.condition] }, sql: `(${read.sql} or ${also.sql})` };
    default:
      return {
        condition: { '!': [{ and: [read.condition, { or: [also.condition, own.condition] }] }] },
        sql: `not (${read.sql} and (${also.sql} or coalesce(${own.sql}, false)))`,
      };
  }
}

let world: World;
let workers: Worker[] = [];
beforeEach(async () => {
  world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue) });
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await world.end();
});

test.each([71, 72])(
  'segments that read each other five deep end exact after edits, pauses and failures under two workers (seed %i)',
  async (seed) => {
    const teams = [0, 1].map((lane) => createTeam(world, seed * 10 + lane, lane, 2));
    // Of its own, so that a seed steers alike whatever the writers' turns are.
    const { pick } = createTeam(world, seed);
    const done = new Map<string, number>();
    await world.begin(PEOPLE);
    const places = Array.from({ length: LEVELS }, (_, level) =>
      Array.from({ length: WIDTH }, (_, place) => [level, place] as const),
    ).flat();
    await world.want(Object.fromEntries(places.map(([level, place]) => [keyOf(level, place), meaningAt(level, pick)])));
    workers = await Promise.all([1, 2].map((drains) => startWorker(world, { drains, batchSize: 40 })));
    await world.quiet();
    await world.exact();

    const steer = async (): Promise<void> => {
      const level = pick(LEVELS);
      const key = keyOf(level, pick(WIDTH));
      const what = (['pause', 'fail', 'rebuild', 'edit'] as const)[Math.min(pick(6), 3)];
      done.set(what ?? '', (done.get(what ?? '') ?? 0) + 1);
      switch (what) {
        case 'pause':
          await world.pool.query(
            `update segmentd.segment set wanted_state = case wanted_state when 'live' then 'paused' else 'live' end where key = $1`,
            [key],
          );
          break;
        case 'fail': {
          const { id } = await world.state(key);
          await freezeSegment(
            world.pool,
            id,
            { state: 'failed', error: { code: 'failed', sqlstate: '22012', message: 'made by the test' } },
            'live',
          );
          break;
        }
        case 'rebuild':
          await world.pool.query(
            `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment where key = $1`,
            [key],
          );
          break;
        default:
          await world.want({ [key]: meaningAt(level, pick) });
      }
    };
    for (let round = 0; round < 4 * SCALE; round += 1) {
      await Promise.all([
        ...teams.map(async (team) => {
          for (let turns = 15; turns > 0; turns -= 1) await team.write();
        }),
        (async () => {
          for (let turns = 8; turns > 0; turns -= 1) await steer();
        })(),
      ]);
      await world.quiet();
      // Also while some of them stand still: the others are exact by what those hold.
      await world.exact();
    }
    expect([...done.keys()].sort()).toEqual(['edit', 'fail', 'pause', 'rebuild']);

    await world.pool.query(`update segmentd.segment set wanted_state = 'live'`);
    await world.pool.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment where state = 'failed'`,
    );
    await world.quiet();
    for (let turns = 20; turns > 0; turns -= 1) await teams[0]?.write();
    await world.quiet();
    await world.exact();
    const { rows } = await world.pool.query<{ live: number; moved: number }>(`
    select (select count(*)::int from segmentd.segment where state = 'live') as live, (select count(*)::int from segmentd.membership_event where reason = 'segment') as moved`);
    expect(rows[0]?.live).toBe(LEVELS * WIDTH);
    expect(rows[0]?.moved).toBeGreaterThan(100);
  },
);

/**
 * Random histories of segments that read the past of others, with two workers and a clock that tests move: changes, edits,
 * includes, pauses, rebuilds. They end exact, both ways.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTeam, PEOPLE } from '../fault/random-team.ts';
import { SCALE } from '../race/schedule.ts';
import { memberFor, moved, payer, spanish, within, type Meaning } from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { waitUntilVisible } from '../../src/worker/wait.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { setClock, TEST_CLOCK } from './clock.ts';

vi.setConfig({ testTimeout: 600_000 });

const BEGIN = Date.UTC(2024, 4, 15, 12);

function all(kind: 'and' | 'or', ...of: readonly Meaning[]): Meaning {
  return {
    condition: { [kind]: of.map(({ condition }) => condition) },
    sql: `(${of.map(({ sql }) => `coalesce((${sql}), false)`).join(` ${kind} `)})`,
  };
}
const not = ({ condition, sql }: Meaning): Meaning => ({
  condition: { '!': [condition] },
  sql: `not coalesce((${sql}), false)`,
});

const SEGMENTS: Readonly<Record<string, Meaning>> = {
  one: spanish,
  two: payer,
  three: all('or', moved('entered', 'one', 3), memberFor('two', 2)),
  loyal: memberFor('one', 1),
  came: moved('entered', 'two', 2),
  went: moved('left', 'one', 5),
  old: all('and', memberFor('loyal', 1), not(moved('left', 'two', 1))),
  calm: all('or', not(memberFor('old', 1)), within('went')),
};

let world: World;
let workers: Worker[] = [];
beforeEach(async () => {
  world = await createWorld({
    tables: TEST_CLOCK,
    capture: ({ pool }, catalogue) => installedCapture(pool, catalogue),
  });
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await world.end();
});

test.each([81, 82])('a random history of pasts ends exact under two workers (seed %i)', async (seed) => {
  let now = BEGIN;
  const tick = async (seconds: number): Promise<void> => {
    now += seconds * 1_000;
    await setClock(world.pool, new Date(now).toISOString());
  };
  await tick(0);
  const teams = [0, 1].map((lane) => createTeam(world, seed * 10 + lane, lane, 2));
  const [{ pick }] = [createTeam(world, seed)];
  await world.begin(PEOPLE);
  await world.want(SEGMENTS);
  workers = await Promise.all([1, 2].map((drains) => startWorker(world, { drains, batchSize: 40 })));
  await world.quiet();
  await world.exact();
  const decide = async (): Promise<void> => {
    await world.pool.query(
      pick(2) === 0
        ? `insert into segmentd.override (segment_id, contact_id, kind) select s.id, $2, $3 from segmentd.segment s where s.key = $1
           on conflict (segment_id, contact_id) do update set kind = excluded.kind`
        : `delete from segmentd.override w using segmentd.segment s where s.id = w.segment_id and s.key = $1 and (w.contact_id = $2 or w.kind = $3)`,
      [pick(2) === 0 ? 'one' : 'loyal', 1 + pick(60), pick(2) === 0 ? 'include' : 'exclude'],
    );
  };
  const seen = new Set<string>();
  for (let round = 0; round < 4 * SCALE; round += 1) {
    await Promise.all([
      ...teams.map(async (team) => {
        for (let turns = 12; turns > 0; turns -= 1) await team.write();
      }),
      (async () => {
        for (let turns = 6; turns > 0; turns -= 1) {
          await tick(pick(25));
          if (pick(3) === 0) await decide();
          if (pick(6) === 0) await teams[0]?.steer();
        }
      })(),
    ]);
    await world.pool.query(`update segmentd.segment set wanted_state = 'live' where wanted_state = 'paused'`);
    await world.quiet();
    await waitUntilVisible(world.pool, { timeoutMs: 60_000, catalogue: world.catalogue });
    await world.quiet();
    await world.exact();
    for (const key of Object.keys(SEGMENTS)) if ((await world.members(key)).length > 0) seen.add(key);
    // A quiet night: time alone moves who is left.
    await tick(pick(2) === 0 ? 60 : 600);
    await waitUntilVisible(world.pool, { timeoutMs: 60_000, catalogue: world.catalogue });
    await world.quiet();
    await world.exact();
  }
  expect(seen, 'each segment had members').toEqual(new Set(Object.keys(SEGMENTS)));
});

/**
 * A week of the bench's year in small: the event log has every flip of every pair, at its microsecond, and nothing
 * else; and the year's validate sees what it is there to see.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { runYear, type YearCount } from './year-run.ts';
import type { YearWorld } from './year-world.ts';

vi.setConfig({ testTimeout: 300_000 });

// The clocks of Havana change within it.
const SIZE = { begin: '2024-03-08T10:00:00.000000Z', days: 8, contacts: 500, rules: 40, seed: 20240310 } as const;

let database: TestDatabase | undefined;
afterEach(async () => {
  await database?.drop();
  database = undefined;
});

async function run(days: number, spoil?: (world: YearWorld) => Promise<void>): Promise<YearCount> {
  database = await createDatabase({ template: 'migrated', keyType: 'bigint' });
  return runYear(database.url, { ...SIZE, days }, spoil ? { spoil } : {});
}

test('in the week of the bench no flip is early, late or missed', async () => {
  const count = await run(SIZE.days);
  expect(count).toMatchObject({ early: 0, late: 0, missed: 0, wrong: 0, moved: count.due });
  expect(count.due).toBeGreaterThan(100);
  expect(count.stops).toBeGreaterThan(80);
});

test('an edge without its segments is found: flips are missed', async () => {
  const count = await run(2, async ({ pool }) => {
    await pool.query(
      'begin; delete from segmentd_internal.segment_edge where edge_id % 2 = 0; update segmentd_internal.installation set generation = generation + 1; commit',
    );
  });
  expect(count.missed).toBeGreaterThan(0);
  expect(count.wrong).toBeGreaterThan(0);
});

test('a clock that shows too little or too much is found: moves are late, or early', async () => {
  const shifted =
    (by: string) =>
    async ({ pool }: YearWorld): Promise<void> => {
      await pool.query(`create or replace function segmentd_internal.clock() returns timestamptz language sql volatile
      return timestamptz 'epoch' + (select c.last_value from segmentd_internal.test_clock c) * interval '1 microsecond' ${by}`);
    };
  const slow = await run(2, shifted(`- interval '1 microsecond'`));
  expect(slow.late).toBeGreaterThan(0);
  await database?.drop();
  const fast = await run(2, shifted(`+ interval '1 microsecond'`));
  expect(fast.early).toBeGreaterThan(0);
});

/** What the schedules of this folder rest on: a play is repeated only where somebody did not have a lock in time. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../support/world.ts';
import { found } from './schedule.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

async function plays(refused: boolean): Promise<number> {
  const pool = await world.workerPool('W');
  let count = 0;
  await found(world, async () => {
    count += 1;
    const [holder, own] = [await pool.connect(), await pool.connect()];
    await holder.query('begin; lock table contacts');
    await own.query(`set lock_timeout = '1ms'`);
    if (refused) await own.query('select from contacts').catch(() => {});
    holder.release(true);
    own.release(true);
    return [];
  });
  return count;
}

test('once, as a rule; three times where a lock was never had in time', async () => {
  expect(await plays(false)).toBe(1);
  expect(await plays(true)).toBe(3);
});

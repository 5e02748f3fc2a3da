/** What the schedules of this folder rest on: which actor is seen waiting for a lock, and when a play is repeated. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool } from '../../src/postgres/pool.ts';
import { createDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { createWorld, type World } from '../support/world.ts';
import { found, OtherSchedule, play } from './schedule.ts';

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
    await holder.query('begin; lock table public.contacts');
    await own.query(`set lock_timeout = '1ms'`);
    if (refused) await own.query('select from public.contacts').catch(() => {});
    holder.release(true);
    own.release(true);
    return [];
  });
  return count;
}

test('a schedule is played once; three times when an actor never got a lock in time', async () => {
  expect(await plays(false)).toBe(1);
  expect(await plays(true)).toBe(3);
});

test('a play that is another schedule is played again, and after three it fails; what a play found ends the plays', async () => {
  let count = 0;
  const other = found(world, () => {
    count += 1;
    return Promise.reject(new OtherSchedule('not cut'));
  });
  await expect(other).rejects.toThrow('not cut');
  expect(count).toBe(3);
  const results = [new OtherSchedule('not cut'), ['wrong'], []];
  const play = () => {
    const result = results.shift();
    return result instanceof OtherSchedule ? Promise.reject(result) : Promise.resolve(result ?? []);
  };
  expect(await found(world, play)).toEqual(['wrong']);
  await expect(found(world, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('an actor that waits in another database is not taken for one of the same name here', async () => {
  const beside = await createDatabase();
  await beside.query('create table public.held ()');
  const [holder, waiter] = await Promise.all([
    openPool(beside.url, { max: 1, applicationName: 'A' }),
    openPool(beside.url, { max: 1, applicationName: 'B' }),
  ]);
  const client = await holder.connect();
  await client.query('begin; lock table public.held');
  const reading = waiter.query('select from public.held').catch(() => {});
  const there = `select from pg_stat_activity a where a.datname = '${beside.name}' and a.application_name = 'B' and a.wait_event_type = 'Lock'`;
  await until(async () => (await world.database.query(there)).length > 0, {
    message: 'B to wait in the other database',
  });
  const own = {
    name: 'B',
    applications: ['B'],
    run: async () => void (await world.pool.query('select pg_sleep(0.3)')),
  };
  const { waited } = await play(world.pool, [own], ['B']);
  client.release(true);
  await reading;
  await Promise.all([holder.end(), waiter.end()]);
  await beside.drop();
  expect(waited).toEqual(new Map());
});

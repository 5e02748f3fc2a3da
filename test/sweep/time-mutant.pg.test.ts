/** Every rule of time is needed: without it a schedule ends wrong, with it the same schedule ends exact. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { found } from '../race/schedule.ts';
import { copyWith, removeCopies } from '../support/edited-copy.ts';
import { mutations } from './time-mutation.ts';
import * as scenarios from './time-scenario.ts';
import { createTimedWorld, type TimedWorld } from './timed-world.ts';

const { Found, ...all } = scenarios;

/** What is wrong after the scenario. */
async function outcome(timed: TimedWorld, name: keyof typeof all): Promise<readonly string[]> {
  try {
    await all[name](timed);
  } catch (error) {
    if (error instanceof Found) return [error.message];
    throw error;
  }
  return timed.world.wrong();
}

describe('the protocol as it is passes the scenario', () => {
  let timed: TimedWorld;
  beforeAll(async () => {
    timed = await createTimedWorld();
  });
  afterAll(() => timed?.end());

  test.each(Object.keys(all) as (keyof typeof all)[])('%s', async (name) => {
    expect(await outcome(timed, name)).toEqual([]);
  });
});

describe('the protocol without a rule fails its scenario', () => {
  afterAll(removeCopies);

  test.each(mutations)('$name', async ({ name, edits, scenario }) => {
    const timed = await createTimedWorld(copyWith({ name: `time ${name}`, edits }));
    try {
      expect(await found(timed.world, () => outcome(timed, scenario))).not.toEqual([]);
    } finally {
      await timed.end();
    }
  });
});

/** Every rule of the protocol is needed: without it a schedule ends wrong, with it the same schedule ends exact. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlState, UNIQUE_VIOLATION } from '../../src/base/error.ts';
import { copyWith, removeCopies } from '../support/edited-copy.ts';
import { castOf, type Cast } from '../support/world-actor.ts';
import { loadCode } from '../support/world-code.ts';
import { naiveCapture, plainCapture } from '../support/world-schema.ts';
import { createWorld, type World } from '../support/world.ts';
import { mutations } from './rule-mutation.ts';
import { found } from './schedule.ts';
import * as scenarios from './scenario.ts';

const { Found, ...all } = scenarios;

/** What is wrong after the scenario. */
async function outcome(world: World, cast: Cast, name: keyof typeof all): Promise<readonly string[]> {
  try {
    await all[name](world, cast);
  } catch (error) {
    if (error instanceof Found) return [error.message];
    // A member that is written twice is as wrong, though Postgres does not let it happen.
    if (error instanceof Error && sqlState(error.cause) === UNIQUE_VIOLATION) return [error.message];
    throw error;
  }
  return world.wrong();
}

describe('the schedule ends exact', () => {
  let world: World;
  let cast: Cast;
  beforeAll(async () => {
    world = await createWorld();
    cast = castOf(world);
  });
  afterAll(() => world.end());

  test.each(Object.keys(all) as (keyof typeof all)[])('%s', async (name) => {
    expect(await found(world, () => outcome(world, cast, name))).toEqual([]);
  });
});

describe('the schedule ends wrong when a rule is taken out', () => {
  afterAll(removeCopies);

  test.each(mutations)('$name', async ({ name, edits, scenario, capture }) => {
    const code = await loadCode(edits.length > 0 ? copyWith({ name, edits }) : undefined);
    const change = capture === undefined ? undefined : naiveCapture[capture];
    const world = await createWorld({ code, capture: ({ pool }) => plainCapture(pool, change) });
    try {
      const cast = castOf(world);
      expect(await found(world, () => outcome(world, cast, scenario))).not.toEqual([]);
    } finally {
      await world.end();
    }
  });

  test('every schedule catches the removal of some rule', () => {
    const used = new Set(mutations.map((mutation) => mutation.scenario));
    expect(Object.keys(all).filter((name) => !used.has(name as keyof typeof all))).toEqual([]);
  });
});

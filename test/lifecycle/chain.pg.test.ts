/** Chains and cycles that callers write at once: only versions that break the rule are rejected, and validated again when others change. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { editSegment } from '../../src/segment/edit-segment.ts';
import { createEvents } from '../../src/worker/event.ts';
import { Keeper } from '../../src/worker/keeper.ts';
import { CONFIG } from '../support/world-config.ts';
import { adult, spanish, within, without, type Meaning } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { createTurns } from '../../src/base/turn.ts';
import { silentSignals } from '../support/signals.ts';

let world: World;
let keeper: Keeper;
beforeAll(async () => {
  world = await createWorld();
  const pool = await world.workerPool('keeper');
  const registry = new world.code.Registry(await resolveCatalogue(world.pool, CONFIG));
  keeper = new Keeper(pool, registry, {
    events: createEvents(),
    signals: silentSignals({ hasCatalogueChanged: async () => true }),
    inTurn: createTurns(),
    connections: 1,
  });
});
beforeEach(() => world.begin(PEOPLE, { s0: spanish }));
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 40)`;
const read = (n: number): Meaning => (n % 2 === 0 ? without(`s${n - 1}`) : within(`s${n - 1}`));
const chain = (numbers: readonly number[]): Readonly<Record<string, Meaning>> =>
  Object.fromEntries(numbers.map((n) => [`s${n}`, read(n)]));

/** As the worker does, until nothing is left to validate and build. */
async function keep(): Promise<void> {
  for (let look = 0; look < 4; look += 1) await keeper.once();
  await world.settle();
}

async function stateOf(...keys: string[]): Promise<readonly (string | undefined)[]> {
  return Promise.all(keys.map(async (key) => (await world.state(key)).state));
}

const CHAIN = [1, 2, 3, 4, 5, 6];
const KEYS = CHAIN.map((n) => `s${n}`);

test.each([
  ['upwards', CHAIN],
  ['downwards', CHAIN.toReversed()],
  ['in any order', [3, 6, 1, 5, 2, 4]],
])('of a chain six deep, written at once %s, only the sixth segment is rejected', async (_, numbers) => {
  // One transaction, for those that are read must be there.
  const values = numbers.map((n) => `('s${n}', '${JSON.stringify(read(n).condition)}')`);
  await world.pool.query(`insert into segmentd.segment (key, condition) values ${values.join(', ')}`);
  await world.settle();
  expect(await stateOf(...KEYS)).toEqual(['live', 'live', 'live', 'live', 'live', 'invalid']);
  expect(await world.state('s6')).toMatchObject({
    error: { issues: [{ code: 'too-deep', message: expect.stringContaining('s6 → s5 → s4 → s3 → s2 → s1 → s0') }] },
  });
});

test('a segment may be edited although a rejected reader would become too deep', async () => {
  await world.want(chain(CHAIN));
  await keep();
  await editSegment(world.pool, world.catalogue, 's5', {
    condition: { and: [within('s4').condition, adult.condition] },
  });
  await keep();
  expect(await stateOf('s5', 's6')).toEqual(['live', 'invalid']);
});

test('a version rejected as too deep is accepted when the chain below it is shorter', async () => {
  await world.want(chain(CHAIN));
  await keep();
  await world.want({ s1: adult });
  await keep();
  expect(await stateOf(...KEYS)).toEqual(KEYS.map(() => 'live'));
  await world.exact();
});

test('a version rejected at the foot of a chain is accepted when the reader at the top is deleted', async () => {
  await world.want({ ...chain([1, 2, 3, 4, 5]), side: adult });
  await keep();
  await world.want({
    s0: {
      condition: { and: [spanish.condition, within('side').condition] },
      sql: `${spanish.sql} and ${within('side').sql}`,
    },
  });
  await keep();
  expect(await world.state('s0')).toMatchObject({
    state: 'live',
    live_version: 1,
    error: { issues: [{ code: 'too-deep' }] },
  });
  await world.pool.query(`delete from segmentd.segment where key = 's5'`);
  await keep();
  expect(await world.state('s0')).toMatchObject({ state: 'live', live_version: 2, error: null });
  await world.exact();
});

test('of two edits that close a cycle together, one is rejected and the other goes live', async () => {
  await world.want({ a: spanish, b: adult });
  await keep();
  await world.want({ a: within('b'), b: without('a') });
  await keep();
  const both = await Promise.all(['a', 'b'].map((key) => world.state(key)));
  expect(both.map(({ live_version }) => live_version).toSorted()).toEqual([1, 2]);
  expect(both.find(({ live_version }) => live_version === 1)).toMatchObject({
    state: 'live',
    error: { issues: [{ code: 'cycle' }] },
  });
  await world.exact();
});

test('a cycle written at once is rejected whole, and the rest of it accepted when one end is edited', async () => {
  await world.pool.query(
    `insert into segmentd.segment (key, condition) values ('x', '{"in_segment":["y"]}'), ('y', '{"in_segment":["x"]}')`,
  );
  await keep();
  expect(await stateOf('x', 'y')).toEqual(['invalid', 'invalid']);
  await world.want({ x: adult });
  await keep();
  expect(await stateOf('x', 'y')).toEqual(['live', 'live']);
  expect(await world.members('y')).toEqual(await world.members('x'));
});

test('a version rejected for a missing segment is accepted when that segment exists', async () => {
  await world.want({ reader: within('later') });
  await keep();
  expect(await world.state('reader')).toMatchObject({
    state: 'invalid',
    error: { issues: [{ code: 'unknown-segment' }] },
  });
  await world.want({ later: adult });
  await keep();
  expect(await stateOf('reader', 'later')).toEqual(['live', 'live']);
  await world.exact();
});

test('a rejected version is not validated again while no segment changes', async () => {
  await world.want(chain(CHAIN));
  await keep();
  const versions = async () =>
    (
      await world.pool.query(
        'select v.segment_id, v.version, v.xmin::text as xmin from segmentd.segment_version v order by 1, 2',
      )
    ).rows;
  const before = await versions();
  await keep();
  expect(await versions()).toEqual(before);
});

/** Which builds are owed, when some that are wanted cannot begin. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { owedBuilds } from '../../src/rebuild/owed.ts';
import { Registry } from '../../src/followed/registry.ts';
import { spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

const owedKeys = async (limit: number): Promise<string[]> =>
  (await owedBuilds(world.pool, new Registry(world.catalogue), [], limit)).map(({ key }) => key);

test('a build that waits for another segment does not hold up those that were asked for after it', async () => {
  await world.begin(`insert into contacts (id, country) values (1, 'ES')`);
  await world.pool.query(
    `insert into segmentd.segment (key, condition, wanted_state) values ('never', 'true', 'paused')`,
  );
  await world.pool.query(
    `insert into segmentd.segment (key, condition) select 'waiting' || n, '{"in_segment": ["never"]}' from generate_series(1, 101) n`,
  );
  await world.want({ fresh: spanish });
  while ((await world.code.acceptVersions(world.pool, world.catalogue)) > 0);
  await world.code.carryOutRequests(world.pool, new Registry(world.catalogue));

  expect(await owedKeys(1)).toEqual(['fresh']);
  expect(await owedKeys(100)).toEqual(['fresh']);
});

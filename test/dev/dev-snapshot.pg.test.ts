/** The numbers of the live view: what moved, and not the members that a segment began with. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { snapshotReader } from '../../src/dev/dev-snapshot.ts';
import type { ViewSegment } from '../../src/dev/view/view-model.ts';
import { CONFIG, createWorld, type World } from '../cli/cli-world.ts';

let world: World;
let read: () => Promise<ViewSegment | undefined>;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
  await world.ok(
    'create',
    'spain',
    '--condition',
    await world.file('spain.json', { '==': [{ var: 'country' }, 'ES'] }),
  );
  await world.ok('run', '--once');
  const { pool } = world.database;
  const snapshot = snapshotReader(pool, await resolveCatalogue(pool, parseConfig(CONFIG, 'the test')));
  read = async () => (await snapshot()).segments[0];
});
afterAll(() => world.end());

test('the first build is no traffic; a change and a later edit are', async () => {
  expect(await read()).toMatchObject({ key: 'spain', members: 2, entered: 0, left: 0 });
  await world.database.query(`update public.contacts set country = 'ES' where id = 2`);
  await world.ok('run', '--once');
  expect(await read()).toMatchObject({ members: 3, entered: 1, left: 0 });
  await world.ok('edit', 'spain', '--condition', await world.file('all.json', true), '--yes');
  await world.ok('run', '--once');
  expect(await read()).toMatchObject({ members: 4, entered: 2, left: 0 });
});

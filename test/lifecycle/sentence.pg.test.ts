/** The English sentence that is stored with each version: who writes it, when, and what it follows. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSegmentd } from '../../src/index.ts';
import { revalidate } from '../../src/lifecycle/revalidate.ts';
import { french, spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());
beforeEach(() => world.begin(`insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30)`));

const sentences = async (key = 'one'): Promise<(string | null)[]> =>
  (
    await world.database.query<{ sentence: string | null }>(
      'select v.sentence from segmentd.segment_version v join segmentd.segment s on s.id = v.segment_id where s.key = $1 order by v.version',
      [key],
    )
  ).map(({ sentence }) => sentence);
const status = async (key = 'one') =>
  (
    await world.database.query<{ sentence: string | null }>(
      'select sentence from segmentd.segment_status where key = $1',
      [key],
    )
  )[0]?.sentence;

test('a version that plain SQL wrote has a sentence once it is validated', async () => {
  await world.want({ one: spanish });
  expect(await sentences()).toEqual([null]);
  expect(await status()).toBe(null);
  await world.settle();
  const [said] = await sentences();
  expect(said).toMatch(/country.*ES/i);
  expect(await status()).toBe(said);
  await world.want({ one: french });
  await world.code.acceptVersions(world.pool, world.catalogue);
  // The wanted version has its own; the status still shows the live one.
  expect(await sentences()).toEqual([said, expect.stringMatching(/country.*FR/i)]);
  expect(await status()).toBe(said);
  await world.settle();
  expect(await status()).toMatch(/FR/);
});

test('a version that does not fit has none; a static segment and a snapshot say what they are', async () => {
  await world.pool.query(`insert into segmentd.segment (key, kind, condition) values
    ('bad', 'dynamic', '{"==":[{"var":"contry"},"FR"]}'), ('list', 'static', null), ('shot', 'snapshot', '{"==":[{"var":"country"},"ES"]}')`);
  await world.settle();
  expect(await sentences('bad')).toEqual([null]);
  expect(await sentences('list')).toEqual(['contacts that were added']);
  const shot = await sentences('shot');
  expect(shot).toEqual([expect.stringMatching(/country.*ES/i)]);
  // The build has dropped its condition. The sentence stays.
  await revalidate(world.pool, world.catalogue);
  expect(await sentences('shot')).toEqual(shot);
});

test('versions without a sentence get it when a worker starts, and wanted and live ones follow the catalogue', async () => {
  await world.want({ one: spanish });
  await world.settle();
  await world.want({ one: french });
  await world.settle();
  const said = await sentences();
  await world.pool.query('update segmentd.segment_version set sentence = null');
  await revalidate(world.pool, world.catalogue);
  expect(await sentences()).toEqual(said);
  await world.pool.query(`update segmentd.segment_version set sentence = 'other words'`);
  await revalidate(world.pool, world.catalogue);
  expect(await sentences()).toEqual(['other words', said[1]]);
  const rows = () => world.database.query('select xmin::text from segmentd.segment_version order by version');
  const before = await rows();
  await revalidate(world.pool, world.catalogue);
  expect(await rows(), 'nothing is written when nothing differs').toEqual(before);
});

test('the library and describe say the same sentence', async () => {
  await world.want({ one: spanish });
  await world.settle();
  const [said] = await sentences();
  await using segmentd = createSegmentd({ databaseUrl: world.url });
  expect((await segmentd.segments.show('one')).sentence).toBe(said);
  expect((await segmentd.segments.list()).map(({ sentence }) => sentence)).toEqual([said]);
  expect((await segmentd.segments.versions('one')).map(({ sentence }) => sentence)).toEqual([said]);
  expect(await segmentd.segments.describe({ key: 'one' })).toBe(said);
});

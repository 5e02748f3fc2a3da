/** The API as a team's own code uses it: inside its transaction, over many pages, disposed by `await using`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, Failure, type Segmentd } from '../src/index.ts';
import { createWorld, type World } from './cli/cli-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
let world: World;
let segmentd: Segmentd;

beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

test('what is written in a transaction goes with it', async () => {
  const client = await world.database.pool.connect();
  try {
    await client.query('begin');
    expect(await segmentd.segments.create({ key: 'undone', condition: SPAIN }, { client })).toMatchObject({
      key: 'undone',
      state: 'building',
    });
    await expect(segmentd.segments.show('undone')).rejects.toThrow(Failure);
    await client.query('rollback');
    await expect(segmentd.segments.show('undone')).rejects.toThrow('There is no segment "undone".');

    await client.query('begin');
    await segmentd.segments.create({ key: 'kept', condition: SPAIN }, { client });
    // a refusal leaves the caller's transaction usable
    await expect(segmentd.segments.create({ key: 'kept', condition: SPAIN }, { client })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(segmentd.segments.edit('kept', { condition: { and: [] } }, { client })).rejects.toMatchObject({
      code: 'usage',
      issues: [{ code: 'empty-group' }],
    });
    await expect(segmentd.segments.delete('absent', { client })).rejects.toMatchObject({ code: 'not-found' });
    await segmentd.segments.edit('kept', { name: 'Kept', tags: ['a'] }, { client });
    await client.query('commit');
    expect(await segmentd.segments.show('kept')).toMatchObject({ name: 'Kept', tags: ['a'], version: 1 });
  } finally {
    client.release();
  }
});

test('a copy takes condition and zone, under its own name', async () => {
  await segmentd.segments.create({
    key: 'madrid',
    name: 'Madrid',
    condition: { in_period: [{ var: 'created_at' }, 'day', 0] },
    timezone: 'Europe/Madrid',
  });
  expect(await segmentd.segments.duplicate('madrid', 'madrid2')).toMatchObject({
    key: 'madrid2',
    name: 'madrid2',
    timezone: 'Europe/Madrid',
    condition: { in_period: [{ var: 'created_at' }, 'day', 0] },
  });
  expect(await segmentd.segments.edit('madrid2', { timezone: '' })).toMatchObject({ timezone: null, version: 2 });
});

test('a worker in the same process, and every member of many pages', async () => {
  await world.database.pool.query(`insert into public.contacts (country) select 'XX' from generate_series(1, 2500)`);
  await segmentd.segments.create({ key: 'many', condition: { '==': [{ var: 'country' }, 'XX'] } });
  await using worker = segmentd.worker();
  await worker.start();
  await segmentd.segments.untilLive('many');
  await segmentd.admin.wait({ key: 'many' });
  const keys: string[] = [];
  for await (const member of segmentd.members.each('many')) keys.push(member.contactId);
  expect(keys).toHaveLength(2_500);
  expect(new Set(keys).size).toBe(2_500);
  expect(keys).toEqual(keys.toSorted((a, b) => Number(a) - Number(b)));
  const some: string[] = [];
  for await (const member of segmentd.members.each('many', { limit: 1_500, after: keys[499] ?? '' }))
    some.push(member.contactId);
  expect(some).toEqual(keys.slice(500, 2_000));
  expect(await segmentd.members.list('many', { limit: 2 })).toMatchObject([
    { contactId: keys[0], enteredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/) },
    { contactId: keys[1] },
  ]);
  await segmentd.segments.rebuild('many');
  await segmentd.segments.untilLive('many');
  expect(await segmentd.admin.verify({ key: 'many' })).toMatchObject([{ key: 'many', missing: [], extra: [] }]);
});

test('waiting for what cannot come ends with the reason', async () => {
  await segmentd.segments.pause('many');
  await expect(segmentd.segments.untilLive('many')).rejects.toThrow('many is paused, so it will not become live.');
  await segmentd.segments.create({ key: 'later', condition: SPAIN });
  await expect(segmentd.segments.untilLive('later', { timeout: 60 })).rejects.toThrow(
    'later is not live after 0.06 s: its state is building. Is a worker running (segmentd run)?',
  );
  await expect(segmentd.segments.untilLive('later', { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
});

test('it needs a database, and no config: the published catalogue counts', async () => {
  expect(() => createSegmentd({})).toThrow('No database is named');
  await using bare = createSegmentd({ pool: world.database.pool });
  expect((await bare.segments.list()).length).toBeGreaterThan(0);
  expect(await bare.segments.create({ key: 'a', condition: { '==': [{ var: 'country' }, 'ES'] } })).toMatchObject({
    key: 'a',
  });
  await bare.segments.delete('a');
  expect(() => bare.worker()).toThrow('needs databaseUrl');
});

/** Two people change one version of a segment: the second reads what the first did, and nothing is lost. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from './cli-world.ts';

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  for (const [name, country] of [
    ['spain', 'ES'],
    ['portugal', 'PT'],
    ['brazil', 'BR'],
  ])
    await world.file(`${name}.json`, { '==': [{ var: 'country' }, country] });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

async function fresh(key: string): Promise<void> {
  expect(await world.run('create', key, '--condition', 'spain.json')).toMatchObject({ code: 0 });
}

test('the second edit of one version is refused, and says what the first did', async () => {
  await fresh('two');
  expect(await world.run('edit', 'two', '--condition', 'portugal.json', '--if-version', '1')).toMatchObject({
    code: 0,
  });
  const second = await world.run('edit', 'two', '--condition', 'brazil.json', '--if-version', '1');
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toMatch(
    /^segmentd: two has version 2, not 1: version 2 is by \S+ at \S+Z \(- Country is ES; \+ Country is PT\)\. Nothing was written\.\n$/,
  );
  expect(await segmentd.segments.show('two')).toMatchObject({
    version: 2,
    condition: { '==': [{ var: 'country' }, 'PT'] },
  });
  const json = await world.run('edit', 'two', '--name', 'x', '--if-version', '1', '--json');
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'conflict' } });
});

test('without it the last one wins, as before', async () => {
  await fresh('last');
  for (const name of ['portugal', 'brazil'])
    expect(await world.run('edit', 'last', '--condition', `${name}.json`)).toMatchObject({ code: 0 });
  expect(await segmentd.segments.show('last')).toMatchObject({ version: 3 });
});

test.each<readonly string[]>([
  ['edit', '--condition', 'brazil.json', '--yes'],
  ['edit', '--name', 'other'],
  ['edit', '--yes'],
  ['edit', '--kind', 'static'],
  ['restore', '--to', '1', '--yes'],
  ['pause'],
  ['archive'],
  ['resume'],
  ['delete'],
])('every verb that changes a segment takes it: %s %s', async (verb = '', ...flags) => {
  const key = `each-${[verb, ...flags].join('-').replace(/[^a-z]/g, '')}`;
  await fresh(key);
  expect(await world.run('edit', key, '--condition', 'portugal.json')).toMatchObject({ code: 0 });
  const before = await segmentd.segments.show(key);
  const refused = await world.run(verb, key, ...flags, '--if-version', '1');
  expect(refused.stderr).toMatch(new RegExp(`^segmentd: ${key} has version 2, not 1: version 2 is by .*Country is PT`));
  expect(refused.code).toBe(1);
  expect(await segmentd.segments.show(key)).toEqual(before);
  expect(await world.run(verb, key, ...flags, '--if-version', '2')).toMatchObject({ code: 0, stderr: '' });
});

test('an edit that a later version overtook is no question of the guard', async () => {
  await fresh('guarded');
  const everyone = { '!': [{ in: [{ var: 'country' }, ['XX']] }] };
  await segmentd.segments.edit('guarded', { condition: { '==': [{ var: 'country' }, 'PT'] } });
  expect(await world.run('run', '--once')).toMatchObject({ code: 0 });
  const strict = { guard: { percent: 0, members: 0 } };
  await expect(segmentd.segments.guardEdit('guarded', { condition: everyone }, strict)).rejects.toThrow(
    /more than 0 %/,
  );
  await expect(
    segmentd.segments.guardEdit('guarded', { condition: everyone }, { ...strict, expectedVersion: 1 }),
  ).rejects.toThrow(/^guarded has version 2, not 1/);
  const flags = ['--guard-percent', '0', '--guard-members', '0', '--condition', 'everyone.json'];
  await world.file('everyone.json', everyone);
  expect(await world.run('edit', 'guarded', ...flags, '--if-version', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes makes the edit'),
  });
  const overtaken = await world.run('edit', 'guarded', ...flags, '--if-version', '1');
  expect(overtaken).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^segmentd: guarded has version 2, not 1/),
  });
  expect(overtaken.stderr).not.toContain('--yes');
});

test('a deleted segment comes back only as the version that was read', async () => {
  await fresh('removed');
  await segmentd.segments.edit('removed', { condition: { '==': [{ var: 'country' }, 'PT'] } });
  await segmentd.segments.delete('removed');
  await expect(segmentd.segments.restore('removed', { expectedVersion: 1 })).rejects.toMatchObject({
    code: 'conflict',
    exitCode: 1,
  });
  expect(await segmentd.segments.restore('removed', { expectedVersion: 2 })).toMatchObject({ wantedState: 'live' });
});

test('of twenty edits of one version at once one passes', async () => {
  await fresh('race');
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, age) =>
      segmentd.segments.edit('race', { condition: { '==': [{ var: 'age' }, age] } }, { expectedVersion: 1 }),
    ),
  );
  expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  for (const one of results)
    if (one.status === 'rejected')
      expect(one.reason).toMatchObject({
        code: 'conflict',
        data: { key: 'race', expected: 1, version: 2, by: [{ version: 2 }] },
      });
  expect(await segmentd.segments.show('race')).toMatchObject({ version: 2 });
});

test('a statement of SQL says it by itself', async () => {
  await fresh('sql');
  const edit = `update segmentd.segment set condition = jsonb_build_object('==', jsonb_build_array(jsonb_build_object('var', 'country'), $1::text)) where key = 'sql' and version = 1`;
  expect((await world.database.pool.query(edit, ['PT'])).rowCount).toBe(1);
  expect((await world.database.pool.query(edit, ['BR'])).rowCount).toBe(0);
});

test('what cannot be a version is refused', async () => {
  await expect(segmentd.segments.edit('sql', { name: 'x' }, { expectedVersion: -1 })).rejects.toMatchObject({
    code: 'usage',
  });
  expect(await world.run('pause', 'sql', '--if-version', 'x')).toMatchObject({ code: 2 });
});

/** `segmentd sql`: what it prints runs as it is, and gives the members. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSegmentd, type SegmentSql } from '../../src/index.ts';
import { createWorld, type World } from './cli-world.ts';

const hasPsql = spawnSync('psql', ['--version']).status === 0;

const CONDITIONS = {
  spain: { '==': [{ var: 'country' }, 'ES'] },
  buyers: {
    and: [
      { in: [{ var: 'country' }, ['ES', 'PT']] },
      { '>=': [{ count: [{ filter: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 90, 'day'] }] }] }, 1] },
    ],
  },
  quoted: { or: [{ '!=': [{ var: 'email' }, `a'\\b"; :x\n--`] }, { has_any: [{ var: 'tags' }, ['a,"b"\\', "c'd"]] }] },
  nested: { and: [{ in_segment: ['spain'] }, { '!': [{ in_segment: ['buyers'] }] }] },
  grown: { '<=': [18, { var: 'age' }, 35] },
} as const;

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.ok('migrate');
  await world.ok('install');
  for (const [key, condition] of Object.entries(CONDITIONS))
    await world.ok('create', key, '--condition', await world.file(`${key}.json`, condition));
  await world.ok('create', 'chosen', '--kind', 'static');
  await world.ok('run', '--once');
  await world.ok('add', 'chosen', '2', '4');
  await world.ok('include', 'spain', '2');
  await world.ok('exclude', 'spain', '1');
  await world.ok('run', '--once');
});
afterAll(() => world.end());

async function members(key: string): Promise<readonly string[]> {
  return (await world.ok('members', key)).split('\n').filter((line) => line !== '');
}

/** What Postgres answers to a script, statement by statement. */
async function rowsOf(script: string): Promise<readonly (readonly Record<string, unknown>[])[]> {
  const results: unknown = await world.database.pool.query(script);
  return (Array.isArray(results) ? results : [results]).map((one: { rows: Record<string, unknown>[] }) => one.rows);
}

describe.each([...Object.keys(CONDITIONS), 'chosen'])('%s', (key) => {
  test('its script gives the members, and those of some contacts that match', async () => {
    const script = await world.ok('sql', key, '--contact', '1', '2', '3');
    const [rebuild = [], recheck = []] = await rowsOf(script);
    const stored = await members(key);
    expect(rebuild.map((row) => String(row['contact_id'])).toSorted()).toEqual(stored);
    const matching = recheck.filter(({ segments }) => Array.isArray(segments) && segments.length === 1);
    expect(recheck).toHaveLength(3);
    expect(matching.map((row) => String(row['contact_id'])).toSorted()).toEqual(stored.filter((one) => one !== '4'));
    for (const line of script.split('\n').filter((one) => !one.startsWith('--'))) expect(line.length).toBeLessThan(140);
  });

  test('its JSON has the text and its params', async () => {
    const found = (await world.json('sql', key)) as SegmentSql;
    expect(found).toMatchObject({ key, version: 1, description: expect.stringMatching(/./) });
    const { rows } = await world.database.pool.query(found.rebuild.text, [...found.rebuild.params]);
    const stored = await members(key);
    expect(rows.map((row: { contact_id: unknown }) => String(row.contact_id)).toSorted()).toEqual(stored);
    const checked = await world.database.pool.query(found.recheck.text, [...found.recheck.params]);
    expect(checked.rowCount).toBe(3);
  });

  test.skipIf(!hasPsql)('psql runs its script', async () => {
    const script = await world.ok('sql', key);
    const { status, stdout, stderr } = spawnSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', world.database.url], {
      input: script,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const ids = stdout.split('\n').filter((line) => /^\d+$/.test(line));
    expect(ids.toSorted()).toEqual(await members(key));
  });
});

test('a person reads what it is of', async () => {
  expect(await world.ok('sql', 'buyers')).toMatch(
    /^-- buyers, version 1: \(Country is ES or PT\) and has orders.*\n-- Rebuild: all members\.\nselect /,
  );
  expect(await world.ok('sql', '--condition', 'quoted.json')).toMatch(/^-- Email is not "a'\\\\b\\"; :x\\n--" \(or/);
});

test('a condition that is not saved, and the library', async () => {
  const script = await world.ok('sql', '--condition', 'grown.json');
  const [rebuild = []] = await rowsOf(script);
  expect(rebuild.map((row) => String(row['contact_id'])).toSorted()).toEqual(await members('grown'));
  await using segmentd = createSegmentd({
    databaseUrl: world.database.url,
    config: `${world.folder}/segmentd.yaml`,
  });
  const { rebuild: own, key, version } = await segmentd.segments.sql('grown');
  expect({ key, version }).toEqual({ key: 'grown', version: 1 });
  expect(script).toContain(`${own.sql};\n`);
});

test('a reader may run it', async () => {
  const script = await world.ok('sql', 'buyers');
  await world.database.pool.query(
    `do $$ begin create role sql_test_reader; exception when duplicate_object then null; end $$`,
  );
  const client = await world.database.pool.connect();
  try {
    await client.query(
      `begin; grant segmentd_reader to sql_test_reader; grant select on public.contacts, public.orders to sql_test_reader; set local role sql_test_reader`,
    );
    const results: unknown = await client.query(script);
    expect(results).toHaveLength(2);
  } finally {
    await client.query('rollback');
    client.release();
    await world.database.pool.query('drop role sql_test_reader');
  }
});

test.each([
  [['sql'], /Give either the key of a segment or --condition FILE/],
  [['sql', 'spain', '--condition', 'grown.json'], /Give either/],
  [['sql', 'spian'], /did you mean `spain`/],
  [['sql', 'spain', '--contact', 'x'], /"x" cannot be the key of a contact here/],
])('%j is refused', async (argv, sentence) => {
  const { code, stdout, stderr } = await world.run(...argv);
  expect({ code: code > 0, stdout }).toEqual({ code: true, stdout: '' });
  expect(stderr).toMatch(sentence);
});

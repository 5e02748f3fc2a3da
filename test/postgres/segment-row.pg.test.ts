/** segmentd.segment by plain SQL: what the triggers make of an INSERT, an UPDATE, a DELETE by a role that is not the worker. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createListener, type Listener } from '../../src/postgres/listen.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let listener: Listener;
let rings = 0;
let me: string;
beforeAll(async () => {
  database = await createDatabase({ template: 'migrated' });
  me = decodeURIComponent(new URL(database.url).username);
  listener = createListener(database.url, {
    onRing: () => (rings += 1),
    onConnected: () => {},
    onError: (error) => {
      throw error;
    },
  });
  await listener.start();
});
afterAll(async () => {
  await listener.stop();
  await database.drop();
});

async function asWorker(text: string): Promise<void> {
  await database.query(`begin; set local segmentd.worker = 'on'; ${text}; commit`);
}

beforeEach(() => asWorker('delete from segmentd.segment; delete from segmentd.segment_version'));

const row = async (key: string) => (await database.query('select * from segmentd.segment where key = $1', [key]))[0];
const versions = () =>
  database.query(
    'select version, condition, timezone, state, created_by from segmentd.segment_version order by version',
  );

test('an insert is version 1, named after its key, and rings', async () => {
  const before = rings;
  await database.query(`insert into segmentd.segment (key, condition, state, version, live_version, error, frozen_at)
    values ('a', 'true', 'live', 9, 9, '{}', now())`);
  expect(await row('a')).toMatchObject({
    name: 'a',
    state: 'building',
    version: 1,
    live_version: null,
    error: null,
    frozen_at: null,
    wanted_state: 'live',
  });
  expect(await versions()).toEqual([
    { version: 1, condition: true, timezone: null, state: 'proposed', created_by: me },
  ]);
  await until(() => rings > before);
});

test('the version rises with condition, zone and kind, and with nothing else', async () => {
  await database.query(`insert into segmentd.segment (key, condition) values ('a', '{"==":[{"var":"x"},1]}')`);
  const step = async (set: string): Promise<unknown> => {
    await database.query(`update segmentd.segment set ${set} where key = 'a'`);
    return (await row('a'))?.['version'];
  };
  expect(await step(`name = 'A', description = 'd', tags = '{x}'`)).toBe(1);
  expect(await step(`condition = '{"==": [{"var": "x"}, 1]}'`)).toBe(1);
  expect(await step(`condition = 'false'`)).toBe(2);
  expect(await step(`timezone = 'Europe/Madrid'`)).toBe(3);
  expect(await step(`version = 77`)).toBe(3);
  expect(await step(`kind = 'snapshot'`)).toBe(4);
  expect(await step(`wanted_state = 'paused'`)).toBe(4);
  expect((await versions()).map((version) => [version['version'], version['condition'], version['timezone']])).toEqual([
    [1, { '==': [{ var: 'x' }, 1] }, null],
    [2, false, null],
    [3, false, 'Europe/Madrid'],
    [4, false, 'Europe/Madrid'],
  ]);
});

test("the worker's columns are the worker's", async () => {
  await database.query(`insert into segmentd.segment (key, condition) values ('a', 'true')`);
  await asWorker(`update segmentd.segment set state = 'live', live_version = 1 where key = 'a'`);
  const before = await row('a');
  await database.query(
    `update segmentd.segment set state = 'failed', live_version = 5, error = '{}', frozen_at = now() where key = 'a'`,
  );
  expect(await row('a')).toMatchObject({ state: 'live', live_version: 1, error: null, frozen_at: null });
  await asWorker(`update segmentd.segment set state = 'failed', error = '{"code":"x"}' where key = 'a'`);
  expect(await row('a')).toMatchObject({ state: 'failed', error: { code: 'x' }, version: before?.['version'] });
});

test('a delete is a request, the worker really deletes', async () => {
  await database.query(`insert into segmentd.segment (key, condition) values ('a', 'true')`);
  await database.query(`delete from segmentd.segment where key = 'a'`);
  expect(await row('a')).toMatchObject({ wanted_state: 'deleted', state: 'building' });
  await asWorker(`delete from segmentd.segment where key = 'a'`);
  expect(await row('a')).toBeUndefined();
});

test('what makes no sense is refused by the row itself', async () => {
  await database.query(`insert into segmentd.segment (key, kind) values ('hand-made', 'static')`);
  for (const [text, said] of [
    [`insert into segmentd.segment (key) values ('a')`, 'needs a condition'],
    [`update segmentd.segment set kind = 'dynamic' where key = 'hand-made'`, 'needs a condition'],
    [`update segmentd.segment set key = 'other' where key = 'hand-made'`, 'cannot be changed'],
    [`insert into segmentd.segment (key, condition) values ('no spaces', 'true')`, 'segment_key_plain'],
    [`truncate segmentd.segment`, 'cannot be truncated'],
  ] as const) {
    await expect(database.query(text), text).rejects.toThrow(said);
  }
});

test('a role that may only insert segments can insert one', async () => {
  const role = `marketing_${database.name}`;
  await database.query(
    `create role ${role}; grant usage on schema segmentd to ${role}; grant insert, select, update on segmentd.segment to ${role}`,
  );
  try {
    await database.query(
      `begin; set local role ${role}; insert into segmentd.segment (key, condition) values ('m', 'true'); commit`,
    );
    expect(await versions()).toMatchObject([{ version: 1, created_by: me }]);
  } finally {
    await database.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test('texts that no file could hold are refused when they are written; a row that has them already goes on', async () => {
  const insert = (values: string): Promise<unknown> =>
    database.query(
      `insert into segmentd.segment (key, condition, tags, description, name) values ('replaced', 'true', ${values})`,
    );
  for (const values of [
    `'{a,null}', null, null`,
    `'{""}', null, null`,
    `'{{a},{b}}', null, null`,
    `array[repeat('x', 10001)], null, null`,
    `'{}', repeat('x', 10001), null`,
    `'{}', null, repeat('x', 1001)`,
  ]) {
    await expect(insert(values), values).rejects.toMatchObject({ code: '23514' });
  }
  await insert(`'{a,b}', repeat('é', 10000), repeat('é', 1000)`);
  await database.query(
    "begin; set local session_replication_role = replica; update segmentd.segment set tags = '{a,null}' where key = 'replaced'; commit",
  );
  await database.query(`update segmentd.segment set name = 'other' where key = 'replaced'`);
  await expect(
    database.query(`update segmentd.segment set tags = '{null}' where key = 'replaced'`),
  ).rejects.toMatchObject({
    code: '23514',
  });
  await database.query(`update segmentd.segment set tags = '{a}' where key = 'replaced'`);
});

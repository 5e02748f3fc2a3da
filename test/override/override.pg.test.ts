/** Static segments, snapshots, includes and excludes, by plain SQL: membership ends as the overrides say. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adult, spanish, within } from '../support/world-meaning.ts';
import { startWorker } from '../support/world-worker.ts';
import { until } from '../support/until.ts';
import { createWorld, type World } from '../support/world.ts';

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10), (4, 'FR', 5)`;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

const sql = (text: string) => world.pool.query(text);
const override = (key: string, kind: string, ids: string) =>
  sql(`insert into segmentd.override (segment_id, contact_id, kind) select s.id, c, '${kind}' from segmentd.segment s, unnest('{${ids}}'::bigint[]) c where s.key = '${key}'
       on conflict (segment_id, contact_id) do update set kind = excluded.kind`);
const reset = (key: string, ids: string) =>
  sql(
    `delete from segmentd.override w using segmentd.segment s where s.id = w.segment_id and s.key = '${key}' and w.contact_id = any ('{${ids}}'::bigint[])`,
  );
const events = async (key: string): Promise<string[]> => {
  const { rows } =
    await sql(`select e.contact_id || ' ' || e.kind || ' ' || e.reason as event from segmentd.membership_event e
    join segmentd.segment s on s.id = e.segment_id where s.key = '${key}' and e.reason <> 'edit' order by e.contact_id, e.id`);
  return rows.map((row: { event: string }) => row.event);
};
const settled = async (key: string): Promise<string[]> => {
  await world.settle();
  await world.exact();
  return world.members(key);
};

describe('a static segment', () => {
  beforeEach(async () => {
    await world.begin(PEOPLE);
    await sql(`insert into segmentd.segment (key, kind) values ('hand', 'static')`);
  });

  test('has the contacts that callers add, without those that they remove, with reason manual', async () => {
    await world.settle();
    await override('hand', 'member', '1,2');
    expect(await settled('hand')).toEqual(['1', '2']);
    await reset('hand', '1');
    expect(await settled('hand')).toEqual(['2']);
    expect(await events('hand')).toEqual(['1 entered manual', '1 left manual', '2 entered manual']);
  });

  test('has contacts that were added before its first build', async () => {
    await override('hand', 'member', '3');
    expect(await settled('hand')).toEqual(['3']);
    expect(await events('hand')).toEqual(['3 entered manual']);
  });

  test('loses a deleted contact and its override, and does not get it back with the contact', async () => {
    await override('hand', 'member', '1,2');
    await world.settle();
    await sql('delete from contacts where id = 1');
    expect(await settled('hand')).toEqual(['2']);
    await sql(`insert into contacts (id, country) values (1, 'ES')`);
    expect(await settled('hand')).toEqual(['2']);
  });

  test.each([
    [
      'replaced in one transaction',
      [`begin; delete from contacts where id = 1; insert into contacts (id, country) values (1, 'FR'); commit`],
    ],
    [
      'deleted and back before any drain looks',
      ['delete from contacts where id = 1', `insert into contacts (id, country) values (1, 'FR')`],
    ],
    ['all replaced by an import', [`begin; truncate contacts; ${PEOPLE}; commit`]],
  ])('%s: the contact stays the same one and keeps its override, as a member and in the events', async (_, texts) => {
    await override('hand', 'member', '1,2');
    await world.settle();
    for (const text of texts) await sql(text);
    expect(await settled('hand')).toEqual(['1', '2']);
    expect(await events('hand')).toEqual(['1 entered manual', '2 entered manual']);
  });

  test('loses an override without a contact', async () => {
    await world.settle();
    await override('hand', 'member', '99');
    expect(await settled('hand')).toEqual([]);
    expect((await sql('select from segmentd.override')).rowCount).toBe(0);
  });

  test('is rebuilt, not rechecked, after very many overrides at once; its events say manual', async () => {
    await sql(`insert into contacts (id) select n from generate_series(10, 6010) n`);
    await world.settle();
    await sql(
      `insert into segmentd.override (segment_id, contact_id, kind) select s.id, c.id, 'member' from segmentd.segment s, contacts c where s.key = 'hand'`,
    );
    expect((await sql('select from segmentd_internal.recheck')).rowCount).toBe(0);
    expect(await settled('hand')).toHaveLength(6_005);
    expect(new Set((await events('hand')).map((event) => event.split(' ')[2]))).toEqual(new Set(['manual']));
  });

  test('has readers that follow it', async () => {
    await world.want({ reader: within('hand') });
    await override('hand', 'member', '1');
    expect(await settled('reader')).toEqual(['1']);
    await override('hand', 'member', '2');
    await reset('hand', '1');
    expect(await settled('reader')).toEqual(['2']);
  });

  test('rejects overrides that do not fit its kind', async () => {
    await world.want({ one: spanish });
    await expect(override('hand', 'include', '1')).rejects.toMatchObject({ code: '23514' });
    await expect(override('one', 'member', '1')).rejects.toMatchObject({ code: '23514' });
    await expect(
      sql(`insert into segmentd.override (segment_id, contact_id, kind) values (987654, 1, 'member')`),
    ).rejects.toMatchObject({ code: '23503' });
    await override('hand', 'member', '1');
    await expect(sql('update segmentd.override set contact_id = 2')).rejects.toMatchObject({ code: '23514' });
    await expect(sql('truncate segmentd.override')).rejects.toMatchObject({ code: '55000' });
  });
});

describe('includes and excludes', () => {
  beforeEach(() => world.begin(PEOPLE, { one: spanish }));

  test('overrule the condition, survive rebuilds and edits, and end when they are deleted', async () => {
    await override('one', 'include', '2');
    await override('one', 'exclude', '1');
    expect(await settled('one')).toEqual(['2', '3']);
    expect(await events('one')).toEqual(['1 left manual', '2 entered manual']);
    await sql(
      `update contacts set country = 'PT' where id in (1, 2, 3); update contacts set country = 'ES' where id = 4`,
    );
    expect(await settled('one')).toEqual(['2', '4']);
    await sql(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
    );
    expect(await settled('one')).toEqual(['2', '4']);
    await world.want({ one: adult });
    expect(await settled('one')).toEqual(['2']);
    await reset('one', '1,2,3,4');
    expect(await settled('one')).toEqual(['1', '2']);
  });

  test('may turn into each other', async () => {
    await override('one', 'exclude', '1');
    expect(await settled('one')).toEqual(['3']);
    await override('one', 'include', '1');
    expect(await settled('one')).toEqual(['1', '3']);
  });

  test('count from the first one on, in the same batch as changes of others', async () => {
    await sql(`update contacts set country = 'ES' where id = 2`);
    await override('one', 'include', '4');
    await override('one', 'exclude', '2');
    expect(await settled('one')).toEqual(['1', '3', '4']);
  });
});

describe('a segment of another kind', () => {
  beforeEach(() => world.begin(PEOPLE, { one: spanish }));

  test('keeps its members from dynamic to static, and no contact enters or leaves', async () => {
    await override('one', 'include', '2');
    await override('one', 'exclude', '3');
    await world.settle();
    await sql(`update segmentd.segment set kind = 'static' where key = 'one'`);
    expect(await settled('one')).toEqual(['1', '2']);
    await sql(`update contacts set country = 'FR'`);
    expect(await settled('one')).toEqual(['1', '2']);
    expect(await events('one')).toEqual(['2 entered manual', '3 left manual']);
    await override('one', 'member', '4');
    expect(await settled('one')).toEqual(['1', '2', '4']);
  });

  test('has contacts that were added before a worker made it static', async () => {
    await sql(`update segmentd.segment set kind = 'static' where key = 'one'`);
    await override('one', 'member', '4');
    expect(await settled('one')).toEqual(['1', '3', '4']);
  });

  test('follows its condition from static to dynamic, and keeps no added member', async () => {
    await sql(`update segmentd.segment set kind = 'static' where key = 'one'`);
    await override('one', 'member', '4');
    await world.settle();
    await expect(sql(`update segmentd.segment set kind = 'dynamic' where key = 'one'`)).rejects.toMatchObject({
      code: '23514',
    });
    await sql(
      `update segmentd.segment set kind = 'dynamic', condition = '${JSON.stringify(spanish.condition)}' where key = 'one'`,
    );
    expect(await settled('one')).toEqual(['1', '3']);
    expect((await sql('select from segmentd.override')).rowCount).toBe(0);
  });

  test('is made once as a snapshot, of a condition or a segment, and rejects changes', async () => {
    await sql(
      `insert into segmentd.segment (key, kind, condition) values ('then', 'snapshot', '{"in_segment": ["one"]}')`,
    );
    expect(await settled('then')).toEqual(['1', '3']);
    await sql(`update contacts set country = 'FR' where id = 1; update contacts set country = 'ES' where id = 2`);
    await sql(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment`,
    );
    expect(await settled('then')).toEqual(['1', '3']);
    expect(await world.members('one')).toEqual(['2', '3']);
    await expect(override('then', 'member', '2')).rejects.toMatchObject({ code: '23514' });
    await expect(reset('then', '1')).rejects.toMatchObject({ code: '23514' });
    await sql('delete from contacts where id = 3');
    expect(await settled('then')).toEqual(['1']);
    // What it was made of is not read any more.
    await sql(`delete from segmentd.segment where key = 'one'`);
    expect(await settled('then')).toEqual(['1']);
    await sql(`update segmentd.segment set kind = 'static' where key = 'then'`);
    await world.settle();
    await override('then', 'member', '4');
    expect(await settled('then')).toEqual(['1', '4']);
  });

  test('is the same snapshot after a deletion and a restore', async () => {
    await sql(
      `insert into segmentd.segment (key, kind, condition) values ('then', 'snapshot', '{"in_segment": ["one"]}')`,
    );
    await world.settle();
    await sql(`delete from segmentd.segment where key = 'then'`);
    expect(await settled('then')).toEqual([]);
    await sql(`update contacts set country = 'FR' where id = 1`);
    await sql(`update segmentd.segment set wanted_state = 'live' where key = 'then'`);
    expect(await settled('then')).toEqual(['1', '3']);
  });
});

test('a running worker deletes an override when it expires', async () => {
  await world.begin(PEOPLE, { one: spanish });
  const worker = await startWorker(world);
  try {
    await sql(
      `insert into segmentd.override (segment_id, contact_id, kind, expires_at) select s.id, 2, 'include', clock_timestamp() + interval '1 second' from segmentd.segment s`,
    );
    await until(async () => (await world.members('one')).includes('2'), {
      timeout: 10_000,
      message: 'the contact to enter',
    });
    await until(async () => !(await world.members('one')).includes('2'), {
      timeout: 10_000,
      message: 'the contact to leave',
    });
    expect(await events('one')).toEqual(['2 entered manual', '2 left time']);
  } finally {
    await worker.stop();
  }
  expect(await settled('one')).toEqual(['1', '3']);
});

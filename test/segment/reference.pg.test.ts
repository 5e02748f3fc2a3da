/** Segments that read segments: a segment that is read cannot be deleted, frozen references are reported, and no two read each other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { staleReferences, staleSentence } from '../../src/segment/stale-reference.ts';
import { untilLive } from '../../src/lifecycle/until-live.ts';
import { freezeSegment } from '../../src/lifecycle/freeze.ts';
import { adult, spanish, within, without, type Meaning } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.end());

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 40)`;
const both = (one: Meaning, other: Meaning): Meaning => ({
  condition: { and: [one.condition, other.condition] },
  sql: `${one.sql} and ${other.sql}`,
});

test.each([
  `delete from segmentd.segment where key = 'spanish'`,
  `update segmentd.segment set wanted_state = 'deleted' where key = 'spanish'`,
  `update segmentd.segment set wanted_state = 'archived' where key = 'spanish'`,
])('plain SQL is rejected, and the error names the readers: %s', async (text) => {
  await world.begin(PEOPLE, { spanish, inside: within('spanish'), outside: without('spanish') });
  await world.pool.query(
    `insert into segmentd_internal.schedule (segment_id, cron, timezone, format, folder) select s.id, '@daily', 'UTC', 'csv', '' from segmentd.segment s where s.key = 'spanish'`,
  );
  const what = text.includes('archived') ? 'archived' : 'deleted';
  await expect(world.pool.query(text)).rejects.toMatchObject({
    code: '55000',
    message: expect.stringMatching(
      new RegExp(`^segment "spanish" cannot be ${what}: it is used by inside, outside and schedule \\d+$`),
    ),
  });
  await world.pool.query('delete from segmentd_internal.schedule');
  await expect(world.pool.query(text)).rejects.toMatchObject({
    message: `segment "spanish" cannot be ${what}: it is used by inside, outside`,
  });
  // Pausing is no harm, and all of them together may go.
  await world.pool.query(`begin; ${text}; delete from segmentd.segment where key in ('inside', 'outside'); commit`);
  await world.settle();
  expect(await world.state('inside')).toMatchObject({ state: 'deleted' });
  expect(await world.state('spanish')).toMatchObject({ state: what });
  await world.exact();
});

test('a segment cannot be deleted while a live version reads it, although an edit that does not waits', async () => {
  await world.begin(PEOPLE, { spanish, inside: within('spanish') });
  await world.want({ inside: adult });
  await expect(world.pool.query(`delete from segmentd.segment where key = 'spanish'`)).rejects.toMatchObject({
    code: '55000',
  });
  await world.settle();
  await world.pool.query(`delete from segmentd.segment where key = 'spanish'`);
  await world.settle();
  await world.exact();
});

test('a cycle by plain SQL is rejected with its path, also when both ends are written at once', async () => {
  await world.begin(PEOPLE, { a: spanish, b: within('a'), c: within('b') });
  await world.want({ a: without('c') });
  await world.settle();
  expect(await world.state('a')).toMatchObject({
    state: 'live',
    version: 2,
    live_version: 1,
    error: { issues: [{ code: 'cycle', message: 'A segment cannot depend on itself: a → c → b → a.' }] },
  });
  await world.pool.query(
    `begin; insert into segmentd.segment (key, condition) values ('x', '{"in_segment":["y"]}'), ('y', '{"in_segment":["x"]}'); commit`,
  );
  await world.settle();
  for (const key of ['x', 'y'])
    expect(await world.state(key)).toMatchObject({ state: 'invalid', error: { issues: [{ code: 'cycle' }] } });
  await world.exact();
});

test('a chain six deep by plain SQL is rejected at the top and at the foot, and five are built in one look', async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 6 }, (_, n) => [
      `s${n}`,
      n === 0 ? spanish : n % 2 === 0 ? without(`s${n - 1}`) : within(`s${n - 1}`),
    ]),
  );
  await world.begin(PEOPLE, { ...chain, side: adult });
  await world.want({ s6: within('s5'), s0: both(spanish, within('side')) });
  await world.settle();
  expect(await world.state('s6')).toMatchObject({ state: 'invalid', error: { issues: [{ code: 'too-deep' }] } });
  expect(await world.state('s0')).toMatchObject({
    state: 'live',
    live_version: 1,
    error: { issues: [{ code: 'too-deep' }] },
  });
  await world.pool.query(`update contacts set country = case country when 'ES' then 'FR' else 'ES' end`);
  await world.settle();
  await world.exact();
  expect(await world.members('s5')).toEqual(await world.members('s4'));
  expect(await world.members('s0')).toEqual(['2']);
});

test('two segments that swap their reference never read each other', async () => {
  await world.begin(PEOPLE, { one: adult, two: without('one') });
  // The edit of `two` is held up: its live version goes on reading `one`.
  await world.want({ two: spanish });
  await world.code.acceptVersions(world.pool, world.catalogue);
  const holder = await world.pool.connect();
  await holder.query('begin');
  await holder.query(`select from segmentd.segment where key = 'two' for update`);
  await world.want({ one: within('two') });
  await world.code.acceptVersions(world.pool, world.catalogue);
  const built = await world.code.rebuildOwed(world.pool, new world.code.Registry(world.catalogue), {
    connections: 2,
    wait: async () => {},
  });
  expect(built).toBe(0);
  expect(await world.state('one')).toMatchObject({ version: 2, live_version: 1 });
  await holder.query('rollback');
  holder.release();
  await world.settle();
  expect(await world.state('one')).toMatchObject({ state: 'live', live_version: 2 });
  expect(await world.members('one')).toEqual(['1', '3']);
  await world.exact();
});

test('the members of a paused or failed segment freeze for its readers, and their status says so', async () => {
  await world.begin(PEOPLE, {
    spanish,
    inside: within('spanish'),
    outside: without('inside'),
    grown: both(adult, without('spanish')),
  });
  const { id } = await world.state('spanish');
  const freeze: Record<string, () => Promise<unknown>> = {
    paused: () => world.pool.query(`update segmentd.segment set wanted_state = 'paused' where key = 'spanish'`),
    failed: () =>
      freezeSegment(
        world.pool,
        id,
        { state: 'failed', error: { code: 'failed', sqlstate: '22012', message: 'division by zero' } },
        'live',
      ),
  };
  for (const [state, stop] of Object.entries(freeze)) {
    await stop();
    await world.settle();
    expect(await world.state('spanish')).toMatchObject({ state });
    await world.pool.query(`update contacts set country = case country when 'ES' then 'FR' else 'ES' end, age = 50`);
    await world.pool.query('insert into contacts (id, country, age) values (9, $1, 40)', ['ES']);
    await world.settle();
    // By what they read as it stands, they are exact.
    await world.exact();
    expect(await world.members('spanish')).toEqual(['1', '3']);
    expect(await world.members('inside')).toEqual(['1', '3']);
    expect(await world.members('grown')).toEqual(['2', '9']);
    const stale = await staleReferences(world.pool);
    expect(stale).toMatchObject([
      { key: 'grown', path: ['grown', 'spanish'], state, since: expect.stringMatching(/^\d{4}-.*Z$/) },
      { key: 'inside', path: ['inside', 'spanish'], state },
      { key: 'outside', path: ['outside', 'inside', 'spanish'], state },
    ]);
    expect((await staleReferences(world.pool, 'outside')).map(staleSentence)).toEqual([
      `outside reads spanish (outside → inside → spanish), which is ${state}: its members are as of ${stale[0]?.since}.`,
    ]);
    // Nor are they fresher than what they read, though everything else of them is.
    const { rows: fresh } = await world.pool.query(
      `select s.key, s.stale, s.fresh_as_of <= $1::timestamptz as as_of_then from segmentd.segment_status s order by s.key`,
      [stale[0]?.since],
    );
    expect(fresh).toEqual(
      ['grown', 'inside', 'outside', 'spanish'].map((key) => ({
        key,
        stale: key === 'spanish' ? [] : ['spanish'],
        as_of_then: true,
      })),
    );
    // A deleted contact leaves all of them all the same.
    await world.pool.query('delete from contacts where id = 9');
    await world.settle();
    await world.exact();
    await world.pool.query(`update segmentd.segment set wanted_state = 'live' where key = 'spanish'`);
    await world.pool.query(`insert into segmentd_internal.rebuild_request (segment_id, reason) values ($1, 'repair')`, [
      id,
    ]);
    await world.settle();
    expect(await world.state('spanish')).toMatchObject({ state: 'live' });
    expect(await staleReferences(world.pool)).toEqual([]);
    expect((await world.pool.query(`select from segmentd.segment_status s where s.stale <> '{}'`)).rowCount).toBe(0);
    expect(await world.members('spanish')).toEqual(['2']);
    await world.exact();
    await world.pool.query(`update contacts set country = case country when 'ES' then 'FR' else 'ES' end`);
    await world.settle();
    await world.exact();
  }
});

test('a first build that waits for a segment that was never built names that segment', async () => {
  await world.begin(PEOPLE);
  await world.want({ waiting: without('wrong') });
  await world.pool.query(
    `insert into segmentd.segment (key, condition) values ('wrong', '{"==":[{"var":"contry"},"ES"]}')`,
  );
  await world.settle();
  expect(await world.state('waiting')).toMatchObject({ state: 'building', live_version: null });
  expect((await staleReferences(world.pool, 'waiting')).map(staleSentence)).toEqual([
    'waiting waits for wrong, which was never built: it is invalid.',
  ]);
  await expect(untilLive(world.pool, 'waiting')).rejects.toMatchObject({
    code: 'failed',
    message: 'waiting waits for wrong, which was never built: it is invalid.',
  });
  await untilLive(world.pool, 'waiting', { standing: true });
  await world.pool.query(
    `insert into segmentd.segment (key, condition, wanted_state) values ('asleep', '{"==":[{"var":"country"},"ES"]}', 'paused')`,
  );
  await world.want({ behind: within('asleep') });
  await world.settle();
  await expect(untilLive(world.pool, 'behind')).rejects.toMatchObject({
    message: 'behind waits for asleep, which was never built: it is paused.',
  });
  await world.want({ wrong: spanish, asleep: spanish });
  await world.pool.query(`update segmentd.segment set wanted_state = 'live' where key = 'asleep'`);
  await world.settle();
  expect(await world.members('waiting')).toEqual(['2']);
  expect(await world.members('behind')).toEqual(['1', '3']);
  expect(await staleReferences(world.pool)).toEqual([]);
  await world.exact();
});

/** The feed: late commits, kills, several readers: nothing missed, nothing out of order for one contact. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeedEvent } from '../../src/feed/event-window.ts';
import { feed, feedPages, type FeedOptions } from '../../src/feed/feed.ts';
import { until } from '../support/until.ts';
import { exportWorld, type ExportWorld } from '../export/export-world.ts';

/** Longer than a transaction of another test runs. */
const PATIENT = { timeout: 120_000 } as const;

let world: ExportWorld;
beforeAll(async () => {
  world = await exportWorld();
});
afterAll(() => world.end());

async function all(options: FeedOptions): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  for await (const event of feed(world.pool, options)) events.push(event);
  return events;
}

const brief = ({ segment, contactId, kind }: FeedEvent): string => `${segment} ${kind} ${contactId}`;

test('a consumer gets what commits after it was made, in order, once', async () => {
  const a = await world.segment('a');
  const b = await world.segment('b');
  await world.move(world.pool, a, [1]);
  expect(await all({ consumer: 'one' })).toEqual([]);
  await world.move(world.pool, a, [2], [1]);
  await world.move(world.pool, b, [1]);
  const events = await all({ consumer: 'one' });
  expect(events.map(brief)).toEqual(['a entered 2', 'a left 1', 'b entered 1']);
  expect(events[0]).toEqual({
    id: expect.stringMatching(/^\d+$/),
    segment: 'a',
    segmentId: a,
    contactId: '2',
    kind: 'entered',
    reason: 'contact',
    version: 1,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/),
  });
  expect(await all({ consumer: 'one' })).toEqual([]);
  // others begin where they like, and take what they like
  expect((await all({ consumer: 'two', from: 'start' })).map(brief)).toEqual([
    'a entered 1',
    'a entered 2',
    'a left 1',
    'b entered 1',
  ]);
  expect((await all({ consumer: 'three', from: 'start', segments: ['b'] })).map(brief)).toEqual(['b entered 1']);
  expect(await all({ consumer: 'three' })).toEqual([]);
  expect((await all({ consumer: 'one', from: 'start', restart: true })).length).toBe(4);
});

test('the feed delivers an event that commits late', async () => {
  const segment = await world.segment('late');
  await all({ consumer: 'late' });
  const late = await world.pool.connect();
  try {
    await late.query('begin');
    await world.move(late, segment, [1]);
    await world.move(world.pool, segment, [2]);
    expect((await all({ consumer: 'late' })).map(brief)).toEqual(['late entered 2']);
    await late.query('commit');
    expect((await all({ consumer: 'late' })).map(brief)).toEqual(['late entered 1']);
  } finally {
    late.release();
  }
});

test('events without an acknowledgement come again', async () => {
  const segment = await world.segment('again');
  await all({ consumer: 'again' });
  await world.move(world.pool, segment, [1, 2, 3, 4, 5]);
  for await (const event of feed(world.pool, { consumer: 'again', pageSize: 2 })) if (event.contactId === '3') break;
  // 3 was being dealt with
  expect((await all({ consumer: 'again', pageSize: 2 })).map(({ contactId }) => contactId)).toEqual(['3', '4', '5']);
  await world.move(world.pool, segment, [], [1, 2, 3]);
  for await (const page of feedPages(world.pool, { consumer: 'again' })) {
    await page.acknowledge(1);
    break;
  }
  let turns = 0;
  for await (const { events, acknowledge } of feedPages(world.pool, { consumer: 'again' })) {
    expect(events.map(({ contactId }) => contactId)).toEqual(['2', '3']);
    if (turns++ > 0) await acknowledge(events.length);
  }
  expect(turns).toBe(2);
});

test('with random writers, consumers and kills every event reaches every consumer, events of a contact in order', async () => {
  const segment = await world.segment('random');
  const readers = ['r1', 'r2', 'r3'].map((consumer) => ({
    consumer,
    got: new Map<string, FeedEvent>(),
    order: new Map<string, bigint>(),
    repeated: 0,
  }));
  for (const { consumer } of readers) await all({ consumer });
  const writers = await Promise.all(Array.from({ length: 4 }, () => world.pool.connect()));
  const open = writers.map(() => false);
  const turn = async (): Promise<void> => {
    const at = randomInt(writers.length);
    const writer = writers[at];
    if (!writer) return;
    if (open[at]) await writer.query(randomInt(6) === 0 ? 'rollback' : 'commit');
    else {
      await writer.query('begin');
      const contacts = Array.from({ length: randomInt(1, 5) }, () => at * 100 + randomInt(10));
      await (randomInt(2) === 0 ? world.move(writer, segment, contacts) : world.move(writer, segment, [], contacts));
    }
    open[at] = !open[at];
  };
  const logged = () =>
    world.database.query<{ id: string }>(
      'select e.id::text from segmentd.membership_event e where e.segment_id = $1 order by e.id',
      [segment],
    );
  const enough = async () => readers.some(({ repeated }) => repeated > 0) && (await logged()).length > 50;
  for (let round = 0; round < 120 || !(await enough()); round += 1) {
    await turn();
    const reader = readers[randomInt(readers.length)];
    if (!reader || randomInt(2) === 0) continue;
    const stopAfter = randomInt(3) === 0 ? randomInt(1, 6) : Infinity;
    const kill = randomInt(4) === 0;
    try {
      for await (const { events, acknowledge } of feedPages(world.pool, {
        consumer: reader.consumer,
        pageSize: randomInt(1, 6),
        segments: ['random'],
      })) {
        for (const event of events) {
          if (reader.got.has(event.id)) reader.repeated += 1;
          else {
            expect(BigInt(event.id)).toBeGreaterThan(reader.order.get(event.contactId) ?? 0n);
            reader.order.set(event.contactId, BigInt(event.id));
            reader.got.set(event.id, event);
          }
        }
        if (randomInt(3) === 0) await turn();
        if (kill && randomInt(3) === 0) throw new Error('killed');
        await acknowledge(randomInt(3) === 0 ? randomInt(events.length + 1) : events.length);
        if (reader.got.size > stopAfter * 20) break;
      }
    } catch (error) {
      expect(error).toMatchObject({ message: 'killed' });
    }
  }
  for (const [at, writer] of writers.entries()) {
    if (open[at]) await writer.query('commit');
    writer.release();
  }
  const log = await logged();
  for (const reader of readers) {
    for (const event of await all({ consumer: reader.consumer, segments: ['random'] })) reader.got.set(event.id, event);
    expect([...reader.got.keys()].sort((a, b) => Number(a) - Number(b))).toEqual(log.map(({ id }) => id));
  }
  expect(log.length).toBeGreaterThan(50);
  expect(readers.reduce((sum, { repeated }) => sum + repeated, 0)).toBeGreaterThan(0);
}, 60_000);

describe('a consumer that follows', () => {
  test('gets new events, outlives its connection, and ends with the signal', async () => {
    const segment = await world.segment('follow');
    const ending = new AbortController();
    const heard: string[] = [];
    const work = (async () => {
      for await (const event of feed(world.pool, {
        consumer: 'follower',
        follow: true,
        signal: ending.signal,
        pollInterval: 5,
        segments: ['follow'],
      }))
        heard.push(event.contactId);
    })();
    const made = () => world.database.query(`select from segmentd_internal.feed_consumer where name = 'follower'`);
    await until(async () => (await made()).length === 1);
    await world.move(world.pool, segment, [1]);
    // The feed reads behind no transaction that runs, also of the other tests on this server.
    await until(() => heard.length === 1, PATIENT);
    await world.pool.query(
      `select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory' and l.classid = 7366 and l.database = (select oid from pg_database where datname = current_database())`,
    );
    await world.move(world.pool, segment, [2]);
    await until(() => heard.includes('2'), PATIENT);
    await expect(all({ consumer: 'follower' })).rejects.toMatchObject({
      code: 'conflict',
      message: 'Another process is reading the feed of "follower" right now.',
    });
    ending.abort();
    await work;
    expect(new Set(heard)).toEqual(new Set(['1', '2']));
    expect(await all({ consumer: 'follower' })).toEqual([]);
  }, 300_000);

  test('gets a page again when its connection breaks before the acknowledgement', async () => {
    const segment = await world.segment('broken');
    await all({ consumer: 'breaker' });
    await world.move(world.pool, segment, [1]);
    const ending = new AbortController();
    const heard: string[][] = [];
    for await (const { events, acknowledge } of feedPages(world.pool, {
      consumer: 'breaker',
      follow: true,
      signal: ending.signal,
      pollInterval: 5,
      segments: ['broken'],
    })) {
      heard.push(events.map(({ contactId }) => contactId));
      if (heard.length === 1)
        await world.pool.query(
          `select pg_terminate_backend(l.pid, 30000) from pg_locks l where l.locktype = 'advisory' and l.classid = 7366 and l.database = (select oid from pg_database where datname = current_database())`,
        );
      await acknowledge(events.length);
      if (heard.length === 2) ending.abort();
    }
    expect(heard).toEqual([['1'], ['1']]);
    expect(await all({ consumer: 'breaker' })).toEqual([]);
  }, 300_000);
});

test('the feed refuses a consumer in one sentence', async () => {
  await expect(all({ consumer: '' })).rejects.toMatchObject({ code: 'usage' });
  await expect(all({ consumer: 'x', segments: ['unknown'] })).rejects.toMatchObject({ code: 'not-found' });
  await expect(
    all({ consumer: 'x', from: { snapshot: 'nonsense', asOf: '2024-01-01T00:00:00Z' } }),
  ).rejects.toMatchObject({ code: 'usage', message: 'The manifest names no snapshot to begin behind.' });
  await expect(all({ consumer: 'x', from: { snapshot: '1:1:', asOf: 'nonsense' } })).rejects.toMatchObject({
    code: 'usage',
  });
  await all({ consumer: 'foreign' });
  await world.pool.query(
    `update segmentd_internal.feed_consumer set snapshot = '900000000:900000000:' where name = 'foreign'`,
  );
  await expect(all({ consumer: 'foreign' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('of another server'),
  });
  expect(await all({ consumer: 'foreign', restart: true })).toEqual([]);
  await world.pool.query(`update segmentd_internal.installation set events_since = now() + interval '1 day'`);
  try {
    await expect(all({ consumer: 'foreign' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('no longer reaches back'),
    });
  } finally {
    await world.pool.query('update segmentd_internal.installation set events_since = null');
  }
});

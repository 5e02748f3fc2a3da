/** `/events/stream` over a real socket, with a worker: what a page hears, also after its connection was cut, and when the stream ends. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { MOST_STREAMS } from '../../src/http/open-stream.ts';
import { createPageServer, type PageServer } from '../../src/http/page-server.ts';
import { createSegmentd, type PageChange, type Segmentd, type Worker } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';
import { openEvents, type EventClient } from './event-client.ts';

let world: World;
let segmentd: Segmentd;
let server: PageServer;
let worker: Worker;
let token: string;
beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  await segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
  await segmentd.segments.create({ key: 'portugal', condition: { '==': [{ var: 'country' }, 'PT'] } });
  worker = segmentd.worker();
  await worker.start();
  await segmentd.segments.untilLive('spain');
  await segmentd.segments.untilLive('portugal');
  server = newServer();
  await server.start();
  token = await segmentd.access.addToken({ name: 'page', role: 'viewer' });
});
afterAll(async () => {
  await server.stop();
  await worker.stop();
  await segmentd.close();
  await world.end();
});

const newServer = (): PageServer =>
  createPageServer({
    segmentd,
    at: { host: '127.0.0.1', port: 0 },
    log: createLog({ level: 'error' }),
    owner: { name: 'ana', role: 'admin' },
  });
const listen = (lastId?: string, bearer = token): Promise<EventClient> =>
  openEvents(`${server.url ?? ''}/api/v1/events/stream`, { authorization: `Bearer ${bearer}` }, lastId);
const changesIn = ({ events }: EventClient): readonly PageChange[] =>
  events.filter(({ event }) => event === 'change').map(({ data }) => data as PageChange);
const hears = (client: EventClient, key: string, kind: string): Promise<boolean> =>
  until(
    () => changesIn(client).some(({ segments, kinds }) => segments?.includes(key) && kinds.some((one) => one === kind)),
    { message: `${kind} of ${key}` },
  );

describe('a page hears', () => {
  test('that it is open, and how fresh membership is', async () => {
    const page = await listen();
    await until(() => page.events.length > 1);
    expect(page.events[0]).toEqual({ event: 'ready', data: {} });
    await until(() => page.events.some(({ event }) => event === 'fresh'));
    expect(page.events.find(({ event }) => event === 'fresh')?.data).toEqual({
      at: expect.stringMatching(/Z$/),
      fresh_as_of: expect.stringMatching(/Z$/),
      reachable: true,
    });
    expect(page.lastId).toMatch(/^[\w-]{8}-\d+$/);
    await page.cut();
  });

  test('that a member left: by the row, the worker and the poll', async () => {
    const page = await listen();
    await world.database.query(`update public.contacts set country = 'PT' where id = 1`);
    await hears(page, 'spain', 'members');
    await hears(page, 'portugal', 'members');
    expect(await segmentd.members.list('spain')).toMatchObject([{ contactId: '3' }]);
    await page.cut();
  });

  test.each<readonly [string, () => Promise<unknown>]>([
    ['definition', () => segmentd.segments.edit('spain', { name: 'Spain' })],
    ['state', () => segmentd.segments.pause('spain')],
    ['state', () => segmentd.segments.resume('spain')],
    ['override', () => segmentd.overrides.include('spain', ['2'])],
    ['schedule', () => segmentd.schedules.add({ key: 'spain', cron: '@yearly' })],
    ['export', () => world.ok('export', 'spain', '--to', `${world.folder}/spain.csv`)],
  ])('%s', async (kind, change) => {
    const page = await listen();
    await change();
    await hears(page, 'spain', kind);
    await page.cut();
  });

  test('that a segment is new, rebuilt and deleted', async () => {
    const page = await listen();
    await segmentd.segments.create({ key: 'brief', condition: { '>': [{ var: 'age' }, 25] } });
    await hears(page, 'brief', 'definition');
    await hears(page, 'brief', 'members');
    await hears(page, 'brief', 'state');
    await segmentd.segments.delete('brief');
    await until(async () => (await segmentd.segments.list()).every(({ key }) => key !== 'brief'));
    await page.cut();
  });
});

test('cut fifty times at any moment, a page misses nothing and never has to read everything again', async () => {
  const CUTS = 50;
  let page = await listen();
  await until(() => page.lastId !== '');
  const heard = new Set<string>();
  const made: string[] = [];
  const writing = new AbortController();
  const writer = (async () => {
    while (!writing.signal.aborted) {
      const key = `cut_${made.length}`;
      // No worker need follow these: the hint is of the row.
      await segmentd.segments.create({ key, kind: 'static' });
      made.push(key);
      await delay(randomInt(20));
    }
  })();
  const note = (): void => {
    for (const { segments, kinds } of changesIn(page)) {
      if (kinds.includes('definition')) expect(segments).not.toBeNull();
      for (const key of segments ?? []) heard.add(key);
    }
  };
  for (let cut = 0; cut < CUTS || made.length < CUTS; cut += 1) {
    await delay(randomInt(80));
    const before = page.lastId;
    await page.cut();
    note();
    page = await listen(page.lastId === '' ? before : page.lastId);
  }
  writing.abort();
  await writer;
  await until(
    () => {
      note();
      return made.every((key) => heard.has(key));
    },
    { message: 'every segment was hinted at' },
  );
  await page.cut();
}, 60_000);

describe('a stream ends', () => {
  test('when its token is removed, and comes back as signed out', async () => {
    const other = await segmentd.access.addToken({ name: 'leaving', role: 'viewer' });
    const [page, stays] = [await listen(undefined, other), await listen()];
    await segmentd.access.removeToken('leaving');
    await until(() => page.ended, { message: 'the stream ended' });
    expect(stays.ended).toBe(false);
    await until(
      () =>
        listen(page.lastId, other).then(
          (again) => again.cut().then(() => false),
          (error: Error) => error.message === 'status 401',
        ),
      { message: 'refused' },
    );
    await stays.cut();
  }, 60_000);

  test('when the server stops, which leaves nothing open', async () => {
    const pages = await Promise.all(Array.from({ length: 5 }, () => listen()));
    const stopped = server;
    await stopped.stop();
    await until(() => pages.every(({ ended }) => ended));
    server = newServer();
    await server.start();
    // Another process does not know the id: the page reads everything again.
    const again = await listen(pages[0]?.lastId);
    await until(() => changesIn(again).length > 0);
    expect(changesIn(again)[0]).toMatchObject({ segments: null });
    await again.cut();
  });
});

test('a person has so many streams and no more', async () => {
  const pages = await Promise.all(Array.from({ length: MOST_STREAMS }, () => listen()));
  await expect(listen()).rejects.toThrow('status 429');
  const refused = await fetch(`${server.url}/api/v1/events/stream`, { headers: { authorization: `Bearer ${token}` } });
  const headers = ['open-limit', 'open-remaining', 'retry-after', 'ratelimit-limit'].map((name) =>
    refused.headers.get(name),
  );
  expect(headers).toEqual([String(MOST_STREAMS), '0', '10', '120']);
  expect(await refused.json()).toMatchObject({ code: 'too-many-streams' });
  await pages[0]?.cut();
  await until(() =>
    listen().then(
      (page) => page.cut().then(() => true),
      () => false,
    ),
  );
  await Promise.all(pages.map((page) => page.cut()));
});

/** The listener outlives whatever happens to its connection, and says each time that it is there again. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createListener, type Listener } from '../../src/postgres/listen.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let proxy: Proxy;
let listener: Listener;
const heard = { rings: 0, connected: 0, errors: [] as string[] };

beforeAll(async () => {
  database = await createDatabase();
  proxy = await startProxy({ port: Number(new URL(database.url).port) });
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});
beforeEach(async () => {
  Object.assign(heard, { rings: 0, connected: 0, errors: [] });
  listener = createListener(proxy.url(database.url), {
    onRing: () => (heard.rings += 1),
    onConnected: () => (heard.connected += 1),
    onError: (error) => heard.errors.push(error.message),
  });
  await listener.start();
});
afterEach(() => listener.stop());

const ring = () => database.query(`notify segmentd`);
const terminate = () =>
  database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'segmentd listener' and datname = current_database()`,
  );

async function hears(): Promise<void> {
  const before = heard.rings;
  await until(async () => {
    await ring();
    return heard.rings > before;
  });
}

test('rings once for a notification', async () => {
  expect(heard.connected).toBe(1);
  await ring();
  await until(() => heard.rings === 1);
});

test('comes back after its session was terminated, and says so', async () => {
  await terminate();
  await until(() => heard.connected >= 2);
  await hears();
});

test('the listener comes back after the network was down', async () => {
  proxy.cut();
  await terminate();
  await database.query('select 1');
  proxy.restore();
  await until(() => heard.connected >= 2);
  await hears();
});

test('notices a connection that is only half there', { timeout: 30_000 }, async () => {
  proxy.stall();
  const before = heard.connected;
  await terminate();
  proxy.restore();
  await until(() => heard.connected > before, { timeout: 20_000 });
  await hears();
});

test('stops while it is trying to reconnect, and stays stopped', async () => {
  proxy.cut();
  await terminate();
  await listener.stop();
  proxy.restore();
  const before = heard.connected;
  await until(
    async () =>
      (
        await database.query(
          `select from pg_stat_activity where application_name = 'segmentd listener' and datname = current_database()`,
        )
      ).length === 0,
  );
  expect(heard.connected).toBe(before);
});

test('the listener reports an unreachable server, and retries', async () => {
  proxy.cut();
  const errors: Error[] = [];
  let connected = 0;
  const other = createListener(proxy.url(database.url), {
    onRing: () => {},
    onConnected: () => (connected += 1),
    onError: (error) => errors.push(error),
  });
  await other.start();
  expect(errors.length).toBeGreaterThan(0);
  proxy.restore();
  await until(() => connected > 0);
  await other.stop();
});

test('stopped while it connects to a server that is silent, it leaves nothing open and may start again', async () => {
  const silent = await startProxy({ port: Number(new URL(database.url).port) });
  let connected = 0;
  const other = createListener(silent.url(database.url), {
    onRing: () => {},
    onConnected: () => (connected += 1),
    onError: () => {},
  });
  silent.stall();
  const starting = other.start().catch((error: unknown) => error);
  await until(() => silent.open === 1, { interval: 0 });
  await other.stop();
  expect(await starting).toMatchObject({ code: 'failed', message: 'The listener was stopped while it started.' });
  silent.restore();
  await until(() => silent.open === 0);
  await other.start();
  expect(connected).toBe(1);
  await other.stop();
  await silent.close();
});

/** The endpoints of a running worker: what they say, when they say no, and that asking costs nearly nothing. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Failure } from '../../src/base/error.ts';
import { createSegmentd } from '../../src/index.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import { createEvents } from '../../src/worker/event.ts';
import { createHttpServer } from '../../src/worker/http.ts';
import { Readiness } from '../../src/worker/readiness.ts';
import { Registry } from '../../src/followed/registry.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';

const LOCAL = { host: '127.0.0.1', port: 0 } as const;

let world: World;
let proxy: Proxy;
let segmentd: ReturnType<typeof createSegmentd>;
let worker: Worker;
beforeAll(async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  proxy = await startProxy({ port: Number(new URL(world.database.url).port) });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  const throughProxy = createSegmentd({
    databaseUrl: proxy.url(world.database.url),
    config: `${world.folder}/segmentd.yaml`,
  });
  worker = throughProxy.worker({ http: LOCAL });
  await worker.start();
});
afterAll(async () => {
  await worker.stop();
  await segmentd.close();
  await proxy.close();
  await world.end();
});
afterEach(() => void vi.restoreAllMocks());

async function get(
  path: string,
  options: RequestInit = {},
): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(`${worker.url}${path}`, options);
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
}
const becomes = (reason: string) =>
  until(async () => (JSON.parse((await get('/readyz')).text) as { reason?: string }).reason === reason, {
    message: `readyz says ${reason}`,
  });
const becomesReady = () => until(async () => (await get('/readyz')).status === 200, { message: 'ready' });

/** Value of one sample, by its name and labels. */
async function sample(name: string): Promise<number | undefined> {
  const line = (await get('/metrics')).text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test('a worker that runs is healthy, becomes ready and counts what it does', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}\n', type: 'application/json' });
  await until(async () => (await get('/readyz')).status === 200);
  await segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
  await segmentd.segments.untilLive('spain');
  await world.database.query(`update public.contacts set country = 'ES' where id = 2`);
  await segmentd.admin.wait();
  await until(async () => (await sample('segmentd_drained_changes_total')) === 1);
  expect(await sample('segmentd_drain_seconds_count')).toBeGreaterThan(0);
  expect(await sample('segmentd_rebuilds_total')).toBe(1);
  expect(await sample('segmentd_rebuild_seconds_count')).toBe(1);
  expect(await sample('segmentd_membership_changes_total{kind="entered"}')).toBe(3);
  expect(await sample('segmentd_segments{state="live"}')).toBe(1);
  expect(await sample('segmentd_segments{state="failed"}')).toBe(0);
  expect(await sample('segmentd_queue_up{backend="postgres"}')).toBe(1);
  expect(await sample('segmentd_backlog_rows{kind="change"}')).toBe(0);
  expect(await sample('segmentd_oldest_work_seconds')).toBe(0);
  expect(await sample('segmentd_lag_seconds')).toBeLessThan(60);
  expect(await sample('segmentd_rebuilds_owed')).toBe(0);
  expect(await sample('process_cpu_seconds_total')).toBeGreaterThan(0);
  const { text, type } = await get('/metrics');
  expect(type).toContain('text/plain; version=0.0.4');
  for (const line of text.split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) .+|[a-z_][a-z0-9_]*(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (\S+)|)$/);
});

test('metrics count the work that waits, and say how old it is', async () => {
  const holder = await world.database.pool.connect();
  try {
    // Another session holds every shard: nothing can be drained.
    await holder.query('begin; select pg_advisory_xact_lock(7362, n) from generate_series(0, 63) n');
    await world.database.query(`update public.contacts set country = 'PT' where id = 2`);
    await until(async () => (await sample('segmentd_backlog_rows{kind="change"}')) === 1);
    const first = await until(async () => sample('segmentd_oldest_work_seconds'));
    await until(async () => ((await sample('segmentd_oldest_work_seconds')) ?? 0) > first);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  await segmentd.admin.wait();
  await until(async () => (await sample('segmentd_oldest_work_seconds')) === 0);
  expect((await segmentd.admin.verify()).flatMap((row) => [...row.missing, ...row.extra])).toEqual([]);
  await until(async () => (await sample('segmentd_verify_differences')) === 0);
});

test('metrics say what a verify found', async () => {
  await world.database.query(
    `insert into segmentd.membership (segment_id, contact_id, entered_at) select s.id, 1000000, now() from segmentd.segment s limit 1`,
  );
  expect((await segmentd.admin.verify({ repair: true })).flatMap((row) => row.extra)).toEqual(['1000000']);
  await until(async () => (await sample('segmentd_verify_differences')) === 1);
  expect(await sample('segmentd_verify_age_seconds')).toBeLessThan(60);
  await segmentd.admin.wait();
  expect((await segmentd.admin.verify()).flatMap((row) => [...row.missing, ...row.extra])).toEqual([]);
});

test('/readyz says in one word why a worker is not ready, and that it is ready again', async () => {
  await world.database.query('alter table public.orders disable trigger user');
  await becomes('capture');
  expect(await get('/readyz')).toMatchObject({
    status: 503,
    text: expect.stringMatching(
      /^\{"status":"unready","reason":"capture","worker":"[0-9a-f-]{36}","version":"[^"]+"\}\n$/,
    ),
  });
  await segmentd.admin.install();
  await becomesReady();

  proxy.cut();
  await becomes('database');
  expect(await get('/healthz')).toMatchObject({ status: 200 });
  expect(await sample('segmentd_database_up')).toBe(0);
  expect(await sample('segmentd_lag_seconds')).toBeUndefined();
  proxy.restore();
  await becomesReady();
  await until(async () => (await sample('segmentd_database_up')) === 1);
});

test('/readyz says that another version has migrated the schema', async () => {
  const events = createEvents();
  const client = await world.database.pool.connect();
  try {
    // Never committed: the worker that runs beside would stop by itself.
    await client.query(
      `begin; insert into segmentd_internal.migration (hash, created_at) values ('future', 99999999999999)`,
    );
    const registry = new Registry(await segmentd.catalogue());
    const pool = client as unknown as Pool;
    const readiness = new Readiness(pool, registry, events, { worker: 'w', version: '1' });
    expect(await readiness.missing()).toBe('migrations');
    readiness.stop();
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('/readyz says that the drain loop does not come round', async () => {
  const events = createEvents();
  const readiness = new Readiness(world.database.pool, new Registry(await segmentd.catalogue()), events, {
    worker: 'w',
    version: '1',
  });
  expect(await readiness.missing()).toBe('starting');
  events.emit('idle', { asOf: 'now' });
  expect(await readiness.missing()).toBeUndefined();
  const now = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(now + 60_000);
  expect(await readiness.missing()).toBe('drain');
  events.emit('drained', { changes: 1, contacts: 1, written: [], ms: 1 });
  expect(await readiness.missing()).toBeUndefined();
  readiness.stop();
  expect(await readiness.missing()).toBe('stopping');
});

test('other paths and methods are refused, and no answer repeats what was asked', async () => {
  expect(await get('/postgres%3A%2F%2Fu%3Asecret?token=secret')).toMatchObject({
    status: 404,
    text: '{"error":"there are /healthz, /readyz and /metrics"}\n',
  });
  expect(await get('/')).toMatchObject({ status: 404 });
  expect(await get('/constructor')).toMatchObject({ status: 404 });
  for (const path of ['/healthz', '/readyz?verbose', '/metrics']) {
    expect(await get(path, { method: 'HEAD' }), path).toMatchObject({ status: 200, text: '' });
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const refused = await fetch(`${worker.url}${path}`, { method, ...(method === 'POST' ? { body: 'x' } : {}) });
      expect({ method, status: refused.status, allow: refused.headers.get('allow') }).toEqual({
        method,
        status: 405,
        allow: 'GET, HEAD',
      });
    }
  }
});

test('many requests at the same time cost one question to the database', async () => {
  let asked = 0;
  const text = async (): Promise<string> => `${(asked += 1)}`;
  const server = createHttpServer(
    LOCAL,
    { worker: { worker: 'w', version: '1' }, missing: async () => undefined },
    { text },
  );
  await server.start();
  try {
    const texts = await Promise.all(
      Array.from({ length: 30 }, async () => (await fetch(`${server.url}/metrics`)).text()),
    );
    expect(new Set(texts)).toEqual(new Set(['1']));
  } finally {
    await server.stop();
  }
});

test('a port that is taken fails the start with one sentence', async () => {
  const port = Number(new URL(worker.url ?? '').port);
  await using second = segmentd.worker({ http: { ...LOCAL, port } });
  await expect(second.start()).rejects.toThrow(
    new Failure('failed', `Cannot serve HTTP on 127.0.0.1:${port}: something listens there already.`),
  );
});

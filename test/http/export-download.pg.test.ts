/** Exports over HTTP: asked for, fetched as a stream, followed, cancelled, left by their client, and what each failure says. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { createPageServer, type PageServer } from '../../src/http/page-server.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';

/** More than what the buffers on the way to a client hold. */
const MANY = 150_000;

let world: World;
let segmentd: Segmentd;
let server: PageServer;
let editor: Record<string, string>;
beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  await segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
  await world.database.query(
    `insert into public.contacts (email, country, age) select repeat('x', 200) || i || '@example.com', 'FR', i % 90 from generate_series(1, ${MANY}) i`,
  );
  await segmentd.segments.create({ key: 'france', condition: { '==': [{ var: 'country' }, 'FR'] } });
  await world.ok('run', '--once');
  server = createPageServer({
    segmentd,
    at: { host: '127.0.0.1', port: 0 },
    log: silentLog,
    owner: { name: 'ana', role: 'admin' },
  });
  await server.start();
  editor = { authorization: `Bearer ${await segmentd.access.addToken({ name: 'reports', role: 'editor' })}` };
}, 120_000);
afterAll(async () => {
  await server.stop();
  await segmentd.close();
  await world.end();
});

const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = editor) =>
  fetch(`${server.url ?? ''}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
interface Run {
  readonly id: string;
  readonly state: string;
  readonly ready: boolean;
  readonly error: string | null;
  readonly written: number | null;
  readonly total: number | null;
  readonly bytes: number | null;
}
const askFor = async (key: string, body: unknown): Promise<Run> => {
  const answer = await ask('POST', `/segments/${key}/exports`, body);
  expect(answer.status).toBe(202);
  const run = (await answer.json()) as Run;
  expect(answer.headers.get('location')).toBe(`/api/v1/exports/${run.id}`);
  return run;
};
const show = async (id: string): Promise<Run> => (await (await ask('GET', `/exports/${id}`)).json()) as Run;

describe('a download', () => {
  test('waits, is fetched once, and says how far it came', async () => {
    const run = await askFor('spain', { columns: ['contact_id', 'email', 'orders.count'] });
    expect(run).toMatchObject({ state: 'waiting', ready: true, written: null, total: 2, format: 'csv' });
    const file = await ask('GET', `/exports/${run.id}/file`);
    expect(file.status).toBe(200);
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="spain-${run.id}.csv"`);
    const text = await file.text();
    expect(text.replaceAll('\r', '')).toBe('contact_id,email,orders.count\n1,a@x,1\n3,c@x,0\n');
    await until(async () => (await show(run.id)).state === 'done');
    expect(await show(run.id)).toMatchObject({ written: 2, total: 2, bytes: Buffer.byteLength(text), ready: false });
    const again = await ask('GET', `/exports/${run.id}/file`);
    expect([again.status, await again.json()]).toMatchObject([409, { code: 'conflict' }]);
  });

  test.each(['csv', 'ndjson', 'parquet'] as const)('as %s is what the command line writes', async (format) => {
    const run = await askFor('spain', { format, columns: ['contact_id', 'age'] });
    const got = Buffer.from(await (await ask('GET', `/exports/${run.id}/file`)).arrayBuffer());
    await world.ok('export', 'spain', '--format', format, '--columns', 'contact_id,age', '--to', `own.${format}`);
    const own = await import('node:fs/promises').then(({ readFile }) => readFile(`${world.folder}/own.${format}`));
    if (format === 'parquet') {
      const rows = (bytes: Buffer) => parquetReadObjects({ file: new Uint8Array(bytes).buffer });
      expect(await rows(got)).toEqual(await rows(own));
    } else expect(got.toString()).toBe(own.toString());
  });

  test('compressed, of many rows, is whole', async () => {
    const run = await askFor('france', { gzip: true, columns: ['contact_id', 'email'] });
    expect(run.total).toBe(MANY);
    const file = await ask('GET', `/exports/${run.id}/file`);
    expect(file.headers.get('content-type')).toBe('application/gzip');
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(gunzipSync(bytes).toString().trimEnd().split('\n')).toHaveLength(MANY + 1);
    await until(async () => (await show(run.id)).state === 'done');
    expect(await show(run.id)).toMatchObject({ written: MANY, bytes: bytes.length });
    const { rows } = await world.database.pool.query<{ sha256: string }>(
      `select manifest ->> 'sha256' as sha256 from segmentd_internal.export_run where id = $1`,
      [run.id],
    );
    expect(rows[0]?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});

test('a slow client holds the rows back; when it leaves, nothing runs in Postgres, and it may fetch again', async () => {
  const run = await askFor('france', { columns: ['contact_id', 'email', 'orders.count'] });
  const client = request(`${server.url ?? ''}/api/v1/exports/${run.id}/file`, { headers: editor });
  const answered = new Promise<void>((settle, reject) => {
    client.on('response', (response) => {
      response.on('error', () => {});
      response.once('data', () => settle(response.pause() as never));
    });
    client.on('error', reject);
  });
  client.end();
  await answered;
  await until(async () => (await show(run.id)).bytes ?? 0, { message: 'progress' });
  expect(await (await ask('GET', `/exports/${run.id}/file`)).json()).toMatchObject({ code: 'conflict' });
  const held = await show(run.id);
  expect(held).toMatchObject({ state: 'running', total: MANY });
  expect(held.written).toBeLessThan(MANY);
  client.on('error', () => {});
  client.destroy();
  await until(async () => (await show(run.id)).state === 'failed');
  expect(await show(run.id)).toMatchObject({ error: 'The client left before the end.', ready: true });
  await until(
    async () =>
      (
        await world.database.pool.query(
          `select from pg_stat_activity where datname = current_database() and application_name like 'segmentd%' and state <> 'idle' and pid <> pg_backend_pid()`,
        )
      ).rowCount === 0,
    { message: 'nothing runs' },
  );
  const text = await (await ask('GET', `/exports/${run.id}/file`)).text();
  expect(text.trimEnd().split('\n')).toHaveLength(MANY + 1);
});

test('what waits for a lock is cancelled in Postgres when its client leaves', async () => {
  const run = await askFor('spain', { columns: ['contact_id', 'email'] });
  const blocker = await world.database.pool.connect();
  await blocker.query('begin; lock table public.contacts in access exclusive mode');
  const leaving = new AbortController();
  const fetching = fetch(`${server.url ?? ''}/api/v1/exports/${run.id}/file`, {
    headers: editor,
    signal: leaving.signal,
  });
  fetching.catch(() => {});
  await until(async () => (await show(run.id)).state === 'running');
  leaving.abort();
  await until(async () => (await show(run.id)).state === 'failed');
  await blocker.query('rollback');
  blocker.release();
  expect(await (await ask('GET', `/exports/${run.id}/file`)).text()).toContain('a@x');
});

test('one that is cancelled while it runs ends broken, and never comes back', async () => {
  const run = await askFor('france', { columns: ['contact_id', 'email', 'orders.count'] });
  const file = await ask('GET', `/exports/${run.id}/file`);
  const reader = file.body?.getReader();
  await reader?.read();
  expect((await ask('DELETE', `/exports/${run.id}`)).status).toBe(204);
  const readOn = async (): Promise<void> => {
    for (;;) if ((await reader?.read())?.done) return;
  };
  await expect(readOn()).rejects.toThrow();
  expect(await show(run.id)).toMatchObject({ state: 'failed', error: 'It was cancelled.', ready: false });
  expect((await ask('GET', `/exports/${run.id}/file`)).status).toBe(409);
});

test('a delta by name: all members first, then who moved; a fetch that broke gives the same file again', async () => {
  const fetchDelta = async (): Promise<string> => {
    const run = await askFor('spain', { delta: 'crm ✓', columns: ['contact_id'] });
    return (await (await ask('GET', `/exports/${run.id}/file`)).text()).replaceAll('\r', '');
  };
  expect(await fetchDelta()).toBe('change,contact_id\nentered,1\nentered,3\n');
  await world.database.query(`update public.contacts set country = 'PT' where id = 1`);
  await world.ok('run', '--once');
  expect(await fetchDelta()).toBe('change,contact_id\nleft,1\n');
  expect(await fetchDelta()).toBe('change,contact_id\n');
});

test('the list has every kind of export with its failure, and pages', async () => {
  await segmentd.exports.write('spain', { to: { file: `${world.folder}/list.csv` } });
  const { items, next } = (await (await ask('GET', '/segments/spain/exports?limit=2')).json()) as {
    items: Record<string, unknown>[];
    next: string | null;
  };
  expect(items[0]).toMatchObject({ state: 'done', download: false, file: 'list.csv', written: 1 });
  expect(JSON.stringify(items)).not.toContain(world.folder);
  expect(next).not.toBeNull();
  const second = (await (await ask('GET', `/segments/spain/exports?limit=2&cursor=${next ?? ''}`)).json()) as {
    items: Record<string, unknown>[];
  };
  expect(second.items.map(({ id }) => id)).not.toContain(items[1]?.['id']);
});

describe('what is refused, with the status that says why', () => {
  test.each<readonly [string, string, unknown, number]>([
    ['an unknown segment', '/segments/none/exports', {}, 404],
    ['an unknown column', '/segments/spain/exports', { columns: ['nope'] }, 400],
    ['gzip of parquet', '/segments/spain/exports', { format: 'parquet', gzip: true }, 400],
    ['an unknown format', '/segments/spain/exports', { format: 'xlsx' }, 400],
    ['passing without a delta', '/segments/spain/exports', { passing: true }, 400],
  ])('%s', async (_, path, body, status) => {
    expect((await ask('POST', path, body)).status).toBe(status);
  });
  test('a viewer neither asks nor fetches', async () => {
    const viewer = { authorization: `Bearer ${await segmentd.access.addToken({ name: 'eye', role: 'viewer' })}` };
    const run = await askFor('spain', {});
    expect((await ask('POST', '/segments/spain/exports', {}, viewer)).status).toBe(403);
    expect((await ask('GET', `/exports/${run.id}/file`, undefined, viewer)).status).toBe(403);
    expect((await ask('GET', `/exports/${run.id}`, undefined, viewer)).status).toBe(200);
  });
  test('one that no client fetched is failed when its time is over', async () => {
    const run = await askFor('spain', {});
    await world.database.query(
      `update segmentd_internal.export_run set lease_until = clock_timestamp() - interval '1 second' where id = ${run.id}`,
    );
    await askFor('spain', {});
    expect(await show(run.id)).toMatchObject({ state: 'failed', error: 'It was not downloaded in time.' });
  });
});

test('columns: each that is listed can be exported, alone and together', async () => {
  const { columns } = (await (await ask('GET', '/segments/spain/columns')).json()) as {
    columns: { name: string; label: string; group: string; type: string }[];
  };
  expect(columns).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'contact_id', group: 'member' }),
      expect.objectContaining({ name: 'change', group: 'delta' }),
      expect.objectContaining({ name: 'email', label: 'Email', group: 'contact', type: 'text' }),
      expect.objectContaining({ name: 'orders.sum:total', label: 'Orders: total, added up', type: 'number' }),
      expect.objectContaining({ name: 'orders.min:total', label: 'Orders: smallest total' }),
      expect.objectContaining({ name: 'orders.max:placed_at', label: 'Orders: latest placed at' }),
      expect.objectContaining({ name: 'orders.last:status', label: 'Orders: status of the last', group: 'relation' }),
    ]),
  );
  const run = await askFor('spain', {
    delta: 'all columns',
    columns: columns.filter(({ name }) => name !== 'entered_at').map(({ name }) => name),
  });
  expect((await ask('GET', `/exports/${run.id}/file`)).status).toBe(200);
  const members = columns.filter(({ group }) => group !== 'delta').map(({ name }) => name);
  const all = await askFor('spain', { columns: members });
  expect((await (await ask('GET', `/exports/${all.id}/file`)).text()).split('\n')[0]?.trim()).toBe(members.join(','));
  expect((await ask('GET', '/segments/none/columns')).status).toBe(404);
});

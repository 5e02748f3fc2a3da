/** Schedules over HTTP: added, changed, paused, run, with the runs and their failures. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
let folder: string;
beforeAll(async () => {
  http = await createHttpWorld();
  folder = await mkdtemp(join(tmpdir(), 'segmentd-schedule-'));
  await http.ask('POST', '/segments', { body: { key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } } });
  await http.world.ok('run', '--once');
});
afterAll(async () => {
  await http.end();
  await rm(folder, { recursive: true, force: true });
});

interface Scheduled {
  readonly id: number;
  readonly next_at: string | null;
  readonly paused: boolean;
}

test('a schedule is added, paused, changed while it rests, and resumed', async () => {
  const added = (await http.ask('POST', '/schedules', { body: { key: 'spain', cron: '0 6 * * *' } })).body as Scheduled;
  expect(added).toMatchObject({ paused: false, next_at: expect.any(String) });
  const at = `/schedules/${added.id}`;
  expect(await http.ask('PATCH', at, { body: { paused: true } })).toMatchObject({
    status: 200,
    body: { paused: true, next_at: null, cron: '0 6 * * *' },
  });
  expect(await http.ask('PATCH', at, { body: { cron: '0 7 * * *', columns: ['contact_id', 'email'] } })).toMatchObject({
    body: { paused: true, next_at: null, cron: '0 7 * * *', columns: ['contact_id', 'email'] },
  });
  expect(await http.ask('PATCH', at, { body: { paused: false, columns: null } })).toMatchObject({
    body: { paused: false, next_at: expect.stringMatching(/T0[56]:00:00/), columns: null },
  });
  // What has nothing to do with its times leaves its next run.
  const { body: known } = await http.ask('GET', '/schedules?segment=spain');
  await http.world.database.query(`update segmentd_internal.schedule set next_at = '2031-01-01T00:00:00Z'`);
  expect(await http.ask('PATCH', at, { body: { gzip: true } })).toMatchObject({
    body: { gzip: true, next_at: '2031-01-01T00:00:00.000000Z' },
  });
  expect(known).toMatchObject({ schedules: [{ id: added.id }] });
});

test.each([
  [{ cron: 'x' }, 400],
  [{ cron: '0 0 31 2 *' }, 400],
  [{ timezone: 'Mars/Olympus' }, 400],
  [{ format: 'parquet', gzip: true }, 400],
  [{ columns: ['nope'] }, 400],
  [{ folder: '../up' }, 400],
  [{ delta: '' }, 400],
  [{ key: 'other' }, 400],
])('%j is refused, and nothing changed', async (body, status) => {
  const before = (await http.ask('GET', '/schedules')).body;
  expect(await http.ask('PATCH', '/schedules/1', { body })).toMatchObject({ status });
  expect((await http.ask('GET', '/schedules')).body).toEqual(before);
  expect(await http.ask('PATCH', '/schedules/999', { body: { gzip: false } })).toMatchObject({ status: 404 });
});

test('a run is asked for, done by the worker, and one that fails says why', async () => {
  const { run } = (await http.ask('POST', '/schedules/1/runs')).body as { run: string };
  await http.world.ok('run', '--once', '--export-folder', folder);
  expect(await http.ask('GET', '/schedules/1/runs')).toMatchObject({
    body: { runs: [{ id: run, state: 'done', count: 2 }] },
  });
  expect((await readdir(folder)).some((name) => name.endsWith('.csv.gz'))).toBe(true);
  await http.ask('PATCH', '/schedules/1', { body: { columns: ['age'] } });
  await http.world.database.query(`update segmentd_internal.schedule set columns = '{none}'`);
  await http.ask('POST', '/schedules/1/runs');
  await http.world.run('run', '--once', '--export-folder', folder);
  expect(await http.ask('GET', '/schedules/1/runs')).toMatchObject({
    body: { runs: [{ state: 'failed', error: expect.stringContaining('none') }, { state: 'done' }] },
  });
  const { items } = (await http.ask('GET', '/segments/spain/exports')).body as { items: unknown[] };
  expect(items).toMatchObject([
    { state: 'failed', schedule: 1, download: false },
    { state: 'done', schedule: 1 },
  ]);
});

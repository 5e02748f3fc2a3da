/** Many windows on a field without an index: what is looked at rarely holds up neither changes nor other windows, and says as of when it is. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { verify } from '../../src/audit/verify.ts';
import { readSegmentStatus } from '../../src/membership/segment-status.ts';
import { readTimeliness } from '../../src/membership/timeliness.ts';
import { waitUntilVisible } from '../../src/worker/wait.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

vi.setConfig({ testTimeout: 400_000 });

const TABLES = `
  create table public.contacts (id bigint primary key, country text, seen_at timestamptz, slow_at timestamptz);
  create index on public.contacts (seen_at);
  insert into public.contacts (id, country, seen_at, slow_at)
    select n, 'ES', '2024-05-15T11:59:00Z', timestamptz '2024-05-15T12:00:00Z' - n * interval '7 seconds' from generate_series(1, 40000) n`;
const CONFIG = 'contacts: { table: public.contacts, key: id }\ntimezone: UTC\n';
/** Enough that a look at the field takes some 0.3 s, so that it is asked every 20 s or so: with 200 the test took two minutes. */
const WINDOWS = 40;

let world: SweepWorld;
let worker: Worker | undefined;
beforeEach(async () => {
  world = await sweepWorld({ tables: TABLES, config: CONFIG });
  await world.at('2024-05-15T12:00:00Z');
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await world.end();
});

const now = async (): Promise<string> => String((await world.query('select clock_timestamp()::text as at'))[0]?.['at']);
const isAsOf = async (column: 'rows_as_of' | 'time_as_of', at: string, key?: string): Promise<boolean> =>
  (
    await world.query<{ yes: boolean }>(
      key === undefined
        ? `select coalesce(${column} > $1::timestamptz, false) as yes from segmentd_internal.installation`
        : `select coalesce(${column} > $1::timestamptz, false) as yes from segmentd.segment_status where key = '${key}'`,
      [at],
    )
  )[0]?.yes === true;

test('many windows on a column without an index do not make other windows late', async () => {
  for (let n = 1; n <= WINDOWS; n += 1) await world.create(`slow${n}`, { in_last: [{ var: 'slow_at' }, n, 'minute'] });
  await world.create('quick', { in_last: [{ var: 'seen_at' }, 5, 'minute'] });
  await world.create('plain', { '==': [{ var: 'country' }, 'PT'] });
  await world.create('reader', { in_segment: ['slow1'] });
  await world.settle();
  // A look has nothing to do where no time has passed.
  await world.at('2024-05-15T12:00:01Z');
  worker = world.worker({ pollInterval: 50 });
  await worker.start();
  await until(async () => (await readTimeliness(world.pool, 'slow1'))[0]?.every, {
    message: 'the field is reported as slow',
    timeout: 60_000,
  });
  await until(
    async () => (await world.query('select from segmentd_internal.edge where as_of is not null')).length > 0,
    {
      message: 'its edges are as of their own instant',
      timeout: 60_000,
    },
  );

  // Changes and other windows go on; so does everything of who has no such window, directly or through another.
  const start = await now();
  await until(async () => (await isAsOf('rows_as_of', start)) && (await isAsOf('time_as_of', start)), {
    message: 'changes and other windows are followed',
    timeout: 120_000,
  });
  await until(async () => isAsOf('time_as_of', start, 'quick'), {
    message: 'a quick window is followed',
    timeout: 120_000,
  });
  const [quick] = await readSegmentStatus(world.pool, 'quick');
  expect(quick?.freshAsOf).toBe(quick && [quick.rowsAsOf, quick.timeAsOf].toSorted()[0]);
  const [slow] = await readSegmentStatus(world.pool, 'slow7');
  const [reader] = await readSegmentStatus(world.pool, 'reader');
  for (const late of [slow, reader]) expect(late?.freshAsOf).toBe(late?.timeAsOf);
  expect((slow?.timeAsOf ?? '') < (slow?.rowsAsOf ?? '')).toBe(true);

  // The clock goes on by more than the shorter windows.
  await world.at('2024-05-15T12:10:00Z');
  await world.query(`update public.contacts set country = 'PT' where id = 1`);
  for (const key of ['quick', 'plain']) {
    const { late } = await waitUntilVisible(world.pool, { key, timeoutMs: 60_000, catalogue: world.catalogue });
    expect(late).toEqual([]);
  }
  expect(await world.members('plain')).toEqual(['1']);
  expect(await world.members('quick')).toEqual([]);

  // A wait for all ends, and says which windows are earlier; one for such a window is a failure that says so.
  const { late } = await waitUntilVisible(world.pool, { timeoutMs: 2_000, catalogue: world.catalogue });
  expect(late).toMatchObject([{ table: 'public.contacts', column: 'slow_at', every: expect.any(Number) }]);
  for (const key of ['slow1', 'reader']) {
    await expect(
      waitUntilVisible(world.pool, { key, timeoutMs: 300, catalogue: world.catalogue }),
    ).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(
        /^Not everything is visible after 0\.3 s\. Windows on public\.contacts\.slow_at are as of .*: it has no usable index, and is looked at every \d+ s\.$/,
      ),
    });
  }

  // With an index it follows like the others.
  await world.query('create index on public.contacts (slow_at)');
  const { late: none } = await waitUntilVisible(world.pool, {
    key: 'reader',
    timeoutMs: 170_000,
    catalogue: world.catalogue,
  });
  expect(none).toEqual([]);
  expect(
    (await verify(world.pool, world.catalogue, { key: 'slow1' })).map(({ missing, extra }) => ({ missing, extra })),
  ).toEqual([{ missing: [], extra: [] }]);
});

/** The catalogue is edited in every way, and membership follows: with a worker that runs, none, and two. */
import { afterEach, expect, test, vi } from 'vitest';
import type { Worker } from '../../src/index.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createPublicationWorld, EDITS, same, type PublicationWorld } from './publication-world.ts';

vi.setConfig({ testTimeout: 240_000 });

let world: PublicationWorld | undefined;
let workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  workers = [];
  await world?.end();
  world = undefined;
});

async function begin(count: number): Promise<PublicationWorld> {
  world = await createPublicationWorld();
  for (let n = 0; n < count; n += 1) {
    const worker = createWorker({
      databaseUrl: world.database.url,
      pollInterval: 20,
      queue: null,
      exportFolder: world.folder,
    });
    workers.push(worker);
    await worker.start();
  }
  return world;
}

test.each([
  ['no worker, then run --once', 0],
  ['a worker that runs', 1],
  ['two workers', 2],
])('%s', async (_, count) => {
  const { segmentd, ...current } = await begin(count);
  const work = async (): Promise<void> => {
    if (count === 0) {
      await using worker = segmentd.worker({ exportFolder: current.folder });
      await worker.once();
    }
    await segmentd.admin.wait({ timeout: 60_000 });
  };
  await work();
  expect(await current.wrong()).toEqual([]);
  for (const [name, { edit, moves }] of Object.entries(EDITS)) {
    const before = await current.members();
    edit(current.config);
    await world?.publish();
    await current.database.query(
      `update public.contacts set age = age + 1 where id % 7 = 0; update public.orders set status = 'paid' where id = 1 + (select count(*) from segmentd_internal.catalogue)`,
    );
    await work();
    expect([name, await current.wrong()]).toEqual([name, []]);
    const after = await current.members();
    if (moves !== '') expect([name, moves, same(before[moves], after[moves])]).toEqual([name, moves, false]);
  }
});

test('membership is exact after many edits of the catalogue beside writers and two workers', async () => {
  const current = await begin(2);
  await current.segmentd.admin.wait({ timeout: 60_000 });
  const writing = new AbortController();
  const writer = (async () => {
    for (let n = 0; !writing.signal.aborted; n += 1) {
      await current.database.query(
        `update public.contacts set age = (age * 7 + ${n}) % 60, profile = jsonb_build_object('score', ${n} % 20, 'level', ${n * 3} % 20), home = case when home = 'ES' then 'FR' else 'ES' end where id % 20 = ${n % 20}`,
      );
      await current.database.query(
        `update public.orders set status = case when status = 'paid' then 'open' else 'paid' end, payer_id = 1 + (payer_id + 7) % 60 where id % 50 = ${n % 50}`,
      );
    }
  })();
  for (let round = 0; round < 2; round += 1) {
    for (const { edit } of Object.values(EDITS)) {
      edit(current.config);
      await current.publish();
    }
    current.config = structuredClone(current.config);
  }
  writing.abort();
  await writer;
  await current.segmentd.admin.wait({ timeout: 120_000 });
  expect(await current.wrong()).toEqual([]);
});

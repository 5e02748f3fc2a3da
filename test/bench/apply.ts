import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { createWorld } from './bench-world.ts';
import type { Context, Figure, Row } from './figure.ts';
import { cpuMs, peakMemory, timed } from './measure.ts';
import { benchSegments } from './segments.ts';

interface Grown {
  readonly seconds: number;
  readonly workerCpu: number;
  readonly memory: number;
}

/** A folder of so many files is applied, and the worker builds all of them. */
export const apply: Figure = {
  title: 'Many segments, from `apply` of a folder to all of them live, 20,000 contacts',
  long: true,
  async run(context: Context) {
    const [few, many] = context.quick ? [200, 1_000] : [1_000, 10_000];
    const small = await grown(context, few);
    const large = await grown(context, many);
    return [
      {
        measure: `${many} segments / ${few} segments, until all are live`,
        value: large.seconds / small.seconds,
        unit: 'x',
        wanted: { atMost: 1.2 * (many / few) },
        beside: `${large.seconds.toFixed(1)} s and ${small.seconds.toFixed(1)} s`,
      },
      {
        measure: `CPU of the worker for one of ${many} / for one of ${few}`,
        value: large.workerCpu / many / (small.workerCpu / few),
        unit: 'x',
        beside: `${(large.workerCpu / many).toFixed(1)} ms and ${(small.workerCpu / few).toFixed(1)} ms`,
      },
      { measure: `peak memory of the worker at ${few}`, value: small.memory, unit: 'MB', wanted: { atMost: 150 } },
      { measure: `peak memory of the worker at ${many}`, value: large.memory, unit: 'MB', wanted: { atMost: 250 } },
    ] satisfies Row[];
  },
};

async function grown(context: Context, count: number): Promise<Grown> {
  const contacts = context.quick ? 5_000 : 20_000;
  const world = await createWorld(context, { contacts, orders: contacts * 3 });
  const folder = await mkdtemp(join(tmpdir(), 'segmentd-bench-'));
  try {
    context.note(`${count} segments`);
    for (const { key, condition } of benchSegments(count))
      await writeFile(join(folder, `${key}.json`), JSON.stringify({ key, condition }));
    const worker = await world.startWorker();
    const before = await cpuMs(worker.pid);
    const ms = await timed(async () => {
      await world.segmentd.definitions.apply(folder, { yes: true });
      await until(
        async () =>
          (await world.pool.query(`select from segmentd.segment where state not in ('live', 'deleted')`)).rowCount ===
          0,
        { timeout: 3_600_000, interval: 100, message: 'all segments live' },
      );
    });
    const grew = {
      seconds: ms / 1_000,
      workerCpu: (await cpuMs(worker.pid)) - before,
      memory: await peakMemory(worker.pid),
    };
    await worker.stop();
    return grew;
  } finally {
    await world.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

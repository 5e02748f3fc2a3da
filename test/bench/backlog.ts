import { setTimeout as delay } from 'node:timers/promises';
import { changeEverything, flips } from './everything.ts';
import type { Context, Figure, Row } from './figure.ts';
import { commitLatency, countingScan, cpuMs, median } from './measure.ts';
import { benchSegments } from './segments.ts';
import { createWorld } from './bench-world.ts';

export const backlog: Figure = {
  title: 'Drain of a backlog of 50,000 changed contacts, each concerning all of 100 segments, one worker',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const changed = contacts / 2;
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    const client = await world.pool.connect();
    try {
      const worker = await world.startWorker();
      await world.createSegments(benchSegments(100));
      const commit = await commitLatency(world.pool);
      const scan = await countingScan(world.pool);
      const rates: number[] = [];
      const node: number[] = [];
      const moved: number[] = [];
      for (let round = 0; round < (context.quick ? 2 : 4); round++) {
        // A frozen worker, so that its start is not measured; its connections stay.
        process.kill(worker.pid, 'SIGSTOP');
        await changeEverything(client, 1, changed, round % 2 === 0);
        await client.query('analyze public.contacts; analyze public.orders');
        const cpu = await cpuMs(worker.pid);
        const before = await flips(client);
        const start = performance.now();
        process.kill(worker.pid, 'SIGCONT');
        for (let left = true; left; await delay(10)) {
          const { rows } = await client.query<{ left: boolean }>(
            'select exists (select from segmentd_internal.change) or exists (select from segmentd_internal.recheck where epoch is null) as left',
          );
          left = rows[0]?.left ?? true;
        }
        const seconds = (performance.now() - start) / 1000;
        if (round === 0) continue;
        rates.push(changed / seconds);
        moved.push(((await flips(client)) - before) / changed);
        node.push(((await cpuMs(worker.pid)) - cpu) / 1000 / seconds);
      }
      return [
        { measure: 'commit latency of this disk', value: commit, unit: 'ms' },
        { measure: 'counting scan of the contacts', value: scan, unit: 'ms' },
        {
          measure: 'contacts drained',
          value: median(rates),
          unit: '/s',
          wanted: { atLeast: 5_000 },
          beside: `${median(moved).toFixed(1)} memberships flip a contact; the worker's own CPU ${(median(node) * 100).toFixed(0)} % of a core`,
        },
      ] satisfies Row[];
    } finally {
      client.release();
      await world.drop();
    }
  },
};

import { changeEverything } from './everything.ts';
import type { Context, Figure, Row } from './figure.ts';
import { lateness } from './lateness.ts';
import { percentile } from './measure.ts';
import { benchSegments } from './segments.ts';
import { createWorld } from './bench-world.ts';

export const snapshot: Figure = {
  title: "An analyst's snapshot held open while 500,000 changes are drained",
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const changes = contacts * 5;
    const stream = { contacts, perSecond: 200, seconds: context.quick ? 4 : 15 };
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    const analyst = await world.pool.connect();
    const team = await world.pool.connect();
    try {
      await world.startWorker();
      await world.createSegments(benchSegments(100));
      await lateness({ url: world.url, ...stream });
      const before = await lateness({ url: world.url, ...stream });
      await analyst.query('begin isolation level repeatable read');
      await analyst.query('select count(*) from segmentd.membership');
      // Half of the changes are of contacts, half of orders.
      for (let done = 0, round = 0; done < changes; round++) {
        for (let first = 1; first < contacts && done < changes; first += 5_000, done += 10_000) {
          await changeEverything(team, first, Math.min(5_000, contacts - first + 1), round % 2 === 0);
        }
        await world.settled();
      }
      const held = await lateness({ url: world.url, ...stream });
      await analyst.query('commit');
      return [
        {
          measure: `p95 after ${changes} changes / before, the snapshot still open`,
          value: percentile(held, 0.95) / percentile(before, 0.95),
          unit: 'x',
          wanted: { atMost: 1.5 },
          beside: `p95 ${percentile(held, 0.95).toFixed(1)} / ${percentile(before, 0.95).toFixed(1)} ms, p50 ${percentile(held, 0.5).toFixed(1)} / ${percentile(before, 0.5).toFixed(1)} ms`,
        },
      ] satisfies Row[];
    } finally {
      team.release();
      analyst.release(true);
      await world.drop();
    }
  },
};

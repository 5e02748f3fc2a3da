import { setTimeout as delay } from 'node:timers/promises';
import { changeEverything, flips } from './everything.ts';
import type { Context, Figure, Row } from './figure.ts';
import { commitLatency, countingScan, median, percentile } from './measure.ts';
import { benchSegments } from './segments.ts';
import { createWorld } from './bench-world.ts';

export const burst: Figure = {
  title: 'Burst: 1,000 changed contacts, each concerning all of 100 segments → all visible',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    const client = await world.pool.connect();
    try {
      await world.startWorker();
      await world.createSegments(benchSegments(100));
      const commit = await commitLatency(world.pool);
      const scan = await countingScan(world.pool);
      const probe = await client.query<{ id: number }>(`select id from segmentd.segment where key = 'probe-contact'`);
      const values: number[] = [];
      const moved: number[] = [];
      const rounds = context.quick ? 4 : 20;
      for (let round = -2; round < rounds; round++) {
        const first = 1 + ((((round + 2) >> 1) * 1_000) % (contacts - 1_000));
        const into = round % 2 === 0;
        const before = await flips(client);
        await changeEverything(client, first, 1_000, into);
        const start = performance.now();
        for (let inside = -1; inside !== (into ? 1_000 : 0); await delay(2)) {
          const { rows } = await client.query<{ n: number }>(
            'select count(*)::int as n from segmentd.membership where segment_id = $1 and contact_id between $2::bigint and $3::bigint',
            [probe.rows[0]?.id, first, first + 999],
          );
          inside = rows[0]?.n ?? -1;
        }
        // The probe is read by the same statement as all others; what is left is other shards' batches.
        await world.settled();
        if (round < 0) continue;
        values.push(performance.now() - start);
        moved.push(((await flips(client)) - before) / 1_000);
      }
      return [
        { measure: 'commit latency of this disk', value: commit, unit: 'ms' },
        { measure: 'counting scan of the contacts', value: scan, unit: 'ms' },
        {
          measure: 'median',
          value: median(values),
          unit: 'ms',
          wanted: { atMost: 500 },
          beside: `worst ${percentile(values, 1).toFixed(0)} ms, ${median(moved).toFixed(1)} memberships flip a contact; a peer on the same work: 196 s`,
        },
      ] satisfies Row[];
    } finally {
      client.release();
      await world.drop();
    }
  },
};

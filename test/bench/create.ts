import { setTimeout as delay } from 'node:timers/promises';
import type { Context, Figure, Row } from './figure.ts';
import { commitLatency, countingScan, median, percentile } from './measure.ts';
import { createWorld } from './bench-world.ts';

/** Three leaves, one over orders, as the peers were asked for. */
const CONDITION = {
  and: [
    { in: [{ var: 'country' }, ['ES', 'PT', 'FR']] },
    { '>=': [{ var: 'points' }, 10] },
    { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] },
  ],
};

export const create: Figure = {
  title: 'Build of one segment over 100,000 contacts, from `create` to live',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    try {
      await world.startWorker();
      const commit = await commitLatency(world.pool);
      const scan = await countingScan(world.pool);
      await world.segmentd.catalogue();
      const values: number[] = [];
      for (let round = 0; round < (context.quick ? 3 : 10); round++) {
        const start = performance.now();
        await world.segmentd.segments.create({ key: `build-${round}`, condition: CONDITION });
        for (let live = 0; live === 0; await delay(2)) {
          live =
            (
              await world.pool.query(`select from segmentd.segment where key = $1 and state = 'live'`, [
                `build-${round}`,
              ])
            ).rowCount ?? 0;
        }
        if (round > 0) values.push(performance.now() - start);
      }
      const { rows } = await world.pool.query<{ n: string }>(
        'select sum(members) as n from segmentd_internal.member_count group by segment_id limit 1',
      );
      return [
        { measure: 'commit latency of this disk', value: commit, unit: 'ms' },
        { measure: 'counting scan of the contacts', value: scan, unit: 'ms' },
        {
          measure: 'median',
          value: median(values),
          unit: 'ms',
          wanted: { atMost: 500 },
          beside: `worst ${percentile(values, 1).toFixed(0)} ms, ${rows[0]?.n ?? 0} members; peers: 57 s, 136 s`,
        },
      ] satisfies Row[];
    } finally {
      await world.drop();
    }
  },
};

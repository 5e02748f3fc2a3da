import type { Context, Figure, Row } from './figure.ts';
import { lateness } from './lateness.ts';
import { commitLatency, countingScan, percentile } from './measure.ts';
import { benchSegments } from './segments.ts';
import { createWorld } from './bench-world.ts';

export const freshness: Figure = {
  title: 'Freshness: commit of a change → visible in membership, 100,000 contacts, 200 changes/s',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const [few, many] = context.quick ? [20, 100] : [100, 1_000];
    const rounds = context.quick ? 1 : 3;
    const stream = { contacts, perSecond: 200, seconds: context.quick ? 4 : 10 };
    const small = await createWorld(context, { contacts, orders: contacts * 3 });
    const large = await createWorld(context, { contacts, orders: contacts * 3 });
    try {
      for (const [world, count] of [
        [small, few],
        [large, many],
      ] as const) {
        await world.startWorker();
        await world.createSegments(benchSegments(count));
      }
      const commit = await commitLatency(small.pool);
      const scan = await countingScan(small.pool);
      const ofSmall: number[] = [];
      const ofLarge: number[] = [];
      const ratios: number[] = [];
      // The first stream warms up plans and caches.
      for (let round = 0; round <= rounds; round++) {
        const a = await lateness({ url: small.url, ...stream });
        const b = await lateness({ url: large.url, ...stream });
        if (round === 0) continue;
        ofSmall.push(...a);
        ofLarge.push(...b);
        ratios.push(percentile(b, 0.5) / percentile(a, 0.5));
      }
      await small.segmentd.admin.install({ notify: false });
      const cut = await lateness({ url: small.url, ...stream });
      return [
        { measure: 'commit latency of this disk', value: commit, unit: 'ms' },
        { measure: 'counting scan of the contacts', value: scan, unit: 'ms' },
        { measure: `p50, ${few} segments`, value: percentile(ofSmall, 0.5), unit: 'ms', wanted: { atMost: 15 } },
        {
          measure: `p95, ${few} segments`,
          value: percentile(ofSmall, 0.95),
          unit: 'ms',
          wanted: { atMost: 100 },
          beside: `worst ${percentile(ofSmall, 1).toFixed(0)} ms of ${ofSmall.length}`,
        },
        {
          measure: `p50, ${many} segments / ${few}`,
          value: percentile(ratios, 0.5),
          unit: 'x',
          wanted: { atMost: 2 },
          beside: `p50 ${percentile(ofLarge, 0.5).toFixed(1)} ms, p95 ${percentile(ofLarge, 0.95).toFixed(0)} ms`,
        },
        { measure: 'p95, the doorbell cut', value: percentile(cut, 0.95), unit: 'ms', wanted: { atMost: 500 } },
      ] satisfies Row[];
    } finally {
      await small.drop();
      await large.drop();
    }
  },
};

import { createBuilder, MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, ratio, timed } from './measure.ts';
import { benchSegments } from './segments.ts';
import { createWorld } from './bench-world.ts';

export const rebuildQueued: Figure = {
  title: '20 rebuilds queued together / one by one',
  async run(context: Context) {
    const world = await createWorld(context, context.quick ? QUICK_MILLION : MILLION);
    const builder = await createBuilder(world);
    try {
      const segments = benchSegments(22).slice(2);
      for (const { key, condition } of segments) await world.segmentd.segments.create({ key, condition });
      const first = await builder.rebuild();
      await world.pool.query('vacuum (analyze) segmentd.membership');
      const times = await alternate(context.quick ? 1 : 2, {
        together: async () => {
          await world.segmentd.segments.rebuild('all');
          return timed(() => builder.rebuild());
        },
        alone: async () => {
          let sum = 0;
          for (const { key } of segments) {
            await world.segmentd.segments.rebuild(key);
            sum += await timed(() => builder.rebuild());
          }
          return sum;
        },
      });
      return [
        {
          measure: 'one by one / together',
          value: ratio(times.alone, times.together),
          unit: 'x',
          wanted: { atLeast: 2 },
          beside: `${(median(times.alone) / 1000).toFixed(1)} / ${(median(times.together) / 1000).toFixed(1)} s, ${first.length} built, ${first.reduce((sum, one) => sum + one.entered, 0)} members`,
        },
      ] satisfies Row[];
    } finally {
      await builder.close();
      await world.drop();
    }
  },
};

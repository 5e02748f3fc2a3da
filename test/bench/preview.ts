import type { Context, Figure, Row } from './figure.ts';
import { conditionOfShare, createBuilder, MILLION, QUICK_MILLION } from './builder.ts';
import { alternate, median, ratio, timed } from './measure.ts';
import { createWorld } from './bench-world.ts';

const CONDITIONS = {
  'fields of the contact': {
    and: [
      { in: [{ var: 'country' }, ['ES', 'PT', 'FR']] },
      { '>=': [{ var: 'points' }, 100] },
      { '!': [{ has_any: [{ var: 'tags' }, ['press']] }] },
    ],
  },
  'three leaves, one over orders': {
    and: [
      { in: [{ var: 'country' }, ['ES', 'PT', 'FR']] },
      { '>=': [{ var: 'points' }, 10] },
      { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] },
    ],
  },
} as const;

export const preview: Figure = {
  title: 'Preview of a condition on 1,000,000 contacts / a plain count of the same',
  async run(context: Context) {
    const world = await createWorld(context, context.quick ? QUICK_MILLION : MILLION);
    const builder = await createBuilder(world);
    const client = await world.pool.connect();
    const rows: Row[] = [];
    try {
      await client.query('set jit = off');
      for (const [what, condition] of [
        ...Object.entries<unknown>(CONDITIONS),
        ['a sum over orders', await conditionOfShare(world.pool, 0.1)] as const,
      ]) {
        const { text, bind } = builder.members(condition);
        let inside = 0;
        const times = await alternate(context.quick ? 2 : 4, {
          preview: () =>
            timed(async () => {
              const found = await world.segmentd.segments.preview({ condition }, { timeout: 60_000 });
              inside = found.in;
            }),
          count: () => timed(() => client.query(`select count(*) from (${text}) as matching`, bind())),
        });
        rows.push({
          measure: what,
          value: ratio(times.preview, times.count),
          unit: 'x',
          wanted: { atMost: 2 },
          beside: `${median(times.preview).toFixed(0)} / ${median(times.count).toFixed(0)} ms, ${inside} in`,
        });
      }
      return rows;
    } finally {
      client.release();
      await builder.close();
      await world.drop();
    }
  },
};

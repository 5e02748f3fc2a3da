import { conditionOfShare, createBuilder, MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, ratio, timed } from './measure.ts';
import { createWorld } from './bench-world.ts';

export const rebuildEmpty: Figure = {
  title:
    'Rebuild from empty, 1,000,000 contacts and 3,000,000 orders, events included / bare `insert … select` into an equal table',
  async run(context: Context) {
    const world = await createWorld(context, context.quick ? QUICK_MILLION : MILLION);
    const builder = await createBuilder(world);
    const client = await world.pool.connect();
    const rows: Row[] = [];
    try {
      await client.query('create table public.bench_equal (like segmentd.membership including all)');
      await client.query('set jit = off');
      for (const [share, most] of [
        [0.1, 2],
        [0.5, 3],
      ] as const) {
        const condition = await conditionOfShare(world.pool, share);
        const { text, bind } = builder.members(condition);
        let built = 0;
        let rebuilds = 0;
        const times = await alternate(context.quick ? 2 : 4, {
          rebuild: async () => {
            await client.query(
              'truncate segmentd.membership, segmentd.membership_event, segmentd_internal.member_count',
            );
            await client.query('checkpoint');
            await world.segmentd.segments.create({ key: `empty-${share * 100}-${rebuilds++}`, condition });
            return timed(async () => {
              built = (await builder.rebuild())[0]?.entered ?? 0;
            });
          },
          bare: async () => {
            await client.query('truncate public.bench_equal');
            await client.query('checkpoint');
            const insert = `insert into public.bench_equal (segment_id, contact_id, entered_at) select 1, matching.contact_id, clock_timestamp() from (${text}) as matching(contact_id)`;
            return timed(() => client.query(insert, bind()));
          },
        });
        rows.push({
          measure: `${share * 100} % members`,
          value: ratio(times.rebuild, times.bare),
          unit: 'x',
          wanted: { atMost: most },
          beside: `${median(times.rebuild).toFixed(0)} / ${median(times.bare).toFixed(0)} ms, ${built} members`,
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

import { conditionOfShare, createBuilder, MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, backendCpu, median, ratio } from './measure.ts';
import { createWorld } from './bench-world.ts';

const WRITTEN = `
  select sum(n_tup_ins + n_tup_upd + n_tup_del)::int as n from pg_catalog.pg_stat_all_tables
   where schemaname in ('segmentd', 'segmentd_internal') and relname in ('membership', 'membership_event', 'member_count', 'stage', 'stage_chunk')`;

export const rebuildSame: Figure = {
  title: 'The same rebuilt with nothing changed / a count by the same condition, CPU, no parallel workers',
  async run(context: Context) {
    const world = await createWorld(context, context.quick ? QUICK_MILLION : MILLION);
    const builder = await createBuilder(world, 1);
    const client = await world.pool.connect();
    const rows: Row[] = [];
    try {
      await client.query('set jit = off; set max_parallel_workers_per_gather = 0');
      for (const share of [0.1, 0.5]) {
        const key = `same-${share * 100}`;
        const condition = await conditionOfShare(world.pool, share);
        await world.segmentd.segments.create({ key, condition });
        const [first] = await builder.rebuild();
        await client.query('vacuum (analyze) segmentd.membership');
        const { text, bind } = builder.members(condition);
        const written = async (): Promise<number> => {
          await builder.flush();
          return (await client.query<{ n: number }>(WRITTEN)).rows[0]?.n ?? NaN;
        };
        const before = await written();
        const cpu = await alternate(context.quick ? 2 : 4, {
          rebuild: async () => {
            await world.segmentd.segments.rebuild(key);
            return builder.rebuildCpu();
          },
          count: () =>
            backendCpu(client, () => client.query(`select count(*) from (${text}) as matching(contact_id)`, bind())),
        });
        rows.push({
          measure: `${share * 100} % members`,
          value: ratio(cpu.rebuild, cpu.count),
          unit: 'x',
          wanted: { atMost: 2.5 },
          beside: `${median(cpu.rebuild).toFixed(0)} / ${median(cpu.count).toFixed(0)} ms of CPU, ${first?.entered ?? 0} members`,
        });
        rows.push({
          measure: `${share * 100} % members, rows written`,
          value: (await written()) - before,
          unit: 'rows',
          wanted: { atMost: 0 },
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

/**
 * A rank over all contacts: its computation against the bare window query that it is made of, and who is rechecked when some contacts
 * move. CPU of the one backend, without parallel workers. Measured on 200,000 contacts and 600,000 orders: 1.06 when no rank moves, 1.12
 * when 1,510 move, 1.77 for the first computation; of 2,025 contacts that moved, no other was rechecked.
 */
import pg from 'pg';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { render, sql } from '../../src/compile/fragment.ts';
import { rankRows } from '../../src/compile/rank-query.ts';
import { checkRank } from '../../src/condition/check/check-rank.ts';
import { SHOP_CONFIG, SHOP_RANKS } from '../../src/dev/shop/shop-table.ts';
import { computeRank } from '../../src/rank/compute-rank.ts';
import { askRanks } from '../../src/rank/rank-state.ts';
import { createSegmentd, createWorker } from '../../src/index.ts';
import { createWorld } from './bench-world.ts';
import { MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, cpuMs, median, ratio } from './measure.ts';

const NAME = 'monetary';

export const rank: Figure = {
  title: 'A rank over all contacts / the bare window query, CPU, no parallel workers',
  async run(context: Context) {
    const size = context.quick ? QUICK_MILLION : MILLION;
    const world = await createWorld(context, size);
    const pool = new pg.Pool({ connectionString: world.url, max: 1, idleTimeoutMillis: 0 });
    try {
      const config = parseConfig(`${SHOP_CONFIG}${SHOP_RANKS}`, 'the shop');
      const segmentd = createSegmentd({ databaseUrl: world.url, config });
      await segmentd.admin.install({ yes: true });
      const catalogue = await resolveCatalogue(world.pool, config);
      const defined = catalogue.ranks?.get(NAME);
      const checked = defined && checkRank(catalogue, defined);
      if (!checked?.ok) throw new Error('the rank does not fit the shop');
      const parts = { catalogue, name: NAME, ...checked, into: defined?.into, segmentId: () => 0 };
      const bare = render(sql`select sum(r.rank) from (${rankRows(parts)}) as r`);
      const { rows: backend } = await pool.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
      await pool.query('set max_parallel_workers_per_gather = 0; set jit = off');
      const cpu = async (work: () => Promise<unknown>): Promise<number> => {
        const before = await cpuMs(backend[0]?.pid ?? 0);
        await work();
        return (await cpuMs(backend[0]?.pid ?? 0)) - before;
      };
      let moved = 0;
      const compute = async (): Promise<void> => {
        await askRanks(pool, catalogue, NAME);
        const result = await computeRank({ pool, catalogue: () => catalogue }, NAME);
        if (result.outcome !== 'done') throw new Error(`the rank was not computed: ${result.outcome}`);
        moved = result.moved;
      };
      const first = await cpu(compute);
      const all = moved;
      // No segment reads the rank yet.
      await world.pool.query('truncate segmentd_internal.change');
      await world.pool.query('vacuum (analyze) segmentd.contact_rank');
      const same = await alternate(context.quick ? 3 : 4, {
        compute: () => cpu(compute),
        query: () => cpu(() => pool.query(bare.text, bare.bind({ now: new Date().toISOString() }))),
      });
      const shares: number[] = [];
      const some = await alternate(context.quick ? 2 : 3, {
        compute: async () => {
          await world.pool.query(`update public.orders set total = total * 1.5 where id % 100 = ${shares.length}`);
          const spent = await cpu(compute);
          shares.push(moved);
          return spent;
        },
        query: () => cpu(() => pool.query(bare.text, bare.bind({ now: new Date().toISOString() }))),
      });
      await world.pool.query('truncate segmentd_internal.change');
      await segmentd.segments.create({ key: 'best', condition: { '==': [{ var: `ranks.${NAME}` }, 5] } });
      const worker = createWorker({ databaseUrl: world.url });
      await worker.once();
      await world.pool.query(`update public.orders set total = total * 3 where id % 200 = 150`);
      await worker.once();
      await compute();
      let drained = 0;
      worker.events.on('drained', (one) => (drained += one.contacts));
      await worker.once();
      await worker.stop();
      await segmentd.close();
      const rows: Row[] = [
        {
          measure: `${size.contacts} contacts, no rank moves`,
          value: ratio(same.compute, same.query),
          unit: 'x',
          wanted: { atMost: 1.5 },
          beside: `${median(same.compute).toFixed(0)} / ${median(same.query).toFixed(0)} ms of CPU`,
        },
        {
          measure: 'about 1 % of the orders changed',
          value: ratio(some.compute, some.query),
          unit: 'x',
          wanted: { atMost: 1.5 },
          beside: `${median(some.compute).toFixed(0)} / ${median(some.query).toFixed(0)} ms of CPU, ${median(shares)} contacts moved`,
        },
        {
          measure: 'the first computation, every rank moves',
          value: first / median(same.query),
          unit: 'x',
          beside: `${first.toFixed(0)} ms of CPU, ${all} contacts`,
        },
        {
          measure: 'contacts rechecked whose rank did not move',
          value: drained - moved,
          unit: 'rows',
          wanted: { atMost: 0 },
          beside: `${moved} moved`,
        },
      ];
      return rows;
    } finally {
      await pool.end();
      await world.drop();
    }
  },
};

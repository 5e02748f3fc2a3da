import { createBuilder, MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, backendCpu, median, ratio } from './measure.ts';
import { createWorld } from './bench-world.ts';

const v = (name: string): unknown => ({ var: name });
const later = { '>': [v('placed_at'), v('outer.placed_at')] };
const since = (status: string): unknown => ({ and: [{ '==': [v('status'), status] }, later] });
const paid = { '==': [v('status'), 'paid'] };
const old = { before_last: [v('placed_at'), 2, 'hour'] };

const OF_PAID = `select from public.orders o where o.contact_id = c.id and o.status = 'paid' and o.placed_at <= now() - interval '2 hours'`;
const SINCE = `from public.orders p where p.contact_id = c.id and p.placed_at > o.placed_at`;

/** A condition, and the same as a person writes it. */
const CASES = [
  {
    measure: 'some order without a refund since',
    condition: { some: [v('orders'), { and: [paid, old, { none: [v('orders'), since('refunded')] }] }] },
    sql: `exists (${OF_PAID} and not exists (select ${SINCE} and p.status = 'refunded'))`,
  },
  {
    measure: 'some order with one since',
    condition: { some: [v('orders'), { and: [paid, old, { some: [v('orders'), since('paid')] }] }] },
    sql: `exists (${OF_PAID} and exists (select ${SINCE} and p.status = 'paid'))`,
  },
  {
    measure: 'some order with two since',
    condition: {
      some: [v('orders'), { and: [paid, old, { '>=': [{ count: [{ filter: [v('orders'), since('paid')] }] }, 2] }] }],
    },
    sql: `exists (${OF_PAID} and (select count(*) ${SINCE} and p.status = 'paid') >= 2)`,
  },
  {
    measure: 'some order after the contact',
    condition: { some: [v('orders'), { and: [paid, { '>': [v('placed_at'), v('contact.created_at')] }] }] },
    sql: `exists (select from public.orders o where o.contact_id = c.id and o.status = 'paid' and o.placed_at > c.created_at)`,
  },
] as const;

export const rebuildNested: Figure = {
  title: 'Rows inside rows, orders inside orders: a rebuild with nothing changed / the same counted by plain SQL, CPU',
  async run(context: Context) {
    const size = context.quick ? QUICK_MILLION : MILLION;
    const world = await createWorld(context, size);
    const builder = await createBuilder(world, 1);
    const client = await world.pool.connect();
    const rows: Row[] = [];
    try {
      await client.query('set jit = off; set max_parallel_workers_per_gather = 0');
      for (const [n, { measure, condition, sql }] of CASES.entries()) {
        const key = `nested-${n}`;
        await world.segmentd.segments.create({ key, condition });
        const [first] = await builder.rebuild();
        await client.query('vacuum (analyze) segmentd.membership');
        const count = `select count(*)::int as n from public.contacts c where ${sql}`;
        const [counted] = (await client.query<{ n: number }>(count)).rows;
        const cpu = await alternate(context.quick ? 2 : 4, {
          rebuild: async () => {
            await world.segmentd.segments.rebuild(key);
            return builder.rebuildCpu();
          },
          count: () => backendCpu(client, () => client.query(count)),
        });
        rows.push({
          measure,
          value: ratio(cpu.rebuild, cpu.count),
          unit: 'x',
          wanted: { atMost: 3 },
          beside: `${median(cpu.rebuild).toFixed(0)} / ${median(cpu.count).toFixed(0)} ms of CPU, ${first?.entered ?? 0} of ${counted?.n ?? 0} members`,
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

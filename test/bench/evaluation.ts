import { render, type Statement } from '../../src/compile/fragment.ts';
import { recheckQuery } from '../../src/compile/statement.ts';
import { planVersion, type VersionPlan } from '../../src/followed/plan.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, ratio, timed } from './measure.ts';
import { benchSegments } from './segments.ts';
import { createWorld } from './bench-world.ts';

export const evaluation: Figure = {
  title: 'Re-check of 1,000 contacts: one statement for all segments / one query per segment',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const world = await createWorld(context, { contacts, orders: contacts * 3 }, { set: 'migrated' });
    const client = await world.pool.connect();
    try {
      await client.query(`set jit = off; set plan_cache_mode = 'force_generic_plan'`);
      const { rows: found } = await client.query<{ at: string }>('select clock_timestamp()::text as at');
      const catalogue = await world.segmentd.catalogue();
      const options = { segmentId: () => 0 };
      const some = Array.from({ length: 1_000 }, (_, n) => String(1 + ((n * 7_919) % contacts)));
      const slots = { contacts: some, now: found[0]?.at };
      const run = ({ text, bind }: Statement, name: string) => client.query({ name, text, values: bind(slots) });
      const rows: Row[] = [];
      const each: number[] = [];
      for (const [count, least] of [
        [100, 10],
        [1_000, 20],
      ] as const) {
        const plans = benchSegments(count).map(({ condition }, n): VersionPlan => {
          const planned = planVersion(catalogue, { segmentId: n + 1, version: 1, condition, timezone: null });
          if (!planned.ok) throw new Error(JSON.stringify(planned.issues));
          return planned.plan;
        });
        const together = render(recheckQuery(catalogue, plans, options));
        const alone = plans.map((plan) => render(recheckQuery(catalogue, [plan], options)));
        const times = await alternate(context.quick ? 1 : 5, {
          together: () => timed(() => run(together, `together-${count}`)),
          alone: () =>
            timed(async () => {
              for (const [n, statement] of alone.entries()) await run(statement, `alone-${count}-${n}`);
            }),
        });
        const cost = median(times.together) / some.length;
        each.push(cost);
        rows.push({
          measure: `${count} segments: one query per segment / one statement`,
          value: ratio(times.alone, times.together),
          unit: 'x',
          wanted: { atLeast: least },
          beside: `${median(times.alone).toFixed(0)} / ${median(times.together).toFixed(0)} ms, ${(cost * 1000).toFixed(0)} µs a contact, ${Math.round(together.text.length / 1024)} kB of SQL`,
        });
      }
      rows.push({
        measure: 'cost per contact at 1,000 segments / at 100',
        value: (each[1] ?? NaN) / (each[0] ?? NaN),
        unit: 'x',
        wanted: { atMost: 5 },
      });
      return rows;
    } finally {
      client.release();
      await world.drop();
    }
  },
};

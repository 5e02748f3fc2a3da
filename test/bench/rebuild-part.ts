import { conditionOfShare, createBuilder, MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, median, ratio, timed } from './measure.ts';
import { createWorld } from './world.ts';

export const rebuildPart: Figure = {
  title: 'Rebuild with 1 % changed / `refresh materialized view concurrently` of the same',
  async run(context: Context) {
    const size = context.quick ? QUICK_MILLION : MILLION;
    const world = await createWorld(context, size);
    const builder = await createBuilder(world);
    const client = await world.pool.connect();
    try {
      await client.query('set jit = off');
      const condition = await conditionOfShare(world.pool, 0.1);
      await world.segmentd.create({ key: 'part', condition });
      await builder.rebuild();
      const { text, bind } = builder.members(condition);
      // A view has no parameters; the values are numbers and a status.
      const values = bind().map(String);
      const filled = text.replaceAll(/\$(\d+)/g, (_, n: string) => `'${values[Number(n) - 1]}'`);
      await client.query(`create materialized view public.bench_members as select matching.contact_id from (${filled}) as matching(contact_id)`);
      await client.query('create unique index on public.bench_members (contact_id)');
      await client.query('analyze segmentd.membership; analyze public.bench_members');

      // Each side meets the same number of changed contacts since its own last turn: half enter, half leave again.
      let turn = 0;
      const change = async (): Promise<void> => {
        const step = size.contacts / 100;
        await client.query(`insert into public.orders (contact_id, status, total, placed_at) select 1 + (n * 97 + $1) % $2::bigint, 'paid', 9000000, clock_timestamp() from generate_series(1, $3::int) n`, [turn * 31, size.contacts, step / 2]);
        await client.query(`update public.orders set status = 'cancelled' where total = 9000000 and status = 'paid' and id < (select max(id) - $1::bigint from public.orders)`, [step / 2]);
        await client.query('truncate segmentd.change');
        turn++;
      };
      const moved: number[] = [];
      const times = await alternate(context.quick ? 2 : 4, {
        refresh: async () => {
          await change();
          await client.query('checkpoint');
          return timed(() => client.query('refresh materialized view concurrently public.bench_members'));
        },
        rebuild: async () => {
          await change();
          await world.segmentd.rebuild('part');
          await client.query('checkpoint');
          return timed(async () => {
            const [one] = await builder.rebuild();
            moved.push((one?.entered ?? 0) + (one?.left ?? 0));
          });
        },
      });
      return [
        {
          measure: 'refresh / rebuild',
          value: ratio(times.refresh, times.rebuild),
          unit: 'x',
          wanted: { atLeast: 2 },
          beside: `${median(times.refresh).toFixed(0)} / ${median(times.rebuild).toFixed(0)} ms, ${median(moved)} moved`,
        },
      ] satisfies Row[];
    } finally {
      client.release();
      await builder.close();
      await world.drop();
    }
  },
};

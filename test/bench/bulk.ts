import type { Context, Figure, Row } from './figure.ts';
import { alternate, backendCpu, median, ratio } from './measure.ts';
import { createWorld, type World } from './bench-world.ts';

export const bulk: Figure = {
  title: 'Bulk UPDATE of 100,000 rows with capture / without, CPU of the backend',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const size = { contacts, orders: contacts * 3 };
    const bare = await createWorld(context, size, { set: 'bare' });
    const auto = await createWorld(context, size, { capture: 'auto' });
    const statement = await createWorld(context, size, { capture: 'statement' });
    const side = (world: World) => async () => {
      const client = await world.pool.connect();
      try {
        return await backendCpu(client, () =>
          client.query('update public.contacts set points = coalesce(points, 0) + 1'),
        );
      } finally {
        await client.query('vacuum public.contacts');
        client.release();
      }
    };
    const captured = (world: World) => async () => {
      await world.pool.query('truncate segmentd_internal.change');
      return side(world)();
    };
    try {
      const cpu = await alternate(context.quick ? 2 : 6, {
        without: side(bare),
        auto: captured(auto),
        statement: captured(statement),
      });
      const against = (kind: 'auto' | 'statement'): Pick<Row, 'value' | 'unit' | 'beside'> => ({
        value: ratio(cpu[kind], cpu.without),
        unit: 'x',
        beside: `${median(cpu[kind]).toFixed(0)} / ${median(cpu.without).toFixed(0)} ms`,
      });
      return [
        { measure: 'CPU with capture / without, `auto`', ...against('auto'), wanted: { atMost: 1.6 } },
        { measure: 'the same, `statement`', ...against('statement') },
      ] satisfies Row[];
    } finally {
      await bare.drop();
      await auto.drop();
      await statement.drop();
    }
  },
};

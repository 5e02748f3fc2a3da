import pg from 'pg';
import type { Context, Figure, Row } from './figure.ts';
import { alternate, backendCpu, median, ratio } from './measure.ts';
import { createWorld, type World } from './bench-world.ts';

export const bulk: Figure = {
  title: 'Bulk UPDATE of 100,000 rows with capture / without, CPU of the backend',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const size = { contacts, orders: contacts * 3 };
    const bare = await createWorld(context, size, { set: 'bare' });
    const captured = await createWorld(context, size);
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
    try {
      await writeInBulk(captured, contacts);
      const { triggers = [] } = await captured.segmentd.admin.install();
      const cpu = await alternate(context.quick ? 2 : 6, {
        without: side(bare),
        with: async () => {
          await captured.pool.query('truncate segmentd_internal.change');
          return side(captured)();
        },
      });
      return [
        {
          measure: 'CPU with capture / without',
          value: ratio(cpu.with, cpu.without),
          unit: 'x',
          wanted: { atMost: 1.6 },
          beside: `${median(cpu.with).toFixed(0)} / ${median(cpu.without).toFixed(0)} ms; ${triggers.join('; ')}`,
        },
      ] satisfies Row[];
    } finally {
      await bare.drop();
      await captured.drop();
    }
  },
};

/** A history of bulk updates, by which capture chooses statement triggers. */
async function writeInBulk(world: World, contacts: number): Promise<void> {
  const client = new pg.Client({ connectionString: world.url });
  await client.connect();
  for (let n = 0; n < 1_000; n++) await client.query('select 1');
  for (let rows = 0; rows < 100_000; rows += contacts)
    await client.query('update public.contacts set points = coalesce(points, 0) + 1');
  // What a session counted is there for others when it has ended.
  await client.end();
}

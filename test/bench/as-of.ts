import { createWorld } from './bench-world.ts';
import { writeEventLog } from './event-log.ts';
import type { Context, Figure, Row } from './figure.ts';
import { median, percentile, timed } from './measure.ts';

export const asOf: Figure = {
  title: 'As-of of a segment with a tenth of 10,000,000 events: all members are read',
  async run(context: Context) {
    const world = await createWorld(context, { contacts: 10_000, orders: 30_000 });
    try {
      const events = await writeEventLog(world, context.quick ? 10_000 : 105_264, 30);
      const rows: Row[] = [];
      for (const [what, days] of [
        ['a day ago', 1],
        ['in the middle', 15],
        ['before the first event', 31],
      ] as const) {
        const time = new Date(Date.now() - days * 86_400_000).toISOString();
        const times: number[] = [];
        let members = 0;
        for (let round = 0; round < (context.quick ? 3 : 7); round++) {
          members = 0;
          const ms = await timed(async () => {
            for await (const page of world.segmentd.members.asOf(`past-${1 + (round % 10)}`, time))
              members += page.length;
          });
          if (round > 0) times.push(ms);
        }
        rows.push({
          measure: what,
          value: median(times),
          unit: 'ms',
          wanted: { atMost: 1000 },
          beside: `worst ${percentile(times, 1).toFixed(0)} ms, ${members} members, ${events} events`,
        });
      }
      return rows;
    } finally {
      await world.drop();
    }
  },
};

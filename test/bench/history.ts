import { createWorld } from './bench-world.ts';
import { writeEventLog } from './event-log.ts';
import type { Context, Figure, Row } from './figure.ts';
import { countingScan, median, percentile, timed } from './measure.ts';

const DAYS = 400;
const DAY = 86_400_000;

/** All contacts of a segment entered at one instant: on the day before yesterday at ten. */
const BUILD = `
  with built as (
    insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
    select s.id, c, 'entered', 'edit', 1, date_trunc('day', now(), 'UTC') - interval '2 days' + interval '10 hours'
    from segmentd.segment s, generate_series(1, $1::int) c where s.key = 'built' returning segment_id
  ), counted as (
    insert into segmentd_internal.member_count (segment_id, shard, members, day) select b.segment_id, 0, count(*), current_date from built b group by 1
  )
  insert into segmentd_internal.size_day (segment_id, day, shard, entries, exits)
  select b.segment_id, (now() at time zone 'UTC')::date - 2, -1, count(*), 0 from built b group by 1`;

export const history: Figure = {
  title: `Sizes of a segment with a tenth of 10,000,000 events over ${DAYS} days`,
  async run(context: Context) {
    const world = await createWorld(context, { contacts: 10_000, orders: 30_000 });
    try {
      const { pool, segmentd } = world;
      const { members } = segmentd;
      const events = await writeEventLog(world, context.quick ? 10_000 : 105_264, DAYS);
      await segmentd.segments.create({ key: 'built', condition: true });
      await pool.query(BUILD, [context.quick ? 100_000 : 3_000_000]);
      await pool.query('vacuum analyze segmentd.membership_event');
      const at = (ms: number): string => new Date(ms).toISOString();
      const midnight = Math.floor(Date.now() / DAY) * DAY;
      const scan = await countingScan(pool);
      const rows: Row[] = [{ measure: 'counting scan of the contacts', value: scan, unit: 'ms' }];
      for (const [measure, ask] of [
        ['history of 30 days', (key: string) => members.history(key)],
        [`history of ${DAYS} days`, (key: string) => members.history(key, { days: DAYS })],
        ['growth series in SQL', (key: string) => pool.query('select * from segmentd.size_series($1)', [key])],
        [
          'segment_size',
          (key: string) => pool.query('select * from segmentd.segment_size where segment_key = $1', [key]),
        ],
        ['size within a day', (key: string, n: number) => members.countAsOf(key, at(midnight - (20 + n * 30.3) * DAY))],
        ['size before 3,000,000 entered', () => members.countAsOf('built', at(midnight - 1.7 * DAY))],
        ['size after 3,000,000 entered', () => members.countAsOf('built', at(midnight - 1.2 * DAY))],
      ] as const satisfies readonly (readonly [string, (key: string, n: number) => Promise<unknown>])[]) {
        const times: number[] = [];
        for (let round = 0; round <= (context.quick ? 5 : 20); round++) {
          const ms = await timed(() => ask(`past-${1 + (round % 10)}`, round % 10));
          if (round > 0) times.push(ms);
        }
        rows.push({
          measure,
          value: median(times),
          unit: 'ms',
          wanted: { atMost: 50 },
          beside: `worst ${percentile(times, 1).toFixed(1)} ms, ${(median(times) / scan).toFixed(2)} counting scans, ${events} events`,
        });
      }
      return rows;
    } finally {
      await world.drop();
    }
  },
};

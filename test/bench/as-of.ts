import type { Context, Figure, Row } from './figure.ts';
import { median, percentile, timed } from './measure.ts';
import { createWorld } from './bench-world.ts';

/**
 * Ten segments of a million events each over thirty days. Each contact of a segment enters and leaves four times and then
 * stays, or stays away; moments differ.
 */
const EVENTS = `
  insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
  select s, c, case when step % 2 = 0 then 'entered' else 'left' end, 'contact', 1,
    date_trunc('day', now()) - interval '30 days' + (c % 4001 + step * 4001 + s) * interval '1 minute'
  from generate_series(0, 9) step, generate_series(1, 10) s, generate_series(1, $1::int) c
  where step < 9 + c % 2
  order by step, c % 4001, s`;

/** Nine events and one more for each second contact: half are in at the end. */
const MEMBERS = `
  insert into segmentd.membership (segment_id, contact_id, entered_at)
  select e.segment_id, e.contact_id, max(e.at) from segmentd.membership_event e
  group by 1, 2 having count(*) filter (where e.kind = 'entered') > count(*) filter (where e.kind = 'left')`;

const INDEXES = `select i.indexname as name, i.indexdef as definition from pg_indexes i where i.schemaname = 'segmentd' and i.tablename = 'membership_event' and i.indexname not like '%pk'`;

export const asOf: Figure = {
  title: 'As-of of a segment with a tenth of 10,000,000 events',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 105_264;
    const world = await createWorld(context, { contacts: 10_000, orders: 30_000 });
    try {
      for (let n = 1; n <= 10; n++) await world.segmentd.segments.create({ key: `past-${n}`, condition: true });
      // Events older than the month go to the table that all of them can go to. Its indexes are made afterwards: sooner done.
      const { rows: indexes } = await world.pool.query<{ name: string; definition: string }>(INDEXES);
      for (const { name } of indexes) await world.pool.query(`drop index segmentd.${name}`);
      const { rowCount: events } = await world.pool.query(EVENTS, [contacts]);
      // Of a partitioned table the definition says ONLY: the months would be left without.
      for (const { definition } of indexes) await world.pool.query(definition.replace(' ON ONLY ', ' ON '));
      await world.pool.query(MEMBERS);
      await world.pool.query('vacuum analyze segmentd.membership_event');
      await world.pool.query('vacuum analyze segmentd.membership');
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
          const ms = await timed(async () => {
            members = await world.segmentd.members.countAsOf(`past-${1 + (round % 10)}`, time);
          });
          if (round > 0) times.push(ms);
        }
        rows.push({
          measure: what,
          value: median(times),
          unit: 'ms',
          wanted: { atMost: 1000 },
          beside: `worst ${percentile(times, 1).toFixed(0)} ms, ${members} members, ${events ?? 0} events`,
        });
      }
      return rows;
    } finally {
      await world.drop();
    }
  },
};

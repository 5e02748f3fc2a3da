/** A log of ten segments that the bench writes itself, in months, with the members and sizes that belong to it. */
import { COUNT_LOG } from '../support/count-log.ts';
import type { World } from './bench-world.ts';

/**
 * Ten segments over $2 days. Each contact of a segment enters and leaves four times and then stays, or stays away;
 * moments differ.
 */
const EVENTS = `
  insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
  select s, c, case when step % 2 = 0 then 'entered' else 'left' end, 'contact', 1,
    date_trunc('day', now()) - $2::int * interval '1 day' + ((c % 4001 + step * 4001) * ($2::float8 / 28) + s) * interval '1 minute'
  from generate_series(0, 9) step, generate_series(1, 10) s, generate_series(1, $1::int) c
  where step < 9 + c % 2
  order by step, c % 4001, s`;

/** Nine events and one more for each second contact: half are in at the end. */
const MEMBERS = `
  insert into segmentd.membership (segment_id, contact_id, entered_at)
  select e.segment_id, e.contact_id, max(e.at) from segmentd.membership_event e
  group by 1, 2 having count(*) filter (where e.kind = 'entered') > count(*) filter (where e.kind = 'left')`;

const MONTHS = `select segmentd_internal.open_event_months(now() - make_interval(months => m)) from generate_series(0, $1::int / 28 + 1) m`;

const INDEXES = `select i.indexname as name, i.indexdef as definition from pg_indexes i where i.schemaname = 'segmentd' and i.tablename = 'membership_event' and i.indexname not like '%pk'`;

/** The segments are `past-1` to `past-10`; each has 9.5 events a contact. Returns how many events there are. */
export async function writeEventLog({ pool, segmentd }: World, contacts: number, days: number): Promise<number> {
  for (let n = 1; n <= 10; n++) await segmentd.segments.create({ key: `past-${n}`, condition: true });
  await pool.query(
    `begin; set local segmentd.worker = 'on'; update segmentd.segment set created_at = now() - make_interval(days => ${days + 1}); commit`,
  );
  await pool.query(MONTHS, [days]);
  // Indexes are made afterwards: sooner done.
  const { rows: indexes } = await pool.query<{ name: string; definition: string }>(INDEXES);
  for (const { name } of indexes) await pool.query(`drop index segmentd.${name}`);
  const { rowCount: events } = await pool.query(EVENTS, [contacts, days]);
  // Of a partitioned table the definition says ONLY: the months would be left without.
  for (const { definition } of indexes) await pool.query(definition.replace(' ON ONLY ', ' ON '));
  await pool.query(MEMBERS);
  await pool.query(COUNT_LOG);
  for (const table of ['segmentd.membership_event', 'segmentd.membership', 'segmentd_internal.size_day'])
    await pool.query(`vacuum analyze ${table}`);
  return events ?? 0;
}

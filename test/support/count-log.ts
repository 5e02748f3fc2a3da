/** Counts and sizes by day of members and events that a test wrote by itself, as membership/diff.ts would have left them. */
export const COUNT_LOG = `
  insert into segmentd_internal.member_count (segment_id, shard, members, day)
    select m.segment_id, segmentd_internal.shard(m.contact_id::text), count(*), (clock_timestamp() at time zone 'UTC')::date
    from segmentd.membership m group by 1, 2;
  insert into segmentd_internal.size_day (segment_id, day, shard, entries, exits)
    select e.segment_id, (e.at at time zone 'UTC')::date, -1, count(*) filter (where e.kind = 'entered'), count(*) filter (where e.kind = 'left')
    from segmentd.membership_event e group by 1, 2;`;

/** Rows (segment_id, day) of days whose sizes differ from the log, as far as the log is whole. */
export const WRONG_DAY = `
  select segment_id, day
  from (
    select e.segment_id, (e.at at time zone 'UTC')::date as day, count(*) filter (where e.kind = 'entered') as entries, count(*) filter (where e.kind = 'left') as exits
    from segmentd.membership_event e group by 1, 2
  ) logged
  full join segmentd_internal.day_change kept using (segment_id, day)
  where (logged.entries, logged.exits) is distinct from (kept.entries, kept.exits)
    and day >= coalesce((select (i.events_since at time zone 'UTC')::date from segmentd_internal.installation i), '-infinity')`;

-- Removes the record of exports that ended so many days ago, except for the last run of each schedule.
-- $1 days
-- Rows: none; how many, at most 10,000. Locks: those runs.
delete from segmentd_internal.export_run d
where d.id = any (array(
  select r.id from segmentd_internal.export_run r
  where r.state in ('done', 'failed') and r.finished_at < clock_timestamp() - make_interval(days => $1)
    and not exists (
      select from segmentd_internal.schedule c
      where c.id = r.schedule_id and r.id = (select max(l.id) from segmentd_internal.export_run l where l.schedule_id = c.id)
    )
  order by r.id
  limit 10000
))

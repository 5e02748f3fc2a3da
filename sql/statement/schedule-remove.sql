-- Removes a schedule and gives up its runs that wait.
-- $1 schedule id
-- Rows: one when there was one. Locks: the schedule, its runs.
with given_up as (
  update segmentd_internal.export_run set state = 'failed', error = 'The schedule was removed.', finished_at = clock_timestamp()
  where schedule_id = $1 and state = 'waiting'
)
delete from segmentd_internal.schedule where id = $1 returning id

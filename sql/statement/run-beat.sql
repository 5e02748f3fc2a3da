-- Says that the process of an unscheduled export lives.
-- $1 run id, $2 seconds
-- Rows: none. Locks: the run.
update segmentd.export_run set lease_until = clock_timestamp() + make_interval(secs => $2)
where id = $1::text::bigint and schedule_id is null and state = 'running'

-- Renews the lease of an export without a schedule: its process lives.
-- $1 run id, $2 seconds
-- Rows: none. Locks: the run.
update segmentd_internal.export_run set lease_until = clock_timestamp() + make_interval(secs => $2)
where id = $1::text::bigint and schedule_id is null and state = 'running'

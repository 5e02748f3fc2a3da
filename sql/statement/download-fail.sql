-- Notes that a download failed.
-- $1 run id, $2 owner, $3 the reason
-- Rows: none when another client has it. Locks: the run.
update segmentd_internal.export_run r
set state = 'failed', error = $3, owner = null, lease_until = null, finished_at = clock_timestamp()
where r.id = $1::text::bigint and r.owner = $2

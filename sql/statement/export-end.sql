-- Notes how an export ended.
-- $1 run id, $2 state, $3 manifest or null, $4 error or null
-- Rows: one; none for a download that was cancelled meanwhile. Locks: the run.
update segmentd_internal.export_run
set state = $2, manifest = $3::jsonb, error = $4, owner = null, lease_until = null, finished_at = clock_timestamp()
where id = $1::text::bigint and (state = 'running' or request is null)

-- Gives a run back that was not done.
-- $1 run id, $2 owner, $3 state (waiting or failed), $4 error or null, $5 seconds until it is tried again, $6 whether the attempt counts
-- Rows: none when another process has it. Locks: the run.
update segmentd_internal.export_run
set state = $3, error = $4, owner = null, lease_until = null, wait_until = clock_timestamp() + make_interval(secs => $5),
    attempt = attempt - case when $6 then 0 else 1 end, finished_at = case when $3 = 'failed' then clock_timestamp() end
where id = $1::text::bigint and owner = $2

-- Renews the lease of a run: its owner lives.
-- $1 run id, $2 owner, $3 seconds of the lease
-- Rows: none when another process has it. Locks: the run.
update segmentd_internal.export_run set lease_until = clock_timestamp() + make_interval(secs => $3)
where id = $1::text::bigint and owner = $2

-- Notes how far a download has come, and renews its lease.
-- $1 run id, $2 owner, $3 seconds of the lease, $4 rows so far, $5 about how many rows there are, $6 bytes so far
-- Rows: none when it was cancelled or another client has it. Locks: the run.
update segmentd_internal.export_run r
set lease_until = clock_timestamp() + make_interval(secs => $3), written = $4, total = $5, bytes = $6
where r.id = $1::text::bigint and r.owner = $2 and r.state = 'running'

-- Cancels a download for good. The process that writes it stops at its next beat.
-- $1 run id
-- Rows: one when it waited, ran or had failed. Locks: the run.
update segmentd_internal.export_run r
set state = 'failed', error = 'It was cancelled.', owner = null, lease_until = null, wait_until = 'infinity', finished_at = clock_timestamp()
where r.id = $1::text::bigint and r.request is not null and r.state <> 'done'

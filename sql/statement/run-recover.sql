-- Marks exports without a schedule as failed when their process has ended.
-- Rows: none. Locks: those runs.
update segmentd.export_run
set state = 'failed', error = 'The process that wrote it ended without a word.', owner = null, lease_until = null, finished_at = clock_timestamp()
where schedule_id is null and state = 'running' and lease_until < clock_timestamp()

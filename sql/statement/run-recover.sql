-- Marks exports without a schedule as failed when their process has ended, and downloads that no client fetched.
-- Rows: none. Locks: those runs.
update segmentd_internal.export_run r
set state = 'failed', owner = null, lease_until = null, finished_at = clock_timestamp(),
  error = case r.state when 'waiting' then 'It was not downloaded in time.' else 'The process that wrote it ended without a word.' end
where r.schedule_id is null and r.state in ('waiting', 'running') and r.lease_until < clock_timestamp()

-- Takes a download, unless another client reads it, it is done, it was cancelled, or it is a day old.
-- $1 run id, $2 owner, $3 seconds of the lease
-- Rows: what it asks for, or none. Locks: the run.
with taken as (
  update segmentd_internal.export_run r
  set state = 'running', attempt = least(r.attempt, 1000) + 1, owner = $2, lease_until = clock_timestamp() + make_interval(secs => $3),
    started_at = clock_timestamp(), finished_at = null, error = null, written = 0, bytes = 0
  where r.id = $1::text::bigint and r.request is not null and r.wait_until is null and r.requested_at > clock_timestamp() - interval '1 day'
    and (r.state in ('waiting', 'failed') or r.state = 'running' and r.lease_until < clock_timestamp())
  returning r.segment_id, r.request
)
select s.key, t.request from taken t join segmentd.segment s on s.id = t.segment_id

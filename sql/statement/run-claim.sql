-- Takes a run, unless another process has it.
-- $1 run id, $2 owner, $3 seconds of the lease
-- Rows: the run with what its schedule asks for, or none. Locks: the run.
with taken as (
  update segmentd_internal.export_run r
  set state = 'running', attempt = least(greatest(r.attempt, 0), 1000) + 1, owner = $2, lease_until = clock_timestamp() + make_interval(secs => $3), started_at = clock_timestamp()
  where r.id = $1::text::bigint and r.schedule_id is not null and (r.state = 'waiting' or r.state = 'running' and r.lease_until < clock_timestamp())
  returning r.*
)
select
    t.attempt, t.schedule_id, s.key, c.id is not null as scheduled, c.format, c.columns, c.gzip, c.folder, c.delta, c.passing, c.formulas,
    c.consistent, c.fresh
from taken t
left join segmentd_internal.schedule c on c.id = t.schedule_id
left join segmentd.segment s on s.id = t.segment_id and s.wanted_state <> 'deleted'

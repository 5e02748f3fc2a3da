-- Asks for a download: an export that waits until its client fetches it.
-- $1 segment key, $2 what is asked for, $3 seconds that it waits
-- Rows: the run's id, or none when there is no such segment. Locks: none.
insert into segmentd_internal.export_run (segment_id, state, request, total, lease_until)
select s.id, 'waiting', $2::jsonb,
  case when $2::jsonb ->> 'delta' is null then (select t.members from segmentd.segment_status t where t.key = s.key) end,
  clock_timestamp() + make_interval(secs => $3)
from segmentd.segment s
where s.key = $1 and s.wanted_state <> 'deleted'
returning id::text as id

-- Runs that somebody should take, and for how many seconds nobody has.
-- Rows: at most 100, the oldest first. Locks: none.
select r.id::text as id, extract(epoch from clock_timestamp() - greatest(r.requested_at, r.wait_until, r.lease_until))::float8 as seconds
from segmentd.export_run r
where r.schedule_id is not null and r.state in ('waiting', 'running')
  and case r.state when 'waiting' then coalesce(r.wait_until <= clock_timestamp(), true) else r.lease_until < clock_timestamp() end
order by r.id
limit 100

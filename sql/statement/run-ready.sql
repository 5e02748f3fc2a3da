-- Runs that are ready for a worker, and for how many seconds they have been.
-- Rows: at most 100, the oldest first. Locks: none.
-- An infinite instant cannot be subtracted, and a role that may export may write one.
select r.id::text as id, coalesce(extract(epoch from clock_timestamp() - l.latest)::float8, 0) as seconds
from segmentd_internal.export_run r
cross join lateral (select max(i.at) as latest from (values (r.requested_at), (r.wait_until), (r.lease_until)) as i(at) where isfinite(i.at)) as l
where r.schedule_id is not null and r.state in ('waiting', 'running')
  and case r.state when 'waiting' then coalesce(r.wait_until <= clock_timestamp(), true) else r.lease_until < clock_timestamp() end
order by r.id
limit 100

-- What a scrape of the metrics asks, in one row. $1 server time up to which no sweep was owed, or null.
-- Counts stop at 100,000. `next_xid` dates transactions: noted with the time, it says later how old a row is at most.
-- `oldest_…`: the transaction that caused the oldest work; by index for changes, one row a lane. Locks: none.
with shard_head as (
  select head.xid
  from generate_series(0, 191) as s(shard), lateral (
    select coalesce(c.origin, c.xid) as xid from segmentd_internal.change c where c.shard = s.shard order by c.xid limit 1
  ) as head
), waiting as materialized (
  select r.epoch is not null as parked, r.origin from segmentd_internal.recheck r limit 100000
)
select
  extract(epoch from clock_timestamp() - i.fresh_as_of)::float8 as lag,
  extract(epoch from clock_timestamp() - i.rows_as_of)::float8 as rows_lag,
  extract(epoch from clock_timestamp() - i.time_as_of)::float8 as time_lag,
  (select extract(epoch from clock_timestamp() - min(e.as_of))::float8 from segmentd_internal.edge e) as late_lag,
  extract(epoch from clock_timestamp() - $1::timestamptz)::float8 as sweep_lateness,
  case when isfinite(k.high) then greatest(extract(epoch from k.high - clock_timestamp()), 0)::float8 else 0 end as clock_behind,
  (select count(*)::int from (select from segmentd_internal.change limit 100000) c) as changes,
  (select count(*)::int from waiting w where not w.parked) as rechecks,
  (select count(*)::int from waiting w where w.parked) as parked,
  pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text as next_xid,
  (select h.xid::text from shard_head h order by h.xid limit 1) as oldest_change,
  (select w.origin::text from waiting w where not w.parked order by w.origin limit 1) as oldest_recheck,
  (select count(*)::int from segmentd.segment s
   where s.wanted_state = 'live' and s.state in ('building', 'live', 'held', 'failed')
     and (s.state = 'building' or s.state = 'live' and s.live_version is distinct from s.version
       or exists (select from segmentd_internal.rebuild_request r where r.segment_id = s.id))) as owed,
  (select count(*)::int from segmentd_internal.build b
   where b.phase = 'staging' and b.lease_until > clock_timestamp()) as building,
  (select count(*)::int from segmentd_internal.worker w
   where w.seen_at between clock_timestamp() - interval '30 seconds' and clock_timestamp() + interval '30 seconds') as workers,
  (select coalesce(json_object_agg(g.state, g.segments), '{}') from (
    select s.state, count(*)::int as segments from segmentd.segment s group by s.state
  ) as g) as segments,
  (select coalesce(json_object_agg(g.state, g.runs), '{}') from (
    select x.state, count(*)::int as runs from segmentd_internal.export_run x where x.state in ('waiting', 'running') group by x.state
  ) as g) as export_runs,
  (select coalesce(json_object_agg(g.state, g.ranks), '{}') from (
    select case when r.error is not null then 'failed' when r.as_of is null then 'waiting' else 'current' end as state, count(*)::int as ranks
    from segmentd_internal.rank r group by 1
  ) as g) as ranks,
  (select coalesce(max(greatest(0, extract(epoch from clock_timestamp() - r.next_at))), 0)::float8
   from segmentd_internal.rank r where isfinite(r.next_at)) as rank_late,
  a.differences::float8 as audit_differences,
  extract(epoch from clock_timestamp() - a.finished_at)::float8 as audit_age,
  a.verify_differences::float8 as verify_differences,
  extract(epoch from clock_timestamp() - a.verified_at)::float8 as verify_age
from segmentd_internal.installation i
cross join segmentd_internal.clock k
left join segmentd_internal.audit a on true

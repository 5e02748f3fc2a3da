-- How far the wanted version of a segment has come. `mark` is another text whenever this segment or any build has moved.
-- `attended`: a worker was seen in the last ten seconds.
-- $1 key
-- Rows: one or none. Locks: none.
select
    s.state,
    s.wanted_state,
    s.version,
    s.live_version,
    v.state as version_state,
    coalesce(v.error, s.error) as error,
    coalesce(s.confirmed_version >= s.version, false) as confirmed,
    b.phase,
    case when b.phase = 'staging' and b.total > 0 then least(1, b.done / b.total::float8) end as progress,
    exists (select from segmentd_internal.rebuild_request r where r.segment_id = s.id) as owed,
    exists (
      select from segmentd_internal.worker w
      where w.seen_at between clock_timestamp() - interval '10 seconds' and clock_timestamp() + interval '10 seconds'
    ) as attended,
    concat_ws(' ', s.state, s.version, s.live_version, v.state, b.phase, b.epoch, b.done, e.mark) as mark
from segmentd.segment s
left join segmentd.segment_version v on v.segment_id = s.id and v.version = s.version
left join segmentd_internal.build b on b.segment_id = s.id
cross join (
  select concat_ws(' ', sum(o.epoch), count(*) filter (where o.phase = 'staging'), sum(o.done)) as mark from segmentd_internal.build o
) e
where s.key = $1 and (s.state <> 'deleted' or s.wanted_state <> 'deleted')

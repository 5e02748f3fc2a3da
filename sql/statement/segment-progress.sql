-- How far the wanted version of a segment has come.
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
    exists (select from segmentd.rebuild_request r where r.segment_id = s.id) as owed
from segmentd.segment s
left join segmentd.segment_version v on v.segment_id = s.id and v.version = s.version
left join segmentd.build b on b.segment_id = s.id
where s.key = $1 and s.state <> 'deleted'

-- A segment with the version that its members come from, or before the first build the wanted one.
-- $1 key
-- Rows: one or none. Locks: none.
select
    s.id,
    s.state,
    s.live_version,
    v.version as explained_version,
    v.kind,
    v.condition,
    v.timezone,
    to_char(s.frozen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as frozen_at,
    case when b.phase = 'staging' then b.version end as building
from segmentd.segment s
left join segmentd.segment_version v on v.segment_id = s.id and v.version = coalesce(s.live_version, s.version)
left join segmentd_internal.build b on b.segment_id = s.id
where s.key = $1 and s.wanted_state <> 'deleted'

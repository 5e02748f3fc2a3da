-- The state of each segment and the segments that it reads: by its live condition, before the first build by the wanted one.
-- Rows: every segment that is not deleted. Locks: none.
select
    s.key,
    s.state,
    s.live_version is not null as built,
    to_char(s.frozen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as frozen_at,
    -- A snapshot that was built reads no segment any more.
    case when s.kind = 'dynamic' or s.live_version is null then coalesce(segmentd_internal.segments_read(v.condition), '{}') else '{}' end as reads
from segmentd.segment s
join segmentd.segment_version v on v.segment_id = s.id and v.version = coalesce(s.live_version, s.version)
where s.state <> 'deleted'
order by s.key

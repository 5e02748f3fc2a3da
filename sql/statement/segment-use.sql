-- Which segments each segment reads: the strings under every in_segment of its wanted version and of its live one.
-- Rows: every segment that is not deleted, with the state of its wanted version and whether it has a live one. Locks: none.
select
    s.key,
    s.state,
    w.state as version_state,
    v.version is not null as lives,
    coalesce(segmentd_internal.segments_read(w.condition), '{}') as wanted_reads,
    coalesce(segmentd_internal.segments_read(v.condition), '{}') as live_reads
from segmentd.segment s
left join segmentd.segment_version w on w.segment_id = s.id and w.version = s.version
left join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
where s.wanted_state <> 'deleted'
order by s.key

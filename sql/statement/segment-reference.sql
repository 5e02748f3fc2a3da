-- Which segments each segment reads: the strings under every in_segment of a version. `reads` of the wanted version, or of the
-- live one where the wanted one was refused; `bound` only of what was accepted or is live.
-- Rows: every segment that is not deleted, with its references. Locks: none.
with version as (
    select
        s.key,
        case when w.state = 'invalid' and l.version is not null then l.condition else w.condition end as written,
        case when w.state in ('accepted', 'held') then w.condition else l.condition end as kept
    from segmentd.segment s
    left join segmentd.segment_version w on w.segment_id = s.id and w.version = s.version
    left join segmentd.segment_version l on l.segment_id = s.id and l.version = s.live_version
    where s.wanted_state <> 'deleted'
)
select
    v.key,
    array(
        select distinct r.value #>> '{}'
        from jsonb_path_query(v.written, '$.**.in_segment[*] ? (@.type() == "string")') r (value)
        order by 1
    ) as reads,
    array(
        select distinct r.value #>> '{}'
        from jsonb_path_query(v.kept, '$.**.in_segment[*] ? (@.type() == "string")') r (value)
        order by 1
    ) as bound
from version v
order by v.key

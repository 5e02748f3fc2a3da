-- Which segments each segment reads: the strings under every in_segment of its wanted version.
-- Rows: every segment that is not deleted, with its references. Locks: none.
select
    s.key,
    array(
        select distinct r.value #>> '{}'
        from jsonb_path_query(w.condition, '$.**.in_segment[*] ? (@.type() == "string")') r (value)
        order by 1
    ) as reads
from segmentd.segment s
left join segmentd.segment_version w on w.segment_id = s.id and w.version = s.version
where s.wanted_state <> 'deleted'
order by s.key

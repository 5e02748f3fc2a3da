-- Segments for the live view, with what moved in the last minute.
-- Rows: one a segment. Locks: none.
select
    s.key,
    s.state,
    s.members::text as members,
    s.progress::float8 as progress,
    coalesce(m.entered, 0)::int as entered,
    coalesce(m.departed, 0)::int as departed
from segmentd.segment_status s
join segmentd.segment i on i.key = s.key
left join lateral (
    select count(*) filter (where e.kind = 'entered') as entered, count(*) filter (where e.kind = 'left') as departed
    from segmentd.membership_event e
    where e.segment_id = i.id and e.at > clock_timestamp() - interval '1 minute'
) m on true
where s.wanted_state <> 'deleted'
order by s.key

-- Segments for the live view, with what moved in the last minute. The members of the first build did not move: they were there.
-- Rows: one a segment. Locks: none.
select
    s.key,
    i.name,
    s.state,
    s.version,
    s.error,
    s.members::text as members,
    s.progress::float8 as progress,
    coalesce(m.entered, 0)::int as entered,
    coalesce(m.departed, 0)::int as departed
from segmentd.segment_status s
join segmentd.segment i on i.key = s.key
left join lateral (
    select e.version from segmentd.membership_event e where e.segment_id = i.id order by e.at limit 1
) f on true
left join lateral (
    select count(*) filter (where e.kind = 'entered') as entered, count(*) filter (where e.kind = 'left') as departed
    from segmentd.membership_event e
    where not (e.reason = 'edit' and e.version = f.version) and e.segment_id = i.id and e.at > clock_timestamp() - interval '1 minute'
) m on true
where s.wanted_state <> 'deleted'
order by s.key

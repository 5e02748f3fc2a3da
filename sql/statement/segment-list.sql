-- Segments by key, with their exact size. Deleted ones are left out unless asked for by key.
-- $1 key or null, $2 text looked for in key, name, description and tags, or null
-- Rows: one a segment. Locks: none.
select
    s.key,
    s.name,
    s.description,
    s.kind,
    s.condition,
    s.timezone,
    s.tags,
    s.state,
    s.wanted_state,
    s.version,
    s.live_version,
    s.error,
    coalesce(c.members, 0)::text as members,
    to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
    s.updated_by
from segmentd.segment s
left join (
    select m.segment_id, sum(m.members) as members from segmentd.member_count m group by m.segment_id
) c on c.segment_id = s.id
where s.wanted_state <> 'deleted'
    and ($1::text is null or s.key = $1)
    and (
        $2::text is null
        or position(lower($2) in lower(concat_ws(E'\n', s.key, s.name, s.description, array_to_string(s.tags, E'\n')))) > 0
    )
order by s.key

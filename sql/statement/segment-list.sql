-- Segments by key, with their exact size. Deleted ones are left out unless asked for by key.
-- $1 key or null, $2 text looked for in key, name, description and tags, or null
-- Rows: one a segment. Locks: none.
select
    s.key,
    s.name,
    s.description,
    s.kind,
    s.condition,
    v.sentence,
    s.timezone,
    s.tags,
    s.state,
    s.wanted_state,
    s.version,
    s.live_version,
    s.error,
    -- Through the view: segmentd_reader may not read the counts themselves. Postgres evaluates no other column of it.
    (select t.members from segmentd.segment_status t where t.key = s.key)::text as members,
    to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
    coalesce(s.updated_actor, s.updated_by) as updated_by,
    s.updated_by as database_role
from segmentd.segment s
left join segmentd.segment_version v on v.segment_id = s.id and v.version = coalesce(s.live_version, s.version)
where s.wanted_state <> 'deleted'
    and ($1::text is null or s.key = $1)
    and (
        $2::text is null
        or position(lower($2) in lower(concat_ws(E'\n', s.key, s.name, s.description, array_to_string(s.tags, E'\n')))) > 0
    )
order by s.key

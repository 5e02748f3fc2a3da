-- Every version of a segment, deleted or not, the latest first.
-- $1 key
-- Rows: one a version. Locks: none.
select
    v.version,
    v.kind,
    v.condition,
    v.timezone,
    v.state,
    v.sentence,
    v.error,
    to_char(v.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    coalesce(v.actor, v.created_by) as created_by,
    v.created_by as database_role,
    v.applied,
    v.version = s.live_version as live,
    v.version = s.version as wanted
from segmentd.segment_version v
join segmentd.segment s on s.id = v.segment_id
where s.key = $1
order by v.version desc

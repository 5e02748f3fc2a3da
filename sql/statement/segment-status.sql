-- The state and freshness of each segment.
-- $1 key, or null for all.
-- Rows: one for each segment. Locks: none.
select
    s.key,
    s.state,
    s.members::text as members,
    to_char(s.fresh_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as fresh_as_of,
    to_char(s.rows_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as rows_as_of,
    to_char(s.time_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time_as_of,
    s.version,
    s.live_version,
    s.progress,
    s.error,
    s.stale,
    s.owed
from segmentd.segment_status s
where s.wanted_state <> 'deleted' and ($1::text is null or s.key = $1)
order by s.key

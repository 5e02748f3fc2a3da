-- A segment as an export meets it, with the snapshot that the statement reads in.
-- $1 key
-- Rows: one or none. Locks: none.
select
    s.id,
    s.state,
    s.live_version,
    v.members::text as members,
    pg_current_snapshot()::text as snapshot,
    to_char(segmentd.instant() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as as_of,
    to_char(v.fresh_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as fresh_as_of
from segmentd.segment s
join segmentd.segment_status v on v.key = s.key
where s.key = $1 and s.wanted_state <> 'deleted'

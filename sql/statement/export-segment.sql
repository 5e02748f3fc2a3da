-- The segment of an export, with the snapshot that the statement reads in.
-- $1 key, $2 name of a delta or null: with the delta a deleted segment is found too, for the last file
-- Rows: one or none. Locks: none.
select
    s.id,
    s.state,
    s.wanted_state,
    case when s.wanted_state = 'deleted' then coalesce(s.live_version, s.version) else s.live_version end as live_version,
    v.members::text as members,
    pg_current_snapshot()::text as snapshot,
    to_char(segmentd.instant() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as as_of,
    to_char(v.fresh_as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as fresh_as_of
from segmentd.segment s
join segmentd.segment_status v on v.key = s.key
where s.key = $1
    and (s.wanted_state <> 'deleted' or exists (select from segmentd_internal.export_delta d where d.segment_id = s.id and d.name = $2::text and d.number > 0))

-- Confirms the wanted version of a segment, however many members it moves.
-- $1 key, $2 the version that the caller read, or null
-- Rows: the id, none when there is no such segment or it has another version. Locks: the row.
update segmentd.segment
set confirmed_version = version
where key = $1 and wanted_state <> 'deleted' and ($2::int is null or version = $2)
returning id

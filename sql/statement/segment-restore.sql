-- Asks for a deleted segment to be live again; the worker validates its condition and builds it.
-- $1 key, $2 the version that the caller read, or null
-- Rows: the id, none when it is not deleted or has another version. Locks: the row.
update segmentd.segment
set wanted_state = 'live'
where key = $1 and wanted_state = 'deleted' and ($2::int is null or version = $2)
returning id

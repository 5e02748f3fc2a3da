-- Asks for a state; the worker carries it out.
-- $1 key, $2 'live', 'paused', 'archived' or 'deleted', $3 the version that the caller read, or null
-- Rows: the id, none when there is no such segment or it has another version. Locks: the row.
update segmentd.segment
set wanted_state = $2
where key = $1 and wanted_state <> 'deleted' and ($3::int is null or version = $3)
returning id

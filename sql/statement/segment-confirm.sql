-- Confirms the wanted version of a segment, however many members it moves.
-- $1 key
-- Rows: the id, none when there is no such segment. Locks: the row.
update segmentd.segment
set confirmed_version = version
where key = $1 and wanted_state <> 'deleted'
returning id

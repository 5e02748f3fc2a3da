-- Asks for a deleted segment to be kept again; the worker judges its condition and builds it.
-- $1 key
-- Rows: the id, none when it is not deleted. Locks: the row.
update segmentd.segment
set wanted_state = 'live'
where key = $1 and wanted_state = 'deleted'
returning id

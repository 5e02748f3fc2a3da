-- Asks for a state; the worker carries it out.
-- $1 key, $2 'live', 'paused', 'archived' or 'deleted'
-- Rows: the id, none when there is no such segment. Locks: the row.
update segmentd.segment
set wanted_state = $2
where key = $1 and wanted_state <> 'deleted'
returning id

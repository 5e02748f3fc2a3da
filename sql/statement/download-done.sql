-- Notes that the client has read a download to its end.
-- $1 run id, $2 rows, $3 bytes
-- Rows: none. Locks: the run.
update segmentd_internal.export_run r set written = $2, total = $2, bytes = $3 where r.id = $1::text::bigint

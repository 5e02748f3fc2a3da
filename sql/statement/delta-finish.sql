-- Moves the cursor of a delta to the end of the file that is finished.
-- $1 delta id, $2 the manifest
-- Rows: none. Locks: the delta.
with delivered as (delete from segmentd_internal.export_change c where c.delta_id = $1)
update segmentd_internal.export_delta
set number = number + 1, snapshot = pending_snapshot, as_of = (pending ->> 'asOf')::timestamptz, manifest = $2::jsonb,
    pending_snapshot = null, pending = null
where id = $1

-- A delta's file is finished: the cursor moves to where it tells.
-- $1 delta id, $2 the manifest
-- Rows: none. Locks: the delta.
with gone as (delete from segmentd.export_change c where c.delta_id = $1)
update segmentd.export_delta
set number = number + 1, snapshot = pending_snapshot, as_of = (pending ->> 'asOf')::timestamptz, manifest = $2::jsonb,
    pending_snapshot = null, pending = null
where id = $1

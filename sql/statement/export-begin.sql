-- Notes that an export by hand has begun.
-- $1 segment id, $2 the file or null for a stream, $3 owner
-- Rows: its id. Locks: none.
insert into segmentd.export_run (segment_id, state, attempt, file, owner, started_at)
values ($1, 'running', 1, $2, $3, clock_timestamp())
returning id::text as id

-- Moves the cursor of a consumer of the change feed.
-- $1 name, $2 snapshot, $3 its clock, $4 window snapshot or null, $5 its clock, $6 position, $7 last position
-- Rows: none. Locks: the consumer's row.
update segmentd_internal.feed_consumer
set snapshot = $2::text::pg_snapshot, as_of = $3::text::timestamptz, window_snapshot = $4::text::pg_snapshot, window_as_of = $5::text::timestamptz,
    position = $6::text::bigint, last_position = $7::text::bigint, read_at = clock_timestamp()
where name = $1

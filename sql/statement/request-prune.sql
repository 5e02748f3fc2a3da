-- Removes requests whose answers are repeated no more.
-- Rows: none. Locks: those rows.
delete from segmentd_internal.repeatable_request r where r.created_at < clock_timestamp() - interval '24 hours'

-- The id of a segment, deleted or not.
-- $1 key
-- Rows: one or none. Locks: none.
select s.id from segmentd.segment s where s.key = $1

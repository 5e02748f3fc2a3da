-- The id of a segment that is not deleted.
-- $1 key
-- Rows: one or none. Locks: none.
select s.id from segmentd.segment s where s.key = $1 and s.wanted_state <> 'deleted'

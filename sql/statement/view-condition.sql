-- What segments mean, for the live view.
-- $1 keys of segments
-- Rows: one a segment. Locks: none.
select s.key, s.version, s.kind, s.condition, s.timezone
from segmentd.segment s
where s.key = any ($1::text[])

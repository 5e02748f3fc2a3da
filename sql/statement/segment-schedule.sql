-- The schedules that export a segment.
-- $1 key
-- Rows: one a schedule. Locks: none.
select c.id
from segmentd_internal.schedule c
join segmentd.segment s on s.id = c.segment_id
where s.key = $1
order by c.id

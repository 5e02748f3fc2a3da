-- Counts the contacts that a dynamic segment includes and excludes. $1 key. Rows: one. Locks: none.
select count(*) filter (where w.kind = 'include')::int as included, count(*) filter (where w.kind = 'exclude')::int as excluded
from segmentd.segment s
join segmentd.override w on w.segment_id = s.id
where s.key = $1 and s.kind = 'dynamic'

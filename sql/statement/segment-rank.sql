-- The ranks of the published catalogue that read a segment.
-- $1 key
-- Rows: one a rank, by name. Locks: none.
select r.name
from (select c.config from segmentd.catalogue c order by c.id desc limit 1) p
cross join lateral jsonb_each(coalesce(p.config -> 'ranks', '{}')) as r (name, definition)
where $1 = any (segmentd_internal.segments_read(r.definition -> 'among'))
order by r.name

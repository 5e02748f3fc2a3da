-- Whether the rank is due under the published catalogue. The caller holds the lock of ranks.
-- $1 name, $2 number of the publication that the caller knows, null: any
-- Rows: one (asked, due). Locks: none that last.
select
    coalesce(r.asked, 0) as asked,
    ($2::int is null or $2::int = (select coalesce(max(p.id), 0) from segmentd_internal.catalogue p))
    and (r.name is null or r.asked > r.answered or r.next_at <= clock_timestamp()) as due
from (select $1::text as name) w
left join segmentd_internal.rank r on r.name = w.name

-- The state of the ranks.
-- $1 names, null for all
-- Rows: one a rank, by name; instants as text. Locks: none.
select
    r.name, r.definition, r.as_of::text as as_of, r.ms, r.ranked::float8 as ranked, r.moved::float8 as moved,
    case when isfinite(r.next_at) then r.next_at::text end as next_at,
    r.asked, r.answered, r.error, r.failed_at::text as failed_at, r.failures,
    greatest(0, extract(epoch from clock_timestamp() - r.as_of))::float8 as age,
    case when isfinite(r.next_at) then greatest(0, extract(epoch from clock_timestamp() - r.next_at))::float8 else 0 end as late
from segmentd_internal.rank r
where $1::text[] is null or r.name = any ($1::text[])
order by r.name

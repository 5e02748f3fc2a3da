-- Ranks that wait for a computation, and stored ranks that the catalogue no longer names.
-- $1 names of the catalogue's ranks
-- Rows: name, whether the catalogue has it, seconds since it is due; the longest due first. Locks: none.
select n.name, n.known, coalesce(extract(epoch from c.now - l.since)::float8, 0) as seconds
from (
    select w.name, true as known from unnest($1::text[]) as w(name)
    union all
    select r.name, false from segmentd_internal.rank r where r.name <> all ($1::text[])
) as n
left join segmentd_internal.rank r on r.name = n.name
cross join (select clock_timestamp() as now offset 0) c
-- An infinite instant cannot be subtracted.
cross join lateral (
    select case when isfinite(least(r.asked_at, r.next_at)) then least(r.asked_at, r.next_at) end as since
) l
where r.name is null or not n.known or r.asked > r.answered or r.next_at <= c.now
order by l.since nulls first, n.name

-- Ranks that wait for a computation, and stored ranks that the catalogue no longer names.
-- $1 names of the catalogue's ranks
-- Rows: name, seconds since it is due (many where that is not known: no queue is waited for then); the longest due first. Locks: none.
select n.name, coalesce(extract(epoch from c.now - l.since)::float8, 1000000) as seconds
from (
    select w.name, true as known from unnest($1::text[]) as w(name)
    union all
    select r.name, false from segmentd_internal.rank r where r.name <> all ($1::text[])
) as n
left join segmentd_internal.rank r on r.name = n.name
cross join (select clock_timestamp() as now offset 0) c
cross join lateral (
    select min(i.at) as since
    from (values (case when r.asked > r.answered then r.asked_at end), (case when r.next_at <= c.now then r.next_at end)) as i(at)
    -- An infinite instant cannot be subtracted.
    where isfinite(i.at)
) l
where r.name is null or not n.known or r.asked > r.answered or r.next_at <= c.now
order by l.since nulls first, n.name

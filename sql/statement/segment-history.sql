-- Size of a segment at the end of each day (UTC), and how many contacts entered and left on it, counted back from now.
-- $1 segment id, $2 days
-- Rows: one a day up to today, oldest first; no day before the segment or the event log begins. Locks: none.
with span as (
    select
        (segmentd.clock() at time zone 'UTC')::date as today,
        greatest(
            (segmentd.clock() at time zone 'UTC')::date - ($2::int - 1),
            (s.created_at at time zone 'UTC')::date,
            (i.events_since at time zone 'UTC')::date
        ) as first
    from segmentd.segment s cross join segmentd.installation i
    where s.id = $1
), moved as (
    select
        (e.at at time zone 'UTC')::date as day,
        count(*) filter (where e.kind = 'entered') as entered,
        count(*) filter (where e.kind = 'left') as "left"
    from segmentd.membership_event e cross join span
    where e.segment_id = $1 and e.at >= span.first::timestamp at time zone 'UTC'
    group by 1
), size as (
    select coalesce(sum(c.members), 0) as members from segmentd.member_count c where c.segment_id = $1
)
select
    day.day::date::text as day,
    (size.members - coalesce(sum(coalesce(m.entered, 0) - coalesce(m."left", 0)) over later, 0))::text as members,
    coalesce(m.entered, 0)::text as entered,
    coalesce(m."left", 0)::text as "left"
from span
cross join size
cross join lateral generate_series(span.first::timestamp, greatest(span.today, (select max(x.day) from moved x))::timestamp, interval '1 day') as day (day)
left join moved m on m.day = day.day::date
window later as (order by day.day desc rows between unbounded preceding and 1 preceding)
order by day.day

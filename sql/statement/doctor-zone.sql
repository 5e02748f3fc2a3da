-- Seconds that zones lie east of UTC as this server has it. $1 text[] more zones, $2 timestamptz[] instants.
-- Rows: one for each zone that is in use and instant. Locks: none.
with zone as (
  select z.name from unnest($1::text[]) as z(name)
  union select s.timezone from segmentd.segment s where s.timezone is not null and s.state <> 'deleted'
  union select c.timezone from segmentd_internal.schedule c
)
select z.name as zone, i.at::text as at, extract(epoch from (i.at at time zone z.name) - (i.at at time zone 'UTC'))::int as seconds
from zone z join pg_catalog.pg_timezone_names n on n.name = z.name cross join unnest($2::timestamptz[]) as i(at)
order by 1, 2

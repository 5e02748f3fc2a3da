-- Size of a segment at the end of each day (UTC), and how many contacts entered and left on it.
-- $1 key, $2 days
-- Rows: one a day up to today, oldest first; no day before the segment or the record of sizes begins. Locks: none.
select d.day::text as day, d.members::text as members, d.entries::text as entered, d.exits::text as "left"
from segmentd.size_series($1, (segmentd_internal.clock() at time zone 'UTC')::date - ($2::int - 1)) d
order by d.day

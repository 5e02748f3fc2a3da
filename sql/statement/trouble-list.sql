-- Work that keeps failing. $1 float8 milliseconds after which a row without a new failure is over. Rows: one for each
-- work. Locks: none.
select t.work, t.sqlstate, to_char(t.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since, t.failures
from segmentd_internal.trouble t
where t.last_at >= clock_timestamp() - $1::float8 * interval '1 millisecond'
order by t.since, t.work

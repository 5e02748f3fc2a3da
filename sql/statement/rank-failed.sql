-- Notes a computation that failed; the stored ranks stay as they are.
-- $1 name, $2 reason, $3 milliseconds of the first pause (doubled after each failure), $4 milliseconds of the longest
-- Rows: none. Locks: the rank.
insert into segmentd_internal.rank as r (name, error, failed_at, failures, next_at)
values ($1, $2, clock_timestamp(), 1, clock_timestamp() + $3::float8 * interval '1 millisecond')
on conflict (name) do update
set error = excluded.error, failed_at = excluded.failed_at, failures = least(r.failures, 1000) + 1, answered = r.asked,
    next_at = clock_timestamp() + least($4::float8, $3::float8 * power(2, least(r.failures, 20))) * interval '1 millisecond'

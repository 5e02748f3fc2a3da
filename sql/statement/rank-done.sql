-- Notes a computation that succeeded, in its transaction.
-- $1 name, $2 definition, $3 instant, $4 milliseconds, $5 contacts that moved, $6 milliseconds until the next, $7 the last call that it answers
-- Rows: ranked, the number of contacts that have the rank. Locks: the rank.
insert into segmentd_internal.rank as r (name, definition, as_of, ms, ranked, moved, next_at, answered)
select $1, $2, $3::timestamptz, $4, (select count(*) from segmentd.contact_rank c where c.rank ? $1), $5,
    clock_timestamp() + $6::float8 * interval '1 millisecond', $7
on conflict (name) do update
set definition = excluded.definition, as_of = excluded.as_of, ms = excluded.ms, ranked = excluded.ranked, moved = excluded.moved,
    next_at = excluded.next_at, answered = greatest(r.answered, excluded.answered), error = null, failed_at = null, failures = 0
returning r.ranked::float8 as ranked

-- Asks for a computation of ranks.
-- $1 names
-- Rows: name, and the number of the call. Locks: those ranks.
insert into segmentd_internal.rank as r (name, asked_at, asked)
select n.name, clock_timestamp(), 1 from unnest($1::text[]) as n(name) order by n.name
on conflict (name) do update set asked_at = excluded.asked_at, asked = r.asked + 1
returning r.name, r.asked

-- Makes ranks due whose definition differs from that of their values.
-- $1 names, $2 definitions
-- Rows: none. Locks: those ranks.
insert into segmentd_internal.rank as r (name, next_at)
select n.name, clock_timestamp() from unnest($1::text[], $2::text[]) as n(name, definition)
where n.definition is distinct from (select k.definition from segmentd_internal.rank k where k.name = n.name)
order by n.name
on conflict (name) do update set next_at = clock_timestamp()

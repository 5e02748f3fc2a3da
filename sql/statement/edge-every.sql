-- Remembers how often a field without a usable index is looked at. $1 edges, $2 milliseconds or null. Rows: none.
-- Locks: those edges, skipping edges that a sweep holds: they are written with the next change.
update segmentd_internal.edge e set every = $2
where e.id in (select i.id from segmentd_internal.edge i where i.id = any ($1::int[]) and i.every is distinct from $2::int for no key update of i skip locked)

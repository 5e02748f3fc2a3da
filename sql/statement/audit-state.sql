-- How far the rolling audit has come, with the size of the contacts table as the planner knows it.
-- $1 schema, $2 name of the contacts table
-- Rows: one, none before the first step. Locks: none.
select
    a.position::text as position,
    a.checked::float8 as checked,
    a.chunk,
    c.now::text as began,
    coalesce(a.total::float8, (
        select sum(greatest(r.reltuples, 0))::float8
        from pg_catalog.pg_class r
        where r.relkind <> 'p' and r.oid in (
            select t.relid from pg_catalog.pg_partition_tree(to_regclass(format('%I.%I', $1::text, $2::text))) t where t.isleaf)
    ), 0) as total,
    (extract(epoch from greatest(least(a.next_at, c.now + interval '1 day'), c.now) - c.now) * 1000)::float8 as wait,
    (extract(epoch from c.now - a.started_at) * 1000)::float8 as age
from segmentd_internal.audit a, (select clock_timestamp() as now offset 0) c

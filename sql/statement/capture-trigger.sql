-- Every capture trigger in the database, on any table, without those that a partition has from its parent: they go with
-- the parent's. No parameters. Rows: one for each trigger. Locks: none.
select n.nspname as schema, c.relname as name, g.tgname as trigger, p.proname as function
from pg_catalog.pg_trigger g
join pg_catalog.pg_proc p on p.oid = g.tgfoid
join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
join pg_catalog.pg_class c on c.oid = g.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where not g.tgisinternal and g.tgparentid = 0 and pn.nspname = 'segmentd_internal' and p.proname ~ '^capture_\d+_'
order by 1, 2, 3

-- Every capture function with its comment, which holds the hash of its body. No parameters. Locks: none.
select p.proname as name, coalesce(pg_catalog.obj_description(p.oid, 'pg_proc'), '') as comment
from pg_catalog.pg_proc p
where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'segmentd_internal')
  and p.proname ~ '^capture_\d+_'
order by 1

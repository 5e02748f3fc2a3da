-- A column of a table that a trial write can use. $1 text schema, $2 text table. Rows: none or one. `quiet`: an update
-- of a row fires no rule and no row trigger except those of segmentd and of foreign keys. Locks: none.
select a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
  not exists (
    select from pg_catalog.pg_trigger g
    where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 1 = 1
      and g.tgfoid not in (select p.oid from pg_catalog.pg_proc p where p.pronamespace = 'segmentd_internal'::regnamespace)
  ) and not exists (select from pg_catalog.pg_rewrite r where r.ev_class = c.oid) as quiet
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = $1
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a'
where c.relname = $2
  and pg_catalog.has_column_privilege(c.oid, a.attnum, 'insert') and pg_catalog.has_column_privilege(c.oid, a.attnum, 'update')
  and pg_catalog.has_table_privilege(c.oid, 'delete')
order by a.attnum
limit 1

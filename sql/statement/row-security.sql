-- Roles from which row security hides rows of the sources. $1 text[], $2 text[]: schema and name of each source table.
-- It checks the role of this session, and every role that may log in here as a member of segmentd_worker. Rows: one for
-- each (role, table). `owner`: the role owns the table, and row security is forced on owners. Locks: none.
select r.rolname as role, r.rolname = current_user as own, n.nspname as schema, c.relname as name,
  pg_catalog.pg_has_role(r.oid, c.relowner, 'usage') as owner
from (select distinct * from unnest($1::text[], $2::text[]) as w(schema_name, table_name)) as w
join pg_catalog.pg_namespace n on n.nspname = w.schema_name
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
cross join pg_catalog.pg_roles r
where c.relrowsecurity and not r.rolsuper and not r.rolbypassrls
  and (c.relforcerowsecurity or not pg_catalog.pg_has_role(r.oid, c.relowner, 'usage'))
  and (r.rolname = current_user or r.rolcanlogin and pg_catalog.has_database_privilege(r.oid, current_database(), 'connect') and exists (
    select from pg_catalog.pg_roles g where g.rolname = 'segmentd_worker' and pg_catalog.pg_has_role(r.oid, g.oid, 'usage')))
order by 2 desc, 1, 3, 4

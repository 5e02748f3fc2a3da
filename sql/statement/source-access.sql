-- Who cannot read the sources as a worker or editor must. $1 text[], $2 text[]: schema and name of each source table; $3 text[]: roles.
-- Rows: one for each (table, role) that exists and lacks a right. Locks: none.
select n.nspname as schema, c.relname as name, r.rolname as role,
  not pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage') as lacks_schema,
  not pg_catalog.has_table_privilege(r.oid, c.oid, 'select') as lacks_table
from (select distinct * from unnest($1::text[], $2::text[]) as w(schema_name, table_name)) as w
join pg_catalog.pg_namespace n on n.nspname = w.schema_name
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
join pg_catalog.pg_roles r on r.rolname = any ($3::text[])
where not pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage') or not pg_catalog.has_table_privilege(r.oid, c.oid, 'select')
order by 1, 2, 3

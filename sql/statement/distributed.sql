-- Tables that Citus distributes over several servers, or copies to all of them. $1 text[], $2 text[]: schema and name.
-- Rows: one for each such table. The caller checks first that the catalogue of Citus exists (distributed.ts). Locks:
-- none.
select n.nspname as schema, c.relname as name
from unnest($1::text[], $2::text[]) as w(schema_name, table_name)
join pg_catalog.pg_namespace n on n.nspname = w.schema_name
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
join pg_catalog.pg_dist_partition d on d.logicalrelid = c.oid
-- A table that Citus knows but does not distribute is on this server alone.
where d.partmethod <> 'n' or d.repmodel = 't'

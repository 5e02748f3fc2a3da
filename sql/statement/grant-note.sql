-- Notes existing rights to read. $1 text[] roles, $2 text[] schemas, $3 text[] tables, $4 text[] columns (an empty
-- table and column: the right to use the schema), $5 boolean[] whether install granted it. $6 jsonb: rights that
-- install revoked. Rows: none. Locks: the rows.
with taken as (
  delete from segmentd_internal.column_grant g using jsonb_to_recordset($6::jsonb) as t(role text, schema_name text, table_name text, column_name text)
  where g.role = t.role and g.schema_name = t.schema_name and g.table_name = t.table_name and g.column_name = t.column_name
)
insert into segmentd_internal.column_grant (role, schema_name, table_name, column_name, ours)
select distinct on (n.role, n.schema_name, n.table_name, n.column_name) n.role, n.schema_name, n.table_name, n.column_name, n.ours
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[]) as n(role, schema_name, table_name, column_name, ours)
on conflict (role, schema_name, table_name, column_name) do nothing

-- What the reading roles may read of the sources. $1 text[], $2 text[], $3 text[]: schema, table and column, one for
-- each needed column. $4 text[]: roles. $5 jsonb: the rows of segmentd_internal.column_grant, or an empty array. Rows: one for
-- each (role, table) that exists. `missing`: columns without the right; `revoked`: missing columns that were granted
-- once; `surplus`: columns that install granted and that are not needed any more; `whole`: the role has a grant of the
-- whole table. Locks: none.
with known as (
  select k.role, k.schema_name, k.table_name, k.column_name, k.ours
  from jsonb_to_recordset($5::jsonb) as k(role text, schema_name text, table_name text, column_name text, ours boolean)
), needed as (
  select n.oid as schema_id, c.oid as table_id, n.nspname as schema, c.relname as name, c.relacl, array_agg(distinct a.attname order by a.attname) as columns
  from unnest($1::text[], $2::text[], $3::text[]) as w(schema_name, table_name, column_name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema_name
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = w.column_name and a.attnum > 0 and not a.attisdropped
  group by n.oid, c.oid
)
select t.schema, t.name, r.rolname as role,
  not pg_catalog.has_schema_privilege(r.oid, t.schema_id, 'usage') as lacks_schema,
  exists (select from known k where k.role = r.rolname and k.schema_name = t.schema and k.table_name = '') as had_schema,
  array(select u.name::text from unnest(t.columns) as u(name) where not pg_catalog.has_column_privilege(r.oid, t.table_id, u.name, 'select') order by 1) as missing,
  array(
    select u.name::text from unnest(t.columns) as u(name)
    where not pg_catalog.has_column_privilege(r.oid, t.table_id, u.name, 'select')
      and exists (select from known k where k.role = r.rolname and k.schema_name = t.schema and k.table_name = t.name and k.column_name = u.name)
    order by 1
  ) as revoked,
  array(
    select k.column_name from known k
    join pg_catalog.pg_attribute a on a.attrelid = t.table_id and a.attname = k.column_name and a.attnum > 0 and not a.attisdropped
    where k.role = r.rolname and k.schema_name = t.schema and k.table_name = t.name and k.ours and not k.column_name = any (t.columns)
    order by 1
  ) as surplus,
  exists (select from pg_catalog.aclexplode(t.relacl) x where x.grantee = r.oid and x.privilege_type = 'SELECT')
    and not exists (select from known k where k.role = r.rolname and k.schema_name = t.schema and k.table_name = t.name) as whole,
  t.columns::text[] as columns
from needed t
join pg_catalog.pg_roles r on r.rolname = any ($4::text[])
order by 1, 2, 3

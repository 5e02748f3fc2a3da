-- What doctor asks of the server and of segmentd's own schema, in one row. Locks: none.
-- $1 text[], $2 text[]: schema and name of each source table.
with source_table as (
  select distinct c.oid, c.relname, n.nspname, c.relrowsecurity, c.relforcerowsecurity, c.relowner
  from unnest($1::text[], $2::text[]) as w(schema_name, table_name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema_name
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
), me as (
  select r.rolsuper, r.rolbypassrls from pg_catalog.pg_roles r where r.rolname = current_user
)
select
  current_setting('server_version') as version,
  current_setting('server_version_num')::int / 10000 as major,
  pg_catalog.pg_is_in_recovery() as replica,
  exists (select from pg_catalog.pg_roles r where r.rolname = 'segmentd_reader') as reader,
  array(
    select s.nspname || '.' || s.relname from source_table s cross join me
    where s.relrowsecurity and not me.rolsuper and not me.rolbypassrls
      and (s.relforcerowsecurity or not pg_catalog.pg_has_role(s.relowner, 'usage'))
    order by 1
  ) as restricted,
  array(
    select s.nspname || '.' || s.relname from source_table s
    join pg_catalog.pg_subscription_rel r on r.srrelid = s.oid order by 1
  ) as subscribed,
  array(
    select p.gid from pg_catalog.pg_prepared_xacts p
    where p.database = current_database() and p.prepared < clock_timestamp() - interval '10 minutes' order by p.prepared
  ) as prepared,
  array(
    select a.pid::text from pg_catalog.pg_stat_activity a
    where a.datname = current_database() and a.backend_xmin is not null and a.pid <> pg_catalog.pg_backend_pid()
      and a.xact_start < clock_timestamp() - interval '1 hour' order by a.xact_start
  ) as long_running

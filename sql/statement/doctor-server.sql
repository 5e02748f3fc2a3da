-- What doctor asks of the server, in one row. Locks: none.
-- $1 text[], $2 text[]: schema and name of each source table. $3 seconds a prepared transaction may wait, $4 seconds a transaction may be open.
with source_table as (
  select distinct c.oid, c.relname, n.nspname
  from unnest($1::text[], $2::text[]) as w(schema_name, table_name)
  join pg_catalog.pg_namespace n on n.nspname = w.schema_name
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
)
select
  current_setting('server_version') as version,
  current_setting('server_version_num')::int / 10000 as major,
  pg_catalog.pg_is_in_recovery() as standby,
  array(
    select r.role from (values ('segmentd_owner'), ('segmentd_worker'), ('segmentd_editor'), ('segmentd_viewer'), ('segmentd_reader')) as r(role)
    where not exists (select from pg_catalog.pg_roles p where p.rolname = r.role) order by 1
  ) as lacking_roles,
  to_regclass('segmentd_internal.installation') is not null as migrated,
  -- This role could hand over its objects, and has not: a lock was held.
  exists (
    select from pg_catalog.pg_roles o
    join pg_catalog.pg_class c on c.relowner <> o.oid and c.relkind in ('r', 'p', 'v')
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname in ('segmentd', 'segmentd_internal')
    where o.rolname = 'segmentd_owner' and pg_catalog.pg_has_role(current_user, o.oid, 'member')
  ) as keeps,
  array(
    select s.nspname || '.' || s.relname from source_table s
    join pg_catalog.pg_subscription_rel r on r.srrelid = s.oid order by 1
  ) as subscribed,
  -- A setting of a role, or of all roles in this database.
  array(
    select case when d.setrole = 0 then null else r.rolname::text end
    from pg_catalog.pg_db_role_setting d left join pg_catalog.pg_roles r on r.oid = d.setrole
    where d.setdatabase in (0, (select b.oid from pg_catalog.pg_database b where b.datname = current_database()))
      and 'session_replication_role=replica' = any (d.setconfig)
    order by 1
  ) as replica_roles,
  current_setting('session_replication_role') as replication_role,
  array(
    select p.gid from pg_catalog.pg_prepared_xacts p
    where p.database = current_database() and extract(epoch from clock_timestamp() - p.prepared) > $3::float8 order by p.prepared
  ) as prepared,
  array(
    select a.pid::text from pg_catalog.pg_stat_activity a
    where a.datname = current_database() and a.backend_xmin is not null and a.pid <> pg_catalog.pg_backend_pid()
      and extract(epoch from clock_timestamp() - a.xact_start) > $4::float8 order by a.xact_start
  ) as long_running,
  array(
    select s.slot_name::text from pg_catalog.pg_replication_slots s
    where not s.active and (s.xmin is not null or s.catalog_xmin is not null) order by 1
  ) as idle_slots,
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_all,
  current_user::text as role

-- What segmentd created outside its own schemas: indexes, rights of its roles on the team's tables and schemas, and the
-- roles. An index on a function of ours goes with the function. No parameters. Rows: kind, and the names that it needs. Locks: none.
select case c.relkind when 'I' then 'partitioned' else 'index' end as kind, n.nspname::text as schema, c.relname::text as name, null::text[] as columns, null::text as role
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_index i on i.indexrelid = c.oid and i.indexprs is null
where c.relkind in ('i', 'I') and c.relname ~ '^segmentd_link_[0-9a-f]{16}$' and not c.relispartition and n.nspname not in ('segmentd', 'segmentd_internal', 'segmentd_queue')
union all
select 'column', n.nspname::text, c.relname::text, array_agg(a.attname::text order by a.attnum), r.rolname::text
from pg_catalog.pg_attribute a
cross join lateral pg_catalog.aclexplode(a.attacl) x
join pg_catalog.pg_roles r on r.oid = x.grantee and r.rolname in ('segmentd_owner', 'segmentd_worker', 'segmentd_editor', 'segmentd_viewer')
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname not in ('segmentd', 'segmentd_internal', 'segmentd_queue')
where x.privilege_type = 'SELECT' and not a.attisdropped
group by n.nspname, c.relname, r.rolname
union all
select 'schema', n.nspname::text, null, null, r.rolname::text
from pg_catalog.pg_namespace n
cross join lateral pg_catalog.aclexplode(n.nspacl) x
join pg_catalog.pg_roles r on r.oid = x.grantee and r.rolname in ('segmentd_owner', 'segmentd_worker', 'segmentd_editor', 'segmentd_viewer')
where x.privilege_type = 'USAGE' and n.nspname not in ('segmentd', 'segmentd_internal', 'segmentd_queue')
union all
select 'role', null, null, null, r.rolname::text from pg_catalog.pg_roles r
where r.rolname in ('segmentd_owner', 'segmentd_worker', 'segmentd_editor', 'segmentd_viewer', 'segmentd_reader')

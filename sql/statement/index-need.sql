-- For each column that lacks an index: the size of its table with all partitions, the width of a value, and the invalid indexes that begin
-- with it, on the table or a partition.
-- $1 text[] schema, $2 text[] table, $3 text[] column. Rows: one for each column, in order. Locks: none.
select w.position::int as position, s.rows::float8 as rows, coalesce(s.bytes, 0)::float8 as bytes,
  coalesce(
    (select max(t.avg_width) from pg_catalog.pg_stats t
     where t.schemaname = w.schema_name and t.tablename = w.table_name and t.attname = w.column_name),
    case when a.attlen > 0 then a.attlen else 16 end)::int as width,
  coalesce(i.invalid, '[]') as invalid
from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w(schema_name, table_name, column_name, position)
join pg_catalog.pg_namespace n on n.nspname = w.schema_name
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = w.column_name and not a.attisdropped
cross join lateral (
  select array(select t.relid::oid from pg_catalog.pg_partition_tree(c.oid) t union select c.oid) as oids
) tree
cross join lateral (
  select
    sum(case when l.relkind <> 'r' then 0 when l.reltuples >= 0 then l.reltuples else nullif(pg_catalog.pg_stat_get_live_tuples(l.oid), 0) end) as rows,
    sum(pg_catalog.pg_relation_size(l.oid)) as bytes
  from pg_catalog.pg_class l where l.oid = any (tree.oids)
) s
cross join lateral (
  select json_agg(json_build_object('schema', xn.nspname, 'name', xc.relname, 'building', exists (
    select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = x.indexrelid)) order by xn.nspname, xc.relname) as invalid
  from pg_catalog.pg_index x
  join pg_catalog.pg_class xc on xc.oid = x.indexrelid
  join pg_catalog.pg_namespace xn on xn.oid = xc.relnamespace
  join pg_catalog.pg_attribute xa on xa.attrelid = x.indrelid and xa.attnum = x.indkey[0] and xa.attname = w.column_name
  where x.indrelid = any (tree.oids) and not x.indisvalid
) i
order by w.position

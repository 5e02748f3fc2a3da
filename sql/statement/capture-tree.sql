-- The tables of each source with their partitions and children, as they are now.
-- $1 text[], $2 text[]: schema and name of each root. $3 jsonb: root position (from 1) → array of the captured columns.
-- Rows: one for each table of each tree, the root first. Locks: none beyond the catalogue.
with recursive root as (
  select w.position::int as position, c.oid
  from unnest($1::text[], $2::text[]) with ordinality as w(schema_name, table_name, position)
  join pg_catalog.pg_namespace n on n.nspname = w.schema_name
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name and c.relkind in ('r', 'p')
), tree as (
  select r.position, r.oid, 0 as depth, null::text as attached from root r
  union
  -- The row is new after a re-attachment, and so is its xmin, which VACUUM FREEZE leaves readable; after pg_upgrade all
  -- are new.
  select t.position, i.inhrelid, t.depth + 1, i.xmin::text from tree t join pg_catalog.pg_inherits i on i.inhparent = t.oid
)
select t.position, min(t.depth) as depth, n.nspname as schema, c.relname as name, c.relkind::text as kind,
  pg_catalog.pg_relation_filenode(c.oid)::text as filenode,
  string_agg(distinct t.attached, ' ' order by t.attached) as attached,
  exists (select from pg_catalog.pg_subscription_rel s where s.srrelid = c.oid) as subscribed,
  c.relispartition as partition,
  -- Values that are stored apart from their row, and how one is recognised. Not pg_relation_size: that waits for a lock.
  case when coalesce((select w.relpages from pg_catalog.pg_class w where w.oid = c.reltoastrelid), 0) > 0
      or pg_catalog.pg_stat_get_tuples_inserted(c.reltoastrelid) > 0
    then case when current_setting('server_version_num')::int >= 170000 then 'chunk' else 'size' end end as wide,
  -- Whether an index checks at each row that the link is unique.
  exists (
    select from pg_catalog.pg_index x join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
    where x.indrelid = c.oid and x.indisunique and x.indimmediate and x.indisvalid and x.indpred is null and x.indnkeyatts = 1
      and a.attname = $3::jsonb -> t.position::text ->> 0
  ) as immediate,
  (
    select coalesce(jsonb_object_agg(a.attname, a.attnum || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)), '{}')
    from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and a.attname = any (array(select jsonb_array_elements_text($3::jsonb -> t.position::text)))
  ) as columns,
  (
    -- Not pg_get_expr: that prints names by the search path of the session.
    select coalesce(jsonb_object_agg(a.attname, pg_catalog.hashtextextended(d.adbin::text, 0)::text), '{}')
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attgenerated <> '' and not a.attisdropped
      and a.attname = any (array(select jsonb_array_elements_text($3::jsonb -> t.position::text)))
  ) as expressions,
  (
    -- Those that say how many rows of this table a row of another can lead over.
    select coalesce(jsonb_agg(u.names order by u.names), '[]')
    from pg_catalog.pg_index x
    cross join lateral (
      select jsonb_agg(a.attname order by a.attname) as names
      from unnest(x.indkey::int2[]) with ordinality as p(attnum, at)
      join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = p.attnum
      where p.at <= x.indnkeyatts
    ) u
    where x.indrelid = c.oid and x.indisunique and x.indisvalid and x.indpred is null and x.indexprs is null
      and u.names <@ ($3::jsonb -> t.position::text)
  ) as uniques,
  (
    select coalesce(jsonb_object_agg(g.tgname, g.tgenabled::text || ' ' || p.proname), '{}')
    from pg_catalog.pg_trigger g
    join pg_catalog.pg_proc p on p.oid = g.tgfoid
    join pg_catalog.pg_namespace pn on pn.oid = p.pronamespace
    where g.tgrelid = c.oid and (not g.tgisinternal or g.tgparentid <> 0) and pn.nspname = 'segmentd_internal' and p.proname ~ '^capture_'
  ) as triggers
from tree t
join pg_catalog.pg_class c on c.oid = t.oid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
group by t.position, n.nspname, c.relname, c.relkind, c.oid, c.relispartition, c.reltoastrelid
order by t.position, min(t.depth), n.nspname, c.relname

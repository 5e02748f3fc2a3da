-- The columns of a table, and for one of a domain the type under the domain. $1 text schema, $2 text table.
-- Rows: one for each column, in order; `type` is null for a column of no domain. Locks: none.
with recursive base as (
  select a.attname, a.attnum, a.atttypid as type, a.atttypmod as modifier, 0 as depth
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = $1
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relname = $2
  union all
  select b.attname, b.attnum, t.typbasetype, t.typtypmod, b.depth + 1
  from base b join pg_catalog.pg_type t on t.oid = b.type where t.typtype = 'd'
)
select b.attname as name, case when b.depth > 0 then pg_catalog.format_type(b.type, b.modifier) end as type
from base b join pg_catalog.pg_type t on t.oid = b.type and t.typtype <> 'd'
order by b.attnum

-- Rows that a transaction of a source wrote on average, at least: all its rows over all transactions of the database.
-- $1 int[] position of the source, $2 text[] schema, $3 text[] table. Rows: one for each source that was written. Locks: none.
select w.position,
  sum(s.n_tup_ins)::float8 / max(d.transactions) as insert,
  sum(s.n_tup_upd)::float8 / max(d.transactions) as update,
  sum(s.n_tup_del)::float8 / max(d.transactions) as delete
from unnest($1::int[], $2::text[], $3::text[]) as w(position, schema_name, table_name)
join pg_catalog.pg_stat_user_tables s on s.schemaname = w.schema_name and s.relname = w.table_name
cross join (
  select d.xact_commit as transactions from pg_catalog.pg_stat_database d
  -- Fewer say nothing: the table was just loaded.
  where d.datname = current_database() and d.xact_commit >= 1000
) d
group by w.position
having sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del) > 0

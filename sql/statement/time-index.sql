-- For each time column of a window, whether an index in order of its values exists.
-- $1 text[] schema, $2 text[] table, $3 text[] column, $4 text[] expression over the column, or null for the column itself. Rows: one for each column, in order. Locks: none.
select w.position::int as position, c.relkind::text as kind,
  exists (
    select from pg_catalog.pg_index i
    join pg_catalog.pg_class ic on ic.oid = i.indexrelid
    join pg_catalog.pg_am am on am.oid = ic.relam and am.amname = 'btree'
    where i.indrelid = c.oid and i.indisvalid and i.indpred is null
      and case when w.expression is null then i.indkey[0] = a.attnum
        -- Postgres prints an expression with other parentheses and quotes than it was written, and leaves out casts of text to text.
        else i.indkey[0] = 0 and replace(translate(pg_catalog.pg_get_indexdef(i.indexrelid, 1, true), '()" ', ''), '::text', '')
          = replace(translate(w.expression, '()" ', ''), '::text', '') end
  ) as indexed
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as w(schema_name, table_name, column_name, expression, position)
join pg_catalog.pg_namespace n on n.nspname = w.schema_name
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = w.column_name and not a.attisdropped
order by w.position

-- Fields whose windows are as of an earlier instant than one, because they have no usable index and are looked at rarely.
-- $1 keys of the segments that count, or null for all, $2 the instant. Rows: one a field; `as_of` null: never looked at;
-- `due` milliseconds until its next look, about. Locks: none.
select so.schema_name, so.table_name, e.definition ->> 'column' as column_name,
  case when e.definition ? 'path' then array(select jsonb_array_elements_text(e.definition -> 'path')) end as path,
  to_char(min(coalesce(e.as_of, i.time_as_of, '-infinity')) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as as_of,
  max(e.every) as every,
  extract(epoch from min(coalesce(e.as_of, i.time_as_of)) - clock_timestamp())::float8 * 1000 + max(e.every) as due
from segmentd_internal.edge e
join segmentd_internal.source so on so.id = e.source
cross join segmentd_internal.installation i
where (e.as_of is not null or e.every is not null)
  and coalesce(e.as_of, i.time_as_of, '-infinity') < $2::timestamptz
  and exists (
    select from segmentd_internal.segment_edge l join segmentd.segment s on s.id = l.segment_id
    where l.edge_id = e.id and segmentd_internal.is_followed(s.state) and ($1::text[] is null or s.key = any ($1)))
group by so.schema_name, so.table_name, column_name, path
order by so.schema_name, so.table_name, column_name, path

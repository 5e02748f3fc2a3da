-- Fields whose windows are as of an earlier instant than one, because they have no usable index and are looked at rarely.
-- $1 keys of the segments that count, or null for all, $2 the instant. Rows: one a field; `as_of` null: never looked at;
-- `due` milliseconds until its next look, about. Locks: none.
select
  case when e.definition ? 'past' then 'segmentd' else so.schema_name end as schema_name,
  case e.definition #>> '{past,of}' when 'members' then 'membership' when 'entered' then 'membership_event' when 'left' then 'membership_event' else so.table_name end as table_name,
  case e.definition #>> '{past,of}' when 'members' then 'entered_at' when 'entered' then 'at' when 'left' then 'at' else e.definition ->> 'column' end as column_name,
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
group by 1, 2, 3, path
order by 1, 2, 3, path

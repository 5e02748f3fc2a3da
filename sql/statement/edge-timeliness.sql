-- How promptly sweeps find crossings, for each segment and time field. $1 key, or null for all followed segments. Rows:
-- one for each segment and field. `every` and `as_of` are null when an index allows a probe at every poll. Locks: none.
select s.key,
  case when e.definition ? 'past' then 'segmentd' else so.schema_name end as schema_name,
  case e.definition #>> '{past,of}' when 'members' then 'membership' when 'entered' then 'membership_event' when 'left' then 'membership_event' else so.table_name end as table_name,
  case e.definition #>> '{past,of}' when 'members' then 'entered_at' when 'entered' then 'at' when 'left' then 'at' else e.definition ->> 'column' end as column_name,
  case when e.definition ? 'path' then array(select jsonb_array_elements_text(e.definition -> 'path')) end as path,
  bool_and(e.definition ->> 'type' = 'date' or e.definition #>> '{boundary,kind}' <> 'rolling') as daily,
  max(e.every) as every,
  to_char(min(e.as_of) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as as_of
from segmentd.segment s
join segmentd_internal.segment_edge l on l.segment_id = s.id and l.version = s.live_version
join segmentd_internal.edge e on e.id = l.edge_id
join segmentd_internal.source so on so.id = e.source
where s.key = $1 or $1::text is null and segmentd_internal.is_followed(s.state)
group by s.key, 2, 3, 4, path
order by s.key, 2, 3, 4, path

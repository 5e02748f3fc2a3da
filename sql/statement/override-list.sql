-- Overrides of a segment, by contact. $1 key, $2 contact after which to begin, or null, $3 at most, or null.
-- Rows: one an override. Locks: none.
select w.contact_id::text as contact_id, w.kind, w.note, coalesce(w.actor, w.created_by) as created_by, w.created_by as database_role,
  to_char(w.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
  to_char(w.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as expires_at
from segmentd.override w
join segmentd.segment s on s.id = w.segment_id
where s.key = $1 and ($2::text is null or w.contact_id > $2::text::segmentd.contact_key)
order by w.contact_id
limit $3::bigint

-- The overrides of a contact in all segments.
-- $1 contact key as text.
-- Rows: one for each segment, by key. Locks: none.
select
    s.key as segment,
    w.kind,
    w.note,
    coalesce(w.actor, w.created_by) as created_by,
    w.created_by as database_role,
    to_char(w.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(w.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as expires_at
from segmentd.override w
join segmentd.segment s on s.id = w.segment_id
where w.contact_id = $1::text::segmentd.contact_key and s.wanted_state <> 'deleted'
order by s.key

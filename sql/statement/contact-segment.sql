-- The segments that a contact is a member of.
-- $1 contact key as text.
-- Rows: one for each segment, by key. Locks: none.
select
    s.key,
    s.name,
    to_char(m.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as entered_at
from segmentd.membership m
join segmentd.segment s on s.id = m.segment_id
where m.contact_id = $1::text::segmentd.contact_key
order by s.key

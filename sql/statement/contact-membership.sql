-- The segments that a contact is a member of, and why it entered each.
-- $1 contact key as text.
-- Rows: one for each segment, by key. Locks: none.
select
    s.key,
    s.name,
    to_char(m.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as entered_at,
    e.reason
from segmentd.membership m
join segmentd.segment s on s.id = m.segment_id
left join lateral (
    select i.reason from segmentd.membership_event i
    where i.segment_id = m.segment_id and i.contact_id = m.contact_id and i.kind = 'entered' and i.at = m.entered_at
    order by i.id desc limit 1
) e on true
where m.contact_id = $1::text::segmentd.contact_key
order by s.key

-- The latest membership events.
-- $1 most rows
-- Rows: events, latest first. Locks: none.
select
    e.id::text as id,
    to_char(e.at, 'HH24:MI:SS') as at,
    s.key as segment,
    e.contact_id::text as contact,
    e.kind,
    e.reason
from segmentd.membership_event e
join segmentd.segment s on s.id = e.segment_id
order by e.id desc
limit $1

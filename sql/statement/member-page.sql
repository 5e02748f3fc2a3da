-- A page of a segment's members in order of their key.
-- $1 segment id, $2 the last key of the previous page or null, $3 most rows.
-- Rows: members. Locks: none.
select
    m.contact_id::text as contact_id,
    to_char(m.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as entered_at
from segmentd.membership m
where m.segment_id = $1 and ($2::text is null or m.contact_id > $2::text::segmentd.contact_key)
order by m.contact_id
limit $3

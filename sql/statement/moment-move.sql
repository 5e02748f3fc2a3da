-- How often contacts entered and left a segment since the day (UTC) of an instant began, and its members now.
-- $1 segment id, $2 instant
-- Rows: one. Locks: none.
select
    coalesce(sum(c.entries), 0)::text as entries,
    coalesce(sum(c.exits), 0)::text as exits,
    (select coalesce(sum(m.members), 0) from segmentd_internal.member_count m where m.segment_id = $1)::text as members,
    to_char($2::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
from segmentd_internal.day_change c
where c.segment_id = $1 and c.day >= ($2::timestamptz at time zone 'UTC')::date

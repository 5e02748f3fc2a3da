-- What persons did, the latest first.
-- $1 key of a segment or null, $2 person or null, $3 contact or null, $4 action or null, $5 id behind which to begin or null, $6 at most
-- Rows: one an entry. Locks: none.
select
    l.id::text as id,
    to_char(l.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
    l.actor,
    l.database_role,
    l.way,
    l.action,
    l.segment,
    l.contact::text as contact,
    l.detail
from segmentd_internal.action_log l
where ($1::text is null or l.segment = $1)
    and ($2::text is null or l.actor = $2)
    and ($3::text is null or l.contact = $3::text::segmentd.contact_key)
    and ($4::text is null or l.action = $4)
    and ($5::text is null or l.id < $5::text::bigint)
order by l.id desc
limit $6::bigint

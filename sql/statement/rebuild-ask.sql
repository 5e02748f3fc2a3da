-- Asks for a full rebuild; the row is the intent, a barrier deletes those it saw.
-- $1 key or null for all, $2 reason
-- Rows: the keys asked for. Locks: none.
with wanted as (
    select s.id, s.key
    from segmentd.segment s
    where ($1::text is null or s.key = $1) and s.wanted_state = 'live'
), asked as (
    insert into segmentd.rebuild_request (segment_id, reason)
    select w.id, $2::text from wanted w
    returning segment_id
)
select w.key from wanted w join asked a on a.segment_id = w.id order by w.key

-- Asks for a full rebuild; the row is the intent, a barrier deletes those it saw.
-- $1 key or null for all, $2 reason, $3 whether the caller's transaction may have written before
-- Rows: the keys that will be rebuilt. Locks: none.
-- A build that is requested and has not begun reads what is committed now, but not what the caller has yet to commit. A segment that
-- returns from a pause rebuilds without a request. The worker validates an invalid segment first.
with wanted as (
    select s.id, s.key, s.state
    from segmentd.segment s
    where ($1::text is null or s.key = $1) and s.wanted_state = 'live'
), asked as (
    insert into segmentd_internal.rebuild_request (segment_id, reason)
    select w.id, $2::text
    from wanted w
    where w.state in ('building', 'live', 'held', 'failed', 'invalid')
        and ($3::boolean or not exists (select from segmentd_internal.rebuild_request r where r.segment_id = w.id and r.reason = $2::text))
)
select w.key from wanted w order by w.key

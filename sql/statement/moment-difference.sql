-- Contacts whose membership differs between an instant and now: those that moved an odd number of times since, because the
-- events of one contact alternate.
-- $1 segment id, $2 instant
-- Rows: one. Locks: none.
select
    count(*) filter (where m.contact_id is not null)::text as entered,
    count(*) filter (where m.contact_id is null)::text as "left"
from (
    select e.contact_id
    from segmentd.membership_event e
    where e.segment_id = $1 and e.at > $2::timestamptz
    group by e.contact_id
    having count(*) % 2 = 1
) moved
left join segmentd.membership m on m.segment_id = $1 and m.contact_id = moved.contact_id

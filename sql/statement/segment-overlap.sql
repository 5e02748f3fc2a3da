-- Numbers of members of two segments, and of contacts in both. $1, $2 segment ids. Rows: one. Locks: none.
select
    (select count(*) from segmentd.membership m where m.segment_id = $1)::text as first,
    (select count(*) from segmentd.membership m where m.segment_id = $2)::text as second,
    (
        select count(*)
        from segmentd.membership a
        join segmentd.membership b on b.contact_id = a.contact_id
        where a.segment_id = $1 and b.segment_id = $2
    )::text as both

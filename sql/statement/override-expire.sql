-- Deletes expired overrides, and queues their rechecks. $1 at most.
-- Rows: one for each. Locks: the rows; those that a caller holds wait for the next call.
with due as (
    select w.segment_id, w.contact_id from segmentd.override w
    where w.expires_at <= (select segmentd.instant())
    order by w.expires_at
    limit $1
    for update skip locked
), expired as (
    delete from segmentd.override w using due where w.segment_id = due.segment_id and w.contact_id = due.contact_id
    returning w.segment_id, w.contact_id
)
insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason)
select segmentd_internal.shard(expired.contact_id::text), expired.segment_id, expired.contact_id, 'time' from expired

-- Queues or parks work. $1 segments, $2 contacts, $3 reasons, $4 epochs (null: not parked), $5 origin (xid8). Rows: none.
insert into segmentd.recheck (shard, segment_id, contact_id, reason, epoch, origin)
select segmentd.shard(parked.contact_id), parked.segment_id, parked.contact_id::segmentd.contact_key, parked.reason, parked.epoch,
       coalesce($5::text::xid8, pg_current_xact_id())
from unnest($1::int[], $2::text[], $3::text[], $4::int[]) as parked(segment_id, contact_id, reason, epoch)

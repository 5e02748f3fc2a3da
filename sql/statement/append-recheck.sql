-- Queues or parks work. $1 segments, $2 contacts, $3 reasons, $4 epochs (null: not parked), $5 origins (xid8 as text;
-- null or too few: this transaction). Rows: none.
insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason, epoch, origin)
select segmentd_internal.shard(parked.contact_id), parked.segment_id, parked.contact_id::segmentd.contact_key, parked.reason, parked.epoch,
       coalesce(parked.origin::xid8, pg_current_xact_id())
from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::text[]) as parked(segment_id, contact_id, reason, epoch, origin)

-- Rechecks that a drain can take, before it tries the slots of their segments. $1 shards, $2 segments that must wait,
-- $3 most rows. Rows: one for each recheck with its row id, stable while the shard is locked. Locks: none.
select r.ctid::text as row_id, r.segment_id, r.contact_id::text as contact_id, r.reason, r.origin::text as origin
from unnest($1::smallint[]) as held(shard)
cross join lateral (
  select r.ctid, r.segment_id, r.contact_id, r.reason, r.origin
  from segmentd_internal.recheck r
  where r.shard = held.shard and r.epoch is null and r.segment_id <> all ($2::int[])
  limit $3
) as r
limit $3

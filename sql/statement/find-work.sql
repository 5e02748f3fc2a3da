-- Lanes with work to drain. $1 lanes (shards; from 128 on their crossings), $2 floors (xid8 as text), $3 floors
-- (contact key as text), $4 segments whose rechecks must wait. Rows: lane. Locks: none. A floor skips rows that earlier
-- complete scans consumed: dead rows must not slow the poll while another session holds a snapshot.
select floor.lane
from unnest($1::smallint[], $2::text[]::xid8[], $3::text[]::segmentd.contact_key[]) as floor(lane, xid, contact_id)
where exists (
    select from segmentd_internal.change c
    where c.shard = floor.lane and (c.xid, c.contact_id) >= (floor.xid, floor.contact_id)
  )
  or exists (
    select from segmentd_internal.recheck r
    where r.shard = floor.lane and r.epoch is null and r.segment_id <> all ($4::int[])
  )

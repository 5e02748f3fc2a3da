-- Takes a prefix of each lane's outbox, in the order (xid, contact). $1 lanes of locked shards, $2 floors (xid8), $3
-- floors (contact key), $4 rows a lane at most. Rows: one a change, with its rank in the lane and the oldest running
-- transaction of this snapshot. Locks: rows of the outbox; the caller holds the shards.
with taken as (
  select picked.*
  from unnest($1::smallint[], $2::text[]::xid8[], $3::text[]::segmentd.contact_key[]) as floor(lane, xid, contact_id)
  cross join lateral (
    select c.ctid as row_id, row_number() over (order by c.xid, c.contact_id) as rank
    from segmentd_internal.change c
    where c.shard = floor.lane and (c.xid, c.contact_id) >= (floor.xid, floor.contact_id)
    order by c.xid, c.contact_id
    limit $4
  ) as picked
)
delete from segmentd_internal.change c using taken
where c.ctid = taken.row_id
returning c.shard as lane, c.source, c.contact_id::text as contact_id, c.mask::text as mask, c.edge, c.xid::text as xid,
  coalesce(c.origin, c.xid)::text as origin, taken.rank::int as rank,
  pg_snapshot_xmin(pg_current_snapshot())::text as xmin

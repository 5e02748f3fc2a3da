-- Takes unresolved rows of the outbox: links of second-hop tables, and "everything in this source" (link null).
-- $1 shards, $2 rows at most. Rows: source, link, mask, origin. Locks: rows of the outbox; the caller holds the link shards.
delete from segmentd.change c
where c.ctid = any (array(
  select picked.ctid from segmentd.change picked
  where picked.shard = any (array(select 64 + s.shard from unnest($1::smallint[]) as s(shard)))
  limit $2
))
returning c.source, c.link, c.mask::text as mask, coalesce(c.origin, c.xid)::text as origin

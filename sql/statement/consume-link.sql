-- Takes unresolved rows of the outbox: links of second-hop tables, and "everything in this source" (link null).
-- $1 shards, $2 rows at most. Rows: source, link, mask, origin. Locks: rows of the outbox; the caller holds the link shards.
delete from segmentd.change c
where c.ctid = any (array(
  select picked.ctid from segmentd.change picked
  where picked.shard = any ($1::smallint[]) and picked.contact_id is null
  limit $2
))
returning c.source, c.link, c.mask::text as mask, coalesce(c.origin, c.xid)::text as origin

-- Takes unresolved rows of the outbox: links of second-hop tables, and "everything in this source" (link null). $1
-- shards, $2 rows at most. Rows: source, link, mask, origin. Locks: rows of the outbox; the caller holds the link
-- shards. Source 0 is a ticket of changed keys, taken with them (key-change-take.sql).
delete from segmentd_internal.change c
where c.ctid = any (array(
  select picked.ctid from segmentd_internal.change picked
  where picked.shard = any (array(select 64 + s.shard from unnest($1::smallint[]) as s(shard)))
    and (picked.source <> 0 or not exists (select from segmentd_internal.key_change))
  limit $2
))
returning c.source, c.link, c.mask::text as mask, coalesce(c.origin, c.xid)::text as origin

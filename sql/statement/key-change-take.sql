-- Takes the tickets of changed keys. $1 how many statements at most. Rows: one; `ids` the statements in the order in which they ran,
-- `origin` the oldest transaction, null without a ticket. Locks: rows of the outbox; the caller holds the link shard 0.
-- One snapshot: a statement that sees a ticket sees its keys.
with ticket as (
  delete from segmentd_internal.change c where c.shard = 64 and c.source = 0
  returning coalesce(c.origin, c.xid) as origin
)
select array(select k.id::text from segmentd_internal.key_change k group by k.id order by k.id limit $1) as ids,
  (select t.origin::text from ticket t order by t.origin limit 1) as origin

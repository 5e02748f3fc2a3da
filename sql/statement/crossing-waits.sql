-- Whether more crossings than $1 wait in the outbox. Rows: many. Locks: none. By index: they have lanes of their own.
select count(*) >= $1 as many from (select from segmentd_internal.change c where c.shard >= 128 limit $1) as waiting

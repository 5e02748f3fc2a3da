-- Whether more crossings than $1 wait in the outbox. Rows: many. Locks: none.
select count(*) >= $1 as many from (select from segmentd.change c where c.edge is not null limit $1) as waiting

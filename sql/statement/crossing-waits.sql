-- Whether more crossings than $1 wait in the outbox. Rows: many. Locks: none. Reads the whole outbox where they are few:
-- asked only when something crossed, and an index for it would be paid by every write of the team.
select count(*) >= $1 as many from (select from segmentd.change c where c.edge is not null limit $1) as waiting

-- Makes the present the earliest instant that any evaluation may use from now on. Rows: the instant (text, microseconds).
-- Locks: the one row of segmentd.clock until the transaction ends, so let it be a transaction of its own.
update segmentd.clock c set high = greatest(c.high, segmentd.clock()) returning c.high::text as instant

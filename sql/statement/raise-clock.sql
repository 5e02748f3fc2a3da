-- Makes the present the earliest instant of every later evaluation. Rows: the instant (text, microseconds).
-- Locks: the one row of segmentd.clock until the transaction ends, so the caller gives it a transaction of its own.
update segmentd.clock c set high = greatest(c.high, segmentd.clock()) returning c.high::text as instant

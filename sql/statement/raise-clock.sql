-- Makes the present the earliest instant of every later evaluation. Rows: the instant (text, microseconds).
-- Locks: the one row of segmentd_internal.clock until the transaction ends, so the caller gives it a transaction of its own.
update segmentd_internal.clock c set high = greatest(c.high, segmentd_internal.clock()) returning c.high::text as instant

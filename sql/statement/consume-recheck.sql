-- Takes the rechecks named by row id. $1 row ids (tid as text). Rows: none. Locks: those rows; the caller holds their
-- shards.
delete from segmentd_internal.recheck r where r.ctid = any ($1::text[]::tid[])

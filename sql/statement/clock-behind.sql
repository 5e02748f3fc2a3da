-- By how many seconds the server's clock lies behind the latest instant that was used. Rows: behind. Locks: none.
select case when c.high > segmentd.clock() then extract(epoch from c.high - segmentd.clock()) else 0 end::float8 as behind
from segmentd.clock c

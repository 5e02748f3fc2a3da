-- The number of seconds by which the server's clock is behind the latest instant that was used. Rows: behind. Locks:
-- none.
select case when c.high > segmentd_internal.clock() then extract(epoch from c.high - segmentd_internal.clock()) else 0 end::float8 as behind
from segmentd_internal.clock c

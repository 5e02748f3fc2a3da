-- The rolling audit as people see it.
-- Rows: one, none before the first step. Locks: none.
select
    to_char(a.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as started_at,
    a.checked::float8 as checked,
    to_char(a.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as finished_at,
    a.total::float8 as total,
    a.differences::float8 as differences,
    to_char(a.differed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as differed_at
from segmentd_internal.audit a

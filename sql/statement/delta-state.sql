-- Where a delta stands, and whether the event log still reaches back to its cursor.
-- $1 delta id
-- Rows: one. Locks: none.
-- An event may be older by its `at` than the snapshot that did not see it, by as long as a transaction of ours lasts.
select
    d.number,
    d.snapshot::text as snapshot,
    to_char(d.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as as_of,
    d.pending_snapshot::text as pending_snapshot,
    d.pending,
    coalesce(d.as_of - interval '1 hour' >= i.events_since, true) as reached,
    coalesce(pg_snapshot_xmax(d.snapshot) <= pg_snapshot_xmax(pg_current_snapshot()), true) as ours
from segmentd_internal.export_delta d cross join segmentd_internal.installation i
where d.id = $1

-- Wakes a worker when the transaction commits; not used when the team uses PREPARE TRANSACTION.
-- Rows: none that matter. Locks: none.
select pg_notify('segmentd', '') from segmentd_internal.installation i where i.doorbell

-- Wakes a worker when the transaction commits; left out where teams use PREPARE TRANSACTION.
-- Rows: none that matter. Locks: none.
select pg_notify('segmentd', '') from segmentd.installation i where i.doorbell

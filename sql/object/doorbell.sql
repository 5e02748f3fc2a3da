-- Rings for a worker only when one is asleep; returns whether it rang. NOTIFY takes a lock of the whole server at commit,
-- so it must be rare: a sleeping worker holds the session lock (7361, 1) exclusively, and whoever can share it for a
-- moment knows that nobody sleeps. No worker, no lock, no NOTIFY. A hint only: workers poll as well.
-- One expression, so that the capture functions inline it.
create or replace function segmentd.doorbell() returns boolean
language sql volatile
return case
  when pg_catalog.pg_try_advisory_lock_shared(7361, 1) then not pg_catalog.pg_advisory_unlock_shared(7361, 1)
  else pg_catalog.pg_notify('segmentd', '') is not null
end;
comment on function segmentd.doorbell() is 'Wakes a sleeping worker; does nothing when none sleeps. True when it rang.';

-- Rings only when a worker sleeps; returns whether it rang. NOTIFY takes a lock of the whole server at commit, so it
-- must be rare. A sleeping worker holds the session lock (7361, 1) exclusively; a writer that gets the lock shared
-- knows that no worker sleeps. Without a worker there is no lock and no NOTIFY. The ring is only a hint: workers poll
-- too. The body is one expression, so that the capture functions inline it.
create or replace function segmentd_internal.doorbell() returns boolean
language sql volatile
return case
  when pg_catalog.pg_try_advisory_lock_shared(7361, 1) then not pg_catalog.pg_advisory_unlock_shared(7361, 1)
  else pg_catalog.pg_notify('segmentd', '') is not null
end;
comment on function segmentd_internal.doorbell() is 'Wakes a sleeping worker and returns true; does nothing and returns false when no worker sleeps.';

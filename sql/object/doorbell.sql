-- Rings for a worker only when one is asleep. NOTIFY takes a lock of the whole server at commit, so it must be rare:
-- a sleeping worker holds the session lock (7361, 1) exclusively, and whoever can share it for a moment knows that
-- nobody sleeps. No worker, no lock, no NOTIFY. A hint only: workers poll as well.
create or replace function segmentd.doorbell() returns void
language plpgsql volatile
as $$
begin
  if pg_catalog.pg_try_advisory_lock_shared(7361, 1) then
    perform pg_catalog.pg_advisory_unlock_shared(7361, 1);
  else
    perform pg_catalog.pg_notify('segmentd', '');
  end if;
end
$$;
comment on function segmentd.doorbell() is 'Wakes a sleeping worker; does nothing when none sleeps.';

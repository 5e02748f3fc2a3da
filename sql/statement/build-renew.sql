-- Renews the leases of builds whose epoch still stands.
-- $1 segment ids, $2 their epochs, $3 seconds of the lease, $4 contacts that are staged, or null: as before
-- Rows: the segments whose build is still the caller's. Locks: those builds.
update segmentd_internal.build b
set lease_until = clock_timestamp() + make_interval(secs => $3), done = coalesce($4, b.done)
from unnest($1::int[], $2::int[]) as mine(segment_id, epoch)
where b.segment_id = mine.segment_id and b.epoch = mine.epoch
returning b.segment_id

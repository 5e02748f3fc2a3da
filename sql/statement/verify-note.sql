-- Notes how many differences a verification of all segments found, for the metrics. $1 differences. Rows: none. Locks: the row of the audit.
insert into segmentd_internal.audit (verified_at, verify_differences) values (clock_timestamp(), $1)
on conflict (one) do update set verified_at = excluded.verified_at, verify_differences = excluded.verify_differences

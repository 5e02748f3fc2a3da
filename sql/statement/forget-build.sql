-- Whether a build is under way that may have read a contact before it was deleted. Rows: one or none. Locks: none.
select 1 as running from segmentd_internal.build b
where b.phase = 'staging'
  and exists (
    select from pg_catalog.pg_stat_activity a
    -- When another role's session began is hidden; the lease bounds what a process id that was used again can pretend.
    where a.pid || ' ' || a.backend_start = b.owner or a.backend_start is null and b.owner like a.pid || ' %' and b.lease_until > clock_timestamp())
limit 1

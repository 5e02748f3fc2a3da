-- Whether a build is under way that may have read a contact before it was deleted. Rows: one or none. Locks: none.
select 1 as running from segmentd.build b
where b.phase in ('waiting', 'staging', 'flipping')
  and exists (select from pg_catalog.pg_stat_activity a where a.pid || ' ' || a.backend_start = b.owner)
limit 1

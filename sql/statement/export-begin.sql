-- Notes that an export has begun: a run of its own, or the file of one that was there.
-- $1 segment id, $2 the file or null for a stream, $3 owner, $4 id of the run or null, $5 seconds that a run of its own is believed to live
-- Rows: the run's id. Locks: the run.
with known as (
  update segmentd_internal.export_run set file = $2 where id = $4::text::bigint returning id
), made as (
  insert into segmentd_internal.export_run (segment_id, state, attempt, file, owner, lease_until, started_at)
  select $1, 'running', 1, $2, $3, clock_timestamp() + make_interval(secs => $5), clock_timestamp() where $4::text is null
  returning id
)
select id::text as id from known union all select id::text from made

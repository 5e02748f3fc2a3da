-- Moves a schedule on, and notes the run that was due unless one waits already.
-- $1 schedule id, $2 segment id, $3 due instant or null, $4 next instant or null for never, $5 error or null
-- Rows: none. Locks: the schedule.
with noted as (
  insert into segmentd_internal.export_run (segment_id, schedule_id, due_at, state)
  select $2, $1, $3::text::timestamptz, 'waiting'
  where $3::text is not null and not exists (select from segmentd_internal.export_run r where r.schedule_id = $1 and r.state = 'waiting')
  on conflict (schedule_id, due_at) do nothing
)
update segmentd_internal.schedule set next_at = coalesce($4::text::timestamptz, 'infinity'), error = $5 where id = $1

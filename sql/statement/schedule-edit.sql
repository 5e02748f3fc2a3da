-- Changes a schedule, and gives it its next run.
-- $1 id, $2 cron, $3 zone, $4 format, $5 columns or null, $6 gzip, $7 folder, $8 delta or null, $9 passing, $10 formulas,
-- $11 consistent, $12 fresh, $13 next run, infinity for a paused one, or null for the one it has
-- Rows: none. Locks: the schedule.
update segmentd_internal.schedule c
set cron = $2, timezone = $3, format = $4, columns = $5::text[], gzip = $6, folder = $7, delta = $8, passing = $9, formulas = $10,
  consistent = $11, fresh = $12, next_at = coalesce($13::text::timestamptz, c.next_at), error = null
where c.id = $1

-- Adds a schedule.
-- $1 segment key, $2 cron, $3 zone, $4 format, $5 columns or null, $6 gzip, $7 folder, $8 delta or null, $9 passing, $10 formulas,
-- $11 consistent, $12 fresh, $13 next run
-- Rows: its id, or none when there is no such segment. Locks: none.
insert into segmentd_internal.schedule (segment_id, cron, timezone, format, columns, gzip, folder, delta, passing, formulas, consistent, fresh, next_at)
select s.id, $2, $3, $4, $5::text[], $6, $7, $8, $9, $10, $11, $12, $13::text::timestamptz
from segmentd.segment s where s.key = $1 and s.wanted_state <> 'deleted'
returning id

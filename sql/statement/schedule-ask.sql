-- Asks for a run of a schedule now.
-- $1 schedule id
-- Rows: the run's id, or none. Locks: none.
insert into segmentd_internal.export_run (segment_id, schedule_id, state)
select c.segment_id, c.id, 'waiting' from segmentd_internal.schedule c where c.id = $1
returning id::text as id

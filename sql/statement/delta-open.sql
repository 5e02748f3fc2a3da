-- The delta of a segment by name, made if there is none.
-- $1 segment id, $2 name
-- Rows: its id. Locks: none that last.
with made as (
  insert into segmentd_internal.export_delta (segment_id, name) values ($1, $2)
  on conflict (segment_id, name) do nothing
  returning id
)
select id from made union all
select d.id from segmentd_internal.export_delta d where d.segment_id = $1 and d.name = $2
limit 1

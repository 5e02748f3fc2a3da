-- Locks edges without any link against barriers that would rely on them. Rows: id. Locks: those edges,
-- skipping what others hold.
select e.id from segmentd_internal.edge e
where not exists (select from segmentd_internal.segment_edge l where l.edge_id = e.id)
order by e.id
limit 100
for update of e skip locked

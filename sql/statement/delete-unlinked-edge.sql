-- Removes edges that were locked for it, if they are without any link still. $1 ids. Rows: none. Locks: held already.
delete from segmentd_internal.edge e
where e.id = any ($1::int[]) and not exists (select from segmentd_internal.segment_edge l where l.edge_id = e.id)

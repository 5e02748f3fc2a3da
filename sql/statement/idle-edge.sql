-- Whether an edge has no link, or is an hour behind while no followed segment uses it. Rows: at most one. Locks: none.
select from segmentd_internal.edge e cross join segmentd_internal.clock c
where not exists (select from segmentd_internal.segment_edge l where l.edge_id = e.id)
  or e.watermark < segmentd_internal.clock() - interval '1 hour' and not exists (
    select from segmentd_internal.segment_edge l join segmentd.segment s on s.id = l.segment_id
    where l.edge_id = e.id and segmentd_internal.is_followed(s.state))
limit 1

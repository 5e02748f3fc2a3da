-- Moves the watermark of edges that only segments use which are not kept, to the last raised instant. Rows: none.
-- Locks: those edges, skipping what others hold. A build that links one of them commits after this snapshot, so its
-- chunks read an instant that is not before the watermark set here.
update segmentd_internal.edge e set watermark = c.high
from segmentd_internal.clock c
where e.watermark < c.high and e.id in (
  select i.id from segmentd_internal.edge i
  where not exists (
    select from segmentd_internal.segment_edge l join segmentd.segment s on s.id = l.segment_id
    where l.edge_id = i.id and segmentd_internal.is_followed(s.state))
  for no key update of i skip locked
)

-- Edges that are looked at at every poll. $1 keys of the segments that count, or null for all, $2 the instant that counts, by
-- the server's clock. Rows: one; `edges` their ids, `passed` whether a worker has found since that nothing waits,
-- `sure` whether that is certain: not while the server's clock is behind itself. Locks: none.
with prompt as materialized (
  select e.id from segmentd_internal.edge e
  where e.as_of is null and e.every is null
    and exists (
      select from segmentd_internal.segment_edge l join segmentd.segment s on s.id = l.segment_id
      where l.edge_id = e.id and segmentd_internal.is_followed(s.state) and ($1::text[] is null or s.key = any ($1)))
)
select array(select p.id from prompt p) as edges,
  not exists (select from prompt) or coalesce(i.time_as_of >= $2::timestamptz, false) as passed,
  coalesce(i.time_as_of <= clock_timestamp(), true) as sure
from segmentd_internal.installation i

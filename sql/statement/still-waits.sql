-- Whether something that was caused before a snapshot is still to be drained. $1 the snapshot (pg_snapshot as text),
-- $2 lanes, $3 floors (xid8 as text), $4 floors (contact key as text). Rows: one; `snapshot` that of this question. Locks: none.
-- Work that is put off carries the `origin` of the work it was; work that a move sets off does not, and is seen by a later snapshot.
select pg_current_snapshot()::text as snapshot, exists (
    select from unnest($2::smallint[], $3::text[]::xid8[], $4::text[]::segmentd.contact_key[]) as floor(lane, xid, contact_id)
    where exists (
      select from segmentd_internal.change c
      where c.shard = floor.lane and (c.xid, c.contact_id) >= (floor.xid, floor.contact_id)
        and pg_visible_in_snapshot(coalesce(c.origin, c.xid), $1::text::pg_snapshot)
    )
  )
  or exists (
    select from segmentd_internal.change c where c.shard between 64 and 127 and pg_visible_in_snapshot(coalesce(c.origin, c.xid), $1::text::pg_snapshot)
  )
  or exists (
    select from segmentd_internal.recheck r where r.epoch is null and pg_visible_in_snapshot(r.origin, $1::text::pg_snapshot)
  ) as waits

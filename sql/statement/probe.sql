-- The work that waits, in one query. $1 lanes (shards; from 128 on their crossings), $2 floors (xid8 as text), $3
-- floors (contact key as text), $4 segments whose rechecks wait. Rows: one; `changed` are the lanes with changes or
-- crossings, `queued` the shards with rechecks. `asked_at` is older than the snapshot of the answer, so "nothing to
-- drain" holds as of it. Locks: none.
select statement_timestamp()::text as asked_at, pg_current_snapshot()::text as snapshot,
  array(
    select floor.lane
    from unnest($1::smallint[], $2::text[]::xid8[], $3::text[]::segmentd.contact_key[]) as floor(lane, xid, contact_id)
    where exists (
      select from segmentd_internal.change c
      where c.shard = floor.lane and (c.xid, c.contact_id) >= (floor.xid, floor.contact_id)
    )
  ) as changed,
  array(
    select s.shard from unnest($1::smallint[]) as s(shard)
    where s.shard < 64 and exists (
      select from segmentd_internal.recheck r
      where r.shard = s.shard and r.epoch is null and r.segment_id <> all ($4::int[])
    )
  ) as queued,
  exists (select from segmentd_internal.change c where c.shard between 64 and 127) as links,
  exists (select from segmentd.segment_version v where v.state = 'proposed')
    or exists (
    select from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id
    where s.wanted_state = 'live' and s.state in ('live', 'building', 'held', 'failed', 'invalid')
  )
    or exists (
      select from segmentd.segment s
      where s.state = 'building'
        or s.wanted_state in ('paused', 'archived', 'deleted') and s.state <> s.wanted_state
        or s.wanted_state = 'live' and s.state in ('paused', 'archived', 'deleted')
        or s.state = 'held' and s.confirmed_version >= s.version
        or s.state = 'live' and s.live_version <> s.version and s.error is null
    ) as keep

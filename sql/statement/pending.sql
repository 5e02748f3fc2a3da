-- Whether work caused before a snapshot is still to be done. $1 the snapshot (pg_snapshot as text), $2 keys of the segments
-- whose builds count, or null for all, $3 keys of those whose builds do not. Rows: pending. Locks: none.
-- A consumed row disappears in the transaction that made its effect visible, so "none" means "all visible".
select exists (
    select from segmentd.change c where pg_visible_in_snapshot(coalesce(c.origin, c.xid), $1::text::pg_snapshot)
  )
  or exists (
    select from segmentd.recheck r where r.epoch is null and pg_visible_in_snapshot(r.origin, $1::text::pg_snapshot)
  )
  or exists (
    select from segmentd.segment s
    join segmentd.segment_version v on v.segment_id = s.id and v.version = s.version
    where s.wanted_state = 'live'
      and ($2::text[] is null or s.key = any ($2)) and s.key <> all ($3::text[])
      and (v.state = 'proposed' and s.state in ('live', 'building', 'held') or v.state = 'held' and s.confirmed_version >= s.version
        or v.state = 'accepted' and s.state in ('live', 'building')
        and (s.state = 'building' or s.live_version is distinct from s.version))
  )
  or exists (
    select from segmentd.rebuild_request r join segmentd.segment s on s.id = r.segment_id
    where s.wanted_state = 'live' and s.state in ('live', 'building', 'held', 'failed')
      and ($2::text[] is null or s.key = any ($2)) and s.key <> all ($3::text[])
  )
  -- Its end has come, and nobody has taken it back yet.
  or exists (select from segmentd.wish w where w.expires_at <= (select segmentd.instant())) as pending

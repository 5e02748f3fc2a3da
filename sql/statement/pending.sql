-- Whether work that a snapshot shows is still to be done, and what the next question is to be asked with.
-- $1 the snapshot (pg_snapshot as text), $2 keys of the segments that count, or null for all, $3 keys of segments that will not be built,
-- $4 and $5 segments and their versions that were owed at the snapshot, $6 segments whose wanted state was not carried out then.
-- Rows: one. `pending`: some of the snapshot's work is left. `more`: work is left, of the snapshot or later. Locks: none.
-- Work disappears in the transaction that makes its effect visible and queues what follows from it, so "none" means "all visible".
with work (origin) as not materialized (
  select coalesce(c.origin, c.xid) from segmentd_internal.change c
  union all
  select r.origin from segmentd_internal.recheck r
  where r.epoch is null and ($2::text[] is null or exists (select from segmentd.segment s where s.id = r.segment_id and s.key = any ($2)))
  union all
  select r.origin from segmentd_internal.rebuild_request r join segmentd.segment s on s.id = r.segment_id
  where s.wanted_state = 'live' and s.state in ('live', 'building', 'held', 'failed', 'invalid')
    and ($2::text[] is null or s.key = any ($2)) and s.key <> all ($3::text[])
  union all
  -- A build of a version that was owed has no origin: its version counts below.
  select b.origin from segmentd_internal.build b join segmentd.segment s on s.id = b.segment_id
  where b.origin is not null and b.phase = 'staging' and s.wanted_state = 'live' and s.state = 'building'
    and ($2::text[] is null or s.key = any ($2)) and s.key <> all ($3::text[])
), wanted as materialized (
  select s.id, s.version, coalesce(s.live_version, 0) as live_version,
    s.wanted_state = 'live' and s.key <> all ($3::text[]) and (
      v.state = 'proposed' and s.state in ('live', 'building', 'held', 'failed', 'invalid')
      or v.state = 'held' and s.confirmed_version >= s.version
      or v.state = 'accepted' and s.live_version is distinct from s.version
        and (s.state = 'live' or s.state = 'building' or s.state = 'failed' and b.version is distinct from s.version)
    ) as owed,
    s.wanted_state in ('paused', 'archived', 'deleted') and s.state not in (s.wanted_state, 'deleted')
      or s.wanted_state = 'live' and s.state in ('paused', 'archived', 'deleted') as waiting
  from segmentd.segment s
  join segmentd.segment_version v on v.segment_id = s.id and v.version = s.version
  left join segmentd_internal.build b on b.segment_id = s.id
  where $2::text[] is null or s.key = any ($2)
)
select pg_current_snapshot()::text as snapshot,
  exists (select from work w where pg_visible_in_snapshot(w.origin, $1::text::pg_snapshot))
    or exists (
      select from wanted w join unnest($4::int[], $5::int[]) as was(id, version) on was.id = w.id
      where w.owed and w.live_version < was.version)
    or exists (select from wanted w where w.waiting and w.id = any ($6::int[])) as pending,
  exists (select from work) or exists (select from wanted w where w.owed or w.waiting) as more,
  array(select w.id from wanted w where w.owed order by w.id) as owed,
  array(select w.version from wanted w where w.owed order by w.id) as owed_versions,
  array(select w.id from wanted w where w.waiting) as waiting

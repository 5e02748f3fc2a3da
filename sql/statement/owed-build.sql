-- Builds that are owed: a wanted version that is accepted and not live, a request, or a build whose owner died. $1 segment ids to
-- leave out, $2 at most. Rows: one a segment with the version to build. Locks: none.
-- An owner is alive while its backend is and its lease lasts; a build that failed waits for a new version or a request.
select s.id, s.key, s.live_version, v.version, v.kind, v.condition, v.timezone,
  coalesce(
    (select r.reason from segmentd_internal.rebuild_request r where r.segment_id = s.id order by array_position(array['delete', 'manual', 'contact', 'related', 'segment', 'time', 'repair', 'edit'], r.reason), r.id limit 1),
    case when b.phase = 'staging' then b.reason end,
    'edit'
  ) as reason
from segmentd.segment s
left join segmentd.segment_version w on w.segment_id = s.id and w.version = s.version
join segmentd.segment_version v on v.segment_id = s.id
  and v.version = case when w.state = 'accepted' then w.version else s.live_version end
left join segmentd_internal.build b on b.segment_id = s.id
where s.wanted_state = 'live' and s.state in ('building', 'live', 'held', 'failed')
  and v.state = 'accepted'
  -- A segment with members that becomes static or a snapshot is not built: its members are taken over (lifecycle/carry-out.ts).
  and (v.kind = 'dynamic' or s.live_version is null or s.live_version = v.version)
  and s.id <> all ($1::int[])
  and not (
    b.phase = 'staging' and b.lease_until > clock_timestamp()
    and exists (
      select from pg_catalog.pg_stat_activity a
      -- When another role's session began is hidden; the lease bounds what a process id that was used again can pretend.
      where a.pid || ' ' || a.backend_start = b.owner or a.backend_start is null and b.owner like a.pid || ' %')
  )
  and (
    exists (select from segmentd_internal.rebuild_request r where r.segment_id = s.id)
    or s.live_version is distinct from v.version and not (s.state = 'failed' and b.version = v.version)
    or s.state = 'building' and b.phase = 'staging'
  )
order by s.id
limit $2

-- after: clock, condition-limit
-- How each segment stands. Columns are only ever appended: teams build views on these. Three causes make a segment less fresh. A segment that
-- it reads, directly or through others, is frozen. A field of its windows has no usable index and is looked at rarely. A rebuild is owed for
-- changes of rows (an emptied table, a segment that it reads and that moved many). The view reads conditions only while a cause exists.
create or replace view segmentd.segment_status as
with recursive held_up (id, key, since, cause) as (
  select s.id, s.key, s.frozen_at, 'frozen' from segmentd.segment s where s.frozen_at is not null and s.live_version is not null
  union all
  select s.id, s.key, min(e.as_of), 'late'
  from segmentd_internal.edge e
  join segmentd_internal.segment_edge l on l.edge_id = e.id
  join segmentd.segment s on s.id = l.segment_id and s.live_version = l.version
  where e.as_of is not null
  group by s.id, s.key
  union all
  select s.id, s.key, min(o.as_of), 'owed'
  from (
    select r.segment_id, r.as_of from segmentd_internal.rebuild_request r where r.reason in ('delete', 'manual', 'contact', 'related', 'segment', 'time')
    union all
    select b.segment_id, b.as_of from segmentd_internal.build b where b.as_of is not null and b.phase = 'staging'
  ) o
  join segmentd.segment s on s.id = o.segment_id and s.live_version is not null
  where o.as_of is not null
  group by s.id, s.key
), standing (id, key, since, still, cause) as (
  select h.id, h.key, h.since, h.key, h.cause from held_up h
  union
  select s.id, s.key, b.since, b.still, b.cause
  from standing b
  join segmentd.segment s on s.kind = 'dynamic'
  join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
    and b.key = any (segmentd_internal.segments_read(v.condition))
), stale as (
  select t.id, min(t.since) filter (where t.cause <> 'late') as since, min(t.since) as time_since,
    array_agg(distinct t.still order by t.still) filter (where t.key <> t.still and t.cause = 'frozen') as reads
  from standing t group by t.id
)
select
  s.key,
  s.state,
  (select coalesce(sum(m.members), 0) from segmentd_internal.member_count m where m.segment_id = s.id)::bigint as members,
  case when f.time_as_of is not null then least(f.rows_as_of, f.time_as_of) end as fresh_as_of,
  s.version,
  s.live_version,
  case when b.phase = 'staging' then
    case when b.total > 0 then least(b.done::numeric / b.total, 1)::numeric(5, 4) else 0 end
  end as progress,
  s.error,
  s.name,
  s.kind,
  s.wanted_state,
  b.phase,
  coalesce(t.reads, '{}') as stale,
  f.rows_as_of,
  f.time_as_of,
  coalesce((
    select array_agg(distinct coalesce(r.detail, 'a rebuild was asked for (' || r.reason || ')'))
    from segmentd_internal.rebuild_request r where r.segment_id = s.id and s.wanted_state = 'live'
  ), '{}') as owed,
  v.sentence
from segmentd.segment s
cross join segmentd_internal.installation i
left join segmentd.segment_version v on v.segment_id = s.id and v.version = coalesce(s.live_version, s.version)
left join segmentd_internal.build b on b.segment_id = s.id
left join stale t on t.id = s.id
cross join lateral (
  select
    case when s.live_version is not null then least(t.since, i.rows_as_of) end as rows_as_of,
    case when s.live_version is null then null
      -- Usually both agree, and the view need not know which segments have windows.
      when i.time_as_of > i.rows_as_of - interval '10 seconds' then least(t.time_since, i.time_as_of)
      when exists (select from segmentd_internal.segment_edge l where l.segment_id = s.id and l.version = s.live_version)
        or jsonb_path_exists(v.condition, '$.**.in_segment')
        then case when i.time_as_of is not null or t.since is not null then least(t.time_since, i.time_as_of) end
      else least(t.since, i.rows_as_of)
    end as time_as_of
) f;

comment on view segmentd.segment_status is 'How each segment stands.';
comment on column segmentd.segment_status.key is 'Key of the segment.';
comment on column segmentd.segment_status.state is 'building, live, held, paused, invalid, failed, archived or deleted.';
comment on column segmentd.segment_status.members is 'Exact number of members.';
comment on column segmentd.segment_status.fresh_as_of is 'The earlier of rows_as_of and time_as_of: everything before this instant is in the membership, also of the segments it reads; null before the first build.';
comment on column segmentd.segment_status.version is 'Version that is wanted.';
comment on column segmentd.segment_status.live_version is 'Version that the members come from; null before the first build.';
comment on column segmentd.segment_status.progress is 'Share (0-1) of a running build that is done; null when none runs.';
comment on column segmentd.segment_status.error is 'Why the wanted version cannot be kept; null when it can.';
comment on column segmentd.segment_status.name is 'Name for people.';
comment on column segmentd.segment_status.kind is 'dynamic, static or snapshot.';
comment on column segmentd.segment_status.wanted_state is 'State that was asked for.';
comment on column segmentd.segment_status.phase is 'Phase of the last build.';
comment on column segmentd.segment_status.stale is 'Keys of the segments that it reads, directly or through others, and that stand still: fresh_as_of is no later than their last members.';
comment on column segmentd.segment_status.rows_as_of is 'Changes committed before this instant are in the membership, also of the segments it reads.';
comment on column segmentd.segment_status.time_as_of is 'Windows that ran out before this instant are in the membership, also of the segments it reads; earlier where their field has no usable index.';
comment on column segmentd.segment_status.owed is 'Why a rebuild is owed; empty when none is.';
comment on column segmentd.segment_status.sentence is 'The condition of the live version in English, before the first build of the wanted one; null until it is validated.';

create or replace view segmentd.member as
select s.key as segment_key, s.name as segment_name, m.contact_id, m.entered_at
from segmentd.membership m
join segmentd.segment s on s.id = m.segment_id;

comment on view segmentd.member is 'Members of every segment now.';
comment on column segmentd.member.segment_key is 'Key of the segment.';
comment on column segmentd.member.segment_name is 'Name of the segment.';
comment on column segmentd.member.contact_id is 'Key of the contact.';
comment on column segmentd.member.entered_at is 'Instant of the evaluation that let the contact in.';

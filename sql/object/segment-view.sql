-- after: clock
-- How each segment stands. Columns are only ever appended: teams build views on these. Who reads a segment that stands still
-- goes on with the members it had, directly or through others, and is no fresher than that. Conditions are looked into
-- only while something stands still.
create or replace view segmentd.segment_status as
with recursive frozen as (
  select s.id, s.key, s.frozen_at from segmentd.segment s where s.frozen_at is not null and s.live_version is not null
), standing (id, key, since, still) as (
  select r.id, r.key, r.frozen_at, r.key from frozen r
  union
  select s.id, s.key, b.since, b.still
  from standing b
  join segmentd.segment s on s.kind = 'dynamic'
  join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
    and jsonb_path_exists(v.condition, '$.**.in_segment[*] ? (@ == $key)', jsonb_build_object('key', b.key))
), stale as (
  select t.id, min(t.since) as since, array_agg(distinct t.still order by t.still) filter (where t.key <> t.still) as reads
  from standing t group by t.id
)
select
  s.key,
  s.state,
  coalesce(c.members, 0)::bigint as members,
  case
    when s.live_version is null then null
    else least(t.since, i.fresh_as_of)
  end as fresh_as_of,
  s.version,
  s.live_version,
  case when b.phase in ('waiting', 'staging', 'flipping') then
    case when b.total > 0 then least(b.done::numeric / b.total, 1)::numeric(5, 4) else 0 end
  end as progress,
  s.error,
  s.name,
  s.kind,
  s.wanted_state,
  b.phase,
  coalesce(t.reads, '{}') as stale
from segmentd.segment s
cross join segmentd.installation i
left join segmentd.build b on b.segment_id = s.id
left join stale t on t.id = s.id
left join (
  select m.segment_id, sum(m.members) as members from segmentd.member_count m group by m.segment_id
) c on c.segment_id = s.id;

comment on view segmentd.segment_status is 'How each segment stands.';
comment on column segmentd.segment_status.key is 'Key of the segment.';
comment on column segmentd.segment_status.state is 'building, live, held, paused, invalid, failed, archived or deleted.';
comment on column segmentd.segment_status.members is 'Exact number of members.';
comment on column segmentd.segment_status.fresh_as_of is 'Changes committed before this instant are in the membership, also of the segments it reads; null before the first build.';
comment on column segmentd.segment_status.version is 'Version that is wanted.';
comment on column segmentd.segment_status.live_version is 'Version that the members come from; null before the first build.';
comment on column segmentd.segment_status.progress is 'Share (0-1) of a running build that is done; null when none runs.';
comment on column segmentd.segment_status.error is 'Why the wanted version cannot be kept; null when it can.';
comment on column segmentd.segment_status.name is 'Name for people.';
comment on column segmentd.segment_status.kind is 'dynamic, static or snapshot.';
comment on column segmentd.segment_status.wanted_state is 'State that was asked for.';
comment on column segmentd.segment_status.phase is 'Phase of the last build.';
comment on column segmentd.segment_status.stale is 'Keys of the segments that it reads, directly or through others, and that stand still: fresh_as_of is no later than their last members.';

create or replace view segmentd.member as
select s.key as segment_key, s.name as segment_name, m.contact_id, m.entered_at
from segmentd.membership m
join segmentd.segment s on s.id = m.segment_id;

comment on view segmentd.member is 'Members of every segment now.';
comment on column segmentd.member.segment_key is 'Key of the segment.';
comment on column segmentd.member.segment_name is 'Name of the segment.';
comment on column segmentd.member.contact_id is 'Key of the contact.';
comment on column segmentd.member.entered_at is 'Instant of the evaluation that let the contact in.';
